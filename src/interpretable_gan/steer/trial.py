"""The same edits, whichever model draws them: what asking for a value in full does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from interpretable_gan.chance import generator as chance
from interpretable_gan.errors import RunError
from interpretable_gan.models.base import Model
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, NamedCode, Scores, Style
from interpretable_gan.steer.readers import Readers

SAMPLES = 4096
"""Samples of the linear fit: about forty for each number of z."""
EDITS = 64
"""Edits over which a value's success and change are measured."""
BATCH = 512
"""Images at a time."""


class Value(NamedTuple):
    """What to ask for: ``on``, ``off`` or a level. It shows where the log-odds of ``column`` are on
    ``side`` of 0, ±1."""

    attribute: str
    label: str
    column: int
    side: int


class Outcome(NamedTuple):
    """What asking for each value in full does, ``(values,)``.

    success: of images without the value, the share that show it after the edit; 0 to 1, higher is
        better; nan where all had it.
    change: mean absolute change of the log-odds of the other readable attributes, in units of what
        a fresh style changes; lower is better; nan where there are no others.
    """

    success: Scores
    change: Scores


def values(schema: Schema, readable: Sequence[str]) -> list[Value]:
    """On and off of readable binary attributes, and every level of categorical ones."""
    found = []
    for attribute in schema.attributes:
        name, first = attribute.name, schema.slices[attribute.name].start
        if name in readable and attribute.kind == "binary":
            found += [Value(name, "on", first, 1), Value(name, "off", first, -1)]
        elif name in readable:  # a continuous one has no levels
            found += [Value(name, label, first + n, 1) for n, label in enumerate(attribute.levels)]
    return found


class Trial:
    """The same edits, whichever model draws them: every value asked in full of samples of ``model``
    that do not show it, as far as there are such.

    Args:
        readers: of the model's images; they read its named attributes, or all of them.
        asked: the attributes whose values are asked for; by default all that can be read.

    Raises:
        RunError: the model draws images that cannot be read.
    """

    def __init__(
        self, model: Model, readers: Readers, seed: int, asked: Sequence[str] | None = None
    ) -> None:
        schema, self.readers = model.schema, readers
        self.values = values(schema, readers.readable if asked is None else asked)
        self.code = model.codes(SAMPLES, seed=seed)
        self.style, fresh = torch.split(model.styles(2 * SAMPLES, seed=seed), SAMPLES)
        self.z = torch.cat([self.code[:, : schema.trained.columns], self.style], dim=1)
        self.odds = self._read(model, self.code, self.style)  # (samples, read)
        if not self.odds.isfinite().all():
            raise RunError(f"{model.name} draws images whose log-odds are NaN or infinite.")
        self.usual = (self._read(model, self.code, fresh) - self.odds).abs().mean(dim=0)
        owners = [each.name for each in schema.attributes for _ in range(each.width)]
        read = owners[: self.odds.shape[1]]
        others = [[n in readers.readable and n != v.attribute for n in read] for v in self.values]
        self.others = torch.tensor(others, device=self.odds.device)  # (values, read)
        self.side = torch.tensor([value.side for value in self.values]).to(self.odds)
        self.column = torch.tensor([value.column for value in self.values]).to(self.side.device)
        lacking = self.side * self.odds[:, self.column] <= 0  # (samples, values)
        self.rows = torch.multinomial(
            lacking.T.cpu() + 1e-6, EDITS, generator=chance(seed, "edits", 0)
        ).to(self.odds.device)
        edited = [
            schema.replace(self.code[rows], {value.attribute: value.label})
            for value, rows in zip(self.values, self.rows, strict=True)
        ]
        self.asked = torch.cat(edited)  # (values · EDITS, columns)

    def outcome(self, model: Model) -> Outcome:
        """What these edits do when ``model`` draws them."""
        before = self.odds[self.rows]  # (values, EDITS, read)
        after = self._read(model, self.asked, self.style[self.rows.flatten()]).view_as(before)
        own = torch.arange(len(self.values)), slice(None), self.column
        had, has = (self.side * odds[own].T > 0 for odds in (before, after))  # (EDITS, values)
        change = (after - before).abs().mean(dim=1)  # (values, read)
        return Outcome(
            success=(has & ~had).sum(dim=0) / (~had).sum(dim=0),
            change=(change * self.others).sum(dim=1) / (self.usual * self.others).sum(dim=1),
        )

    def _read(self, model: Model, code: Code, style: Style) -> NamedCode:
        parts = zip(torch.split(code, BATCH), torch.split(style, BATCH), strict=True)
        return torch.cat([self.readers(model.draw(*part)) for part in parts])
