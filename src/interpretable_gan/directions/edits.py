"""Every edit that directions are found for."""

from __future__ import annotations

import torch

from interpretable_gan.metrics.targets import targets
from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Index, Style


class Edits:
    """Every value that an attribute which is not continuous can be set to, ``(edits,)`` each.

    ``attribute``: which is set. ``column``: by which it is read, and on which ``side`` of 0, ±1.
    ``others``: the named columns of all other attributes, ``(edits, named)``.
    """

    def __init__(self, schema: Schema) -> None:
        wanted = [each for each in targets(schema) if schema[each.attribute].kind != "continuous"]
        count, numbers = len(wanted), {a.name: n for n, a in enumerate(schema.named)}
        self.attribute = torch.tensor([numbers[each.attribute] for each in wanted])
        self.column = torch.zeros(count, dtype=torch.long)
        self.side = torch.ones(count)
        self.others = torch.ones(count, schema.named_columns)
        self._values = torch.zeros(count, schema.columns)
        for number, target in enumerate(wanted):
            span = schema.slices[target.attribute]
            self.column[number] = span.start
            if schema[target.attribute].kind == "categorical":
                self.column[number] += target.reads
            elif not target.reads:
                self.side[number] = -1
            self.others[number, span] = 0
            self._values[number, span] = torch.from_numpy(target.columns)

    def asked(self, code: Code, chosen: Index) -> Code:
        """The codes, each with its chosen edit, all else as it was."""
        return torch.where(self._values[chosen] != 0, self._values[chosen], code)

    def orders(self, code: Code, asked: Code, style: Style, chosen: Index) -> Orders:
        """The codes and, behind them, their edits, as training has them."""
        known = torch.ones(2 * len(code), self.others.shape[1], dtype=torch.bool)
        return Orders(
            code=torch.cat([code, asked]),
            style=torch.cat([style, style]),
            known=known,
            kept=len(code),
            twin_of=torch.arange(len(code)),
            changed=self.attribute[chosen],
        )
