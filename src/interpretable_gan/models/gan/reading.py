"""How far a reading is from a code, attribute by attribute, whatever their kinds."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Known, NamedCode

PerAttribute = Float[Tensor, "batch attributes"]

SPREAD = 1 / 3
"""σ of a continuous reading around its value, in a range of [-1, 1]: a sixth of the range."""


class Reading(nn.Module):
    """Compares linear readings ŝ with codes, for the named attributes of a schema.

    Binary attributes by cross-entropy with the probability (1 + s) / 2, categorical ones by
    cross-entropy over their levels, continuous ones by squared error over 2σ², as a Gaussian's
    log-likelihood has it. Buffers follow the networks to their device; ``owners`` (columns,
    attributes) is 1 where a column belongs to an attribute, ``measured`` (named columns,) says
    which are continuous, ``taught`` are the columns of taught attributes, which are binary.
    """

    binary: Tensor
    continuous: Tensor
    measured: Tensor
    taught: Tensor
    owners: Tensor

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.schema = schema
        kinds: dict[str, list[int]] = {"binary": [], "categorical": [], "continuous": []}
        for number, attribute in enumerate(schema.named):
            kinds[attribute.kind].append(number)
        self.kinds = kinds
        self.spans = [schema.slices[attribute.name] for attribute in schema.named]
        self.register_buffer("binary", self._first_columns("binary"), persistent=False)
        self.register_buffer("continuous", self._first_columns("continuous"), persistent=False)
        measured = torch.zeros(schema.named_columns, dtype=torch.bool)
        measured[self.continuous] = True
        self.register_buffer("measured", measured, persistent=False)
        taught = torch.arange(schema.trained.columns, schema.columns)
        self.register_buffer("taught", taught, persistent=False)

        owners = torch.zeros(schema.columns, len(schema.names))
        for number, name in enumerate(schema.names):
            owners[schema.slices[name], number] = 1
        self.register_buffer("owners", owners, persistent=False)

    def _first_columns(self, kind: str) -> Tensor:
        return torch.tensor(
            [self.spans[number].start for number in self.kinds[kind]], dtype=torch.long
        )

    def error(self, reading: Code, code: NamedCode) -> PerAttribute:
        """Cross-entropy or squared error per named attribute; 0 would be a perfect reading."""
        errors = reading.new_zeros(len(reading), len(self.spans))
        if self.kinds["binary"]:
            claimed = (1 + code[:, self.binary]) / 2
            errors[:, self.kinds["binary"]] = F.binary_cross_entropy_with_logits(
                reading[:, self.binary], claimed, reduction="none"
            )
        if self.kinds["continuous"]:
            gap = reading[:, self.continuous] - code[:, self.continuous]
            errors[:, self.kinds["continuous"]] = gap.square() / (2 * SPREAD**2)
        for number in self.kinds["categorical"]:
            levels = self.spans[number]
            errors[:, number] = F.cross_entropy(
                reading[:, levels], code[:, levels].argmax(dim=1), reduction="none"
            )
        return errors

    def agrees(self, reading: Code, code: NamedCode) -> Bool[Tensor, "batch attributes"]:
        """Does the reading say what the code says? Continuous: within a sixth of the range."""
        same = torch.zeros(len(reading), len(self.spans), dtype=torch.bool, device=reading.device)
        same[:, self.kinds["binary"]] = (reading[:, self.binary] > 0) == (code[:, self.binary] > 0)
        gap = (reading[:, self.continuous] - code[:, self.continuous]).abs()
        same[:, self.kinds["continuous"]] = gap < 1 / 3
        for number in self.kinds["categorical"]:
            levels = self.spans[number]
            same[:, number] = reading[:, levels].argmax(1) == code[:, levels].argmax(1)
        return same

    def known(self, known: Known) -> Bool[Tensor, "batch attributes"]:
        """Which attributes carry a label, from which cells do."""
        return known[:, [span.start for span in self.spans]]

    def odds(self, reading: Float[Tensor, "*batch named"]) -> Float[Tensor, "*batch named"]:
        """Readings of named columns with levels, too, as log-odds: of each against the others."""
        odds = reading.clone()
        for number in self.kinds["categorical"]:
            levels = self.spans[number]
            odds[..., levels] = torch.logit(reading[..., levels].softmax(dim=-1), eps=1e-6)
        return odds

    def as_code(self, reading: Code) -> Code:
        """Readings of all columns as a code in [-1, 1]."""
        code = reading.clamp(-1, 1)
        for columns in (self.binary, self.taught):
            code[:, columns] = 2 * torch.sigmoid(reading[:, columns]) - 1
        for number in self.kinds["categorical"]:
            levels = self.spans[number]
            code[:, levels] = 2 * torch.softmax(reading[:, levels], dim=1) - 1
        return code
