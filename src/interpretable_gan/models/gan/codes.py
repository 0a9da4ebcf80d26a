"""Which codes the generator is asked for: rows of the labels, and rows with one change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Int
from torch import Tensor

from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Known, NamedCode, Scores, Style


@dataclass(frozen=True)
class Orders:
    """What the generator is asked to draw in one step.

    The first ``kept`` rows are codes of real images. The others are twins of these, with equal
    style and discovered part, in which one named attribute was changed to a value that the data
    may lack beside the rest.
    """

    code: Code
    style: Style
    known: Known
    kept: int
    twin_of: Int[Tensor, " edited"]
    changed: Int[Tensor, " edited"]

    @property
    def paired(self) -> Scores:
        """1 where a real image has the same named code, 0 for changed ones."""
        paired = torch.ones(len(self.code), device=self.code.device)
        paired[self.kept :] = 0
        return paired

    def recalling(self, found: Code, style: Style) -> Orders:
        """The same orders, but the first rows and their twins have what was discovered in real
        images, ``found`` (recalled, discovered), and read of them as ``style`` (recalled, style).
        """
        rows = torch.cat([torch.arange(self.kept, device=style.device), self.twin_of])
        named = self.code.shape[1] - found.shape[1]
        found = torch.cat([found, self.code[len(found) : self.kept, named:]])
        style = torch.cat([style, self.style[len(style) : self.kept]])
        code = torch.cat([self.code[:, :named], found[rows]], dim=1)
        return replace(self, code=code, style=style[rows])


def order(
    schema: Schema,
    labels: NamedCode,
    known: Known,
    *,
    style: int,
    edited: float,
    chance: torch.Generator,
) -> Orders:
    """Orders for one step from the named codes ``labels`` of its real images, on their device.

    Random numbers are drawn on the CPU, so that every device gives the same.
    """
    batch, device = len(labels), labels.device
    kept = batch - int(batch * edited)
    twin_of = torch.arange(batch - kept, device=device) % kept
    changed = torch.randint(len(schema.named), (batch - kept,), generator=chance).to(device)
    edits = change(schema, labels[twin_of], changed, chance)
    found = 2 * torch.rand(kept, schema.columns - schema.named_columns, generator=chance) - 1
    found = found.to(device)
    styles = torch.randn(kept, style, generator=chance).to(device)
    named = torch.cat([labels[:kept], edits])
    return Orders(
        code=torch.cat([named, torch.cat([found, found[twin_of]])], dim=1),
        style=torch.cat([styles, styles[twin_of]]),
        known=torch.cat([known[:kept], known[twin_of] | (edits != labels[twin_of])]),
        kept=kept,
        twin_of=twin_of,
        changed=changed,
    )


def change(
    schema: Schema, labels: NamedCode, attribute: Int[Tensor, " batch"], chance: torch.Generator
) -> NamedCode:
    """Copies of named codes in which row i has another value of named attribute ``attribute[i]``.

    Binary values flip (an unknown one becomes either) and levels become another level, in full
    however weak they were; continuous values are redrawn uniformly over the range.
    """
    others = _other_values(schema, labels, chance)
    owner = torch.cat(
        [torch.full((a.width,), number) for number, a in enumerate(schema.named)]
    )  # (named columns,)
    return torch.where(owner.to(labels.device) == attribute[:, None], others, labels)


def _other_values(schema: Schema, labels: NamedCode, chance: torch.Generator) -> NamedCode:
    """For every attribute of every row a value that differs from the present one."""
    coin = torch.rand(labels.shape, generator=chance).to(labels.device)
    others = torch.where(labels == 0, coin.sub(0.5).sign(), -labels.sign())
    for attribute in schema.named:
        columns = schema.slices[attribute.name]
        if attribute.kind == "continuous":
            others[:, columns] = 2 * coin[:, columns] - 1
        if attribute.kind == "categorical":
            absent = coin[:, columns] - 2 * (labels[:, columns] > 0)
            level = absent.argmax(dim=1, keepdim=True)
            others[:, columns] = torch.full_like(absent, -1.0).scatter(1, level, 1.0)
    return others
