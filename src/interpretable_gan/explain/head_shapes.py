"""What a target depends on over all: how much each column counts, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.models.tables.bins import MISSING, Bins
from interpretable_gan.models.tables.head import JOIN, AdditiveHead
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.cells import write_cell
from interpretable_gan.schema.schema import Schema

NORMAL = 1.96
"""Standard deviations on either side of a 95 % interval."""

ROUNDING = 1e-6
"""Share of the last digit by which an end may miss a number, as sums of floats do."""

SAID = 3
"""Columns that the sentence names."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """One bin of a shape function.

    Args:
        label: what lies in it: a level, a range of numbers, or ``not known``.
        low, high: its ends, of numbers; nan of levels.
        value: what it adds to the score.
        interval: 95 %, from how far refits on 85 % of the rows differ.
        rows: training rows in it; where there are none the value is a guess.
    """

    label: str
    low: float
    high: float
    value: float
    interval: tuple[float, float]
    rows: int


@dataclass(frozen=True, eq=False)
class HeadExplanation(Explanation):
    """How much each column and pair counts for a target, and the shape of each column.

    importance: column or pair → mean absolute value of its term over training rows
    shapes: column → the pieces of its shape function, in the order of numbers or levels
    rows: training rows
    """

    schema: Schema
    wanted: str
    importance: Mapping[str, float]
    shapes: Mapping[str, tuple[Piece, ...]]
    rows: int

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """term."""
        return {"term": tuple(self.importance)}

    def strongest(self, count: int = 8) -> list[str]:
        """The columns and pairs that count most."""
        return sorted(self.importance, key=lambda name: -self.importance[name])[:count]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per column or pair, the most important first."""
        return [
            {"term": name, "importance": self.importance[name]}
            for name in self.strongest(len(self.importance))
        ]

    def to_dict(self) -> dict[str, Any]:
        """Importance, shapes and the sentence."""
        return {
            "target": self.schema.target,
            "wanted": self.wanted,
            "importance": dict(self.importance),
            "shapes": {
                name: [vars(piece) for piece in pieces] for name, pieces in self.shapes.items()
            },
            "rows": self.rows,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """What the target rests on most."""
        told = [f"{name} ({self.importance[name]:.2f})" for name in self.strongest(SAID)]
        target = self.schema.target
        what = f"{target} = {self.wanted}" if self.wanted else target
        return f"{what} rests most on {joined(told)}: mean change of the score by each."

    def plot(self, count: int = 12) -> Image.Image:
        """Bars of the columns and pairs that count most."""
        bars = {name: self.importance[name] for name in self.strongest(count)}
        return bar_picture(bars, title="Mean change of the score", form=".2f")

    def shape(self, name: str) -> tuple[Piece, ...]:
        """The shape function of one column.

        Raises:
            UnknownAttributeError: the head looks at no such column.
        """
        if name not in self.shapes:
            raise UnknownAttributeError(name, known=list(self.shapes), schema=self.schema.name)
        return self.shapes[name]


def explain_head(model: TableModel, data: TableData) -> HeadExplanation:
    """How much each column counts for the target over the training rows, and its shape.

    A shape function is what its column adds, whatever the others are, but for the pairs that it is
    in.

    Args:
        model: of a table, with a head for a target.
        data: the table that it was trained on.

    Raises:
        RunError: the model has no target.
    """
    head = model.head
    rows = torch.from_numpy(data.cells[data.rows("train")]).to(model.device)
    values = head.values(rows)
    return HeadExplanation(
        schema=model.schema,
        wanted=head.wanted,
        importance={JOIN.join(term): float(added.abs().mean()) for term, added in values.items()},
        shapes={name: _pieces(head, name, rows) for name in head.columns},
        rows=len(rows),
    )


def _pieces(head: AdditiveHead, name: str, rows: torch.Tensor) -> tuple[Piece, ...]:
    """The shape function of one column; what no training row lacks has no piece of its own."""
    attribute, bins = head.schema[name], head.fine[name]
    values, spreads = head.scores[name,].tolist(), head.spreads[name,].tolist()
    counts = torch.bincount(head.places(rows, (name,))[0], minlength=bins.count).tolist()
    told = []
    for number in [*range(1, bins.count), MISSING]:
        if number == MISSING and not counts[MISSING]:
            continue
        low, high = (np.nan, np.nan)
        if number != MISSING and attribute.kind == "continuous":
            low, high = bins.ends(number)
        told.append(
            Piece(
                label=_label(attribute, bins, number),
                low=low,
                high=high,
                value=values[number],
                interval=(
                    values[number] - NORMAL * spreads[number],
                    values[number] + NORMAL * spreads[number],
                ),
                rows=counts[number],
            )
        )
    return tuple(told)


def _label(attribute: Attribute, bins: Bins, number: int) -> str:
    """What lies in a bin, in words."""
    if number == MISSING:
        return "not known"
    if len(bins.levels):
        same = (bins.levels == number).nonzero()[:, 0].tolist()
        return ", ".join(write_cell(attribute, float(level)) for level in same)
    low, high = bins.ends(number)
    if attribute.ordered:
        within = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        return ", ".join(write_cell(attribute, float(level)) for level in within)
    if attribute.decimals is None:
        return f"{low:.6g} to {high:.6g}"
    step = 10.0**-attribute.decimals
    first = float(np.ceil(low / step - ROUNDING)) * step
    last = high if number == bins.count - 1 else float(np.ceil(high / step - ROUNDING) - 1) * step
    ends = [write_cell(attribute, end) for end in (first, max(first, last))]
    return " to ".join(dict.fromkeys(ends))
