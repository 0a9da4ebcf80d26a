"""Why this decision on a row of a table? Its score as an exact sum over columns and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.errors import RunError, did_you_mean
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.reference import EVERY, TYPICAL, Reference
from interpretable_gan.models.terms import Terms
from interpretable_gan.schema.cells import tell_number, write_cell
from interpretable_gan.schema.schema import Schema

Array = NDArray[np.float64]

SAID = 3
"""Columns that a sentence names on either side."""

LONG = 40
"""Letters of a cell beside a bar or in a sentence."""

REASONS = 4
"""Reasons that lenders give for a decision; more say less."""


@dataclass(frozen=True, eq=False)
class RowExplanation(Explanation):
    """Why rows of a table get their predicted target.

        score = bias + Σ columns + Σ pairs of columns
        score = mean score of the reference group + Σ shares of columns

    Both sums are exact. In the second, what a pair adds is divided between its two columns
    (interventional Shapley values, see `Reference.column_shares`), so that each column has one
    number.

    terms: the score as the head computes it, over columns and pairs
    columns: the columns of the head, in the order of ``shares_of_columns``
    shares_of_columns: what each column adds against the reference group  (row, column)
    predicted: probability of the wanted value, the number, or the expected count  (row,)
    approved: whether that reaches the threshold  (row,); all True where there is none
    cells: the rows as the table writes them, column name → texts
    typical: the reference group's middle number or most frequent level, column name → text
    reference: what the group is called
    reference_rows: how many rows it has
    reference_score: its mean score
    """

    schema: Schema
    wanted: str
    link: str
    terms: Terms
    columns: tuple[str, ...]
    shares_of_columns: Array
    predicted: Array
    approved: NDArray[np.bool_]
    cells: dict[str, list[str]]
    typical: dict[str, str]
    reference: str
    reference_rows: int
    reference_score: float

    def __len__(self) -> int:
        return len(self.predicted)

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """row, column."""
        return {"row": tuple(range(len(self))), "column": self.columns}

    @property
    def score(self) -> Array:
        """What the head itself computed, (row,)."""
        return self.terms.total.cpu().numpy()

    @property
    def sum_error(self) -> float:
        """Worst gap of either sum, relative to the score where that is larger than 1. Lower is
        better; rounding leaves about 1e-15."""
        whole = self.reference_score + self.shares_of_columns.sum(axis=1)
        gap = np.abs(whole - self.score) / np.maximum(np.abs(self.score), 1)
        return max(float(self.terms.error()), float(gap.max(initial=0.0)))

    @property
    def shares(self) -> dict[str, Array]:
        """Shares of named, discovered and residual terms in the sum of absolute terms, (row,)
        each. Every term of a head has a name."""
        return {name: each.cpu().numpy() for name, each in self.terms.shares().items()}

    def totals(self, row: int = 0) -> dict[str, float]:
        """What each column adds to one row's score against the reference group."""
        return dict(zip(self.columns, self.shares_of_columns[row].tolist(), strict=True))

    def strongest(self, row: int = 0, count: int = 8) -> list[tuple[str, float]]:
        """The columns that move one row's score most, with what they add."""
        return sorted(self.totals(row).items(), key=lambda pair: -abs(pair[1]))[:count]

    def reasons(self, row: int = 0, count: int = REASONS) -> list[str]:
        """What counts most against one row, in words, the strongest first: at most ``count``
        columns whose share is below 0.

        A declined applicant must be told the principal reasons; comparing with approved applicants
        is one of the two ways that the commentary on the United States' Regulation B names.
        """
        against = sorted(self.totals(row).items(), key=lambda pair: pair[1])[:count]
        return [self._reason(name, row) for name, share in against if share < 0]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per row of the table and term, and one per bias; those of one row of the table
        add up to its score."""
        told: list[dict[str, Any]] = []
        for row in range(len(self)):
            told.append({"row": row, "term": None, "value": float(self.terms.bias)})
            for part in self.terms.parts:
                for name, value in zip(part.rows, part.values[row, :, 0].tolist(), strict=True):
                    told.append({"row": row, "term": name, "value": value})
        return told

    def to_dict(self) -> dict[str, Any]:
        """Both sums, predictions, sentences and reasons."""
        return {
            "target": self.schema.target,
            "wanted": self.wanted,
            "predicted": self.predicted,
            "approved": self.approved,
            "score": self.score,
            "bias": float(self.terms.bias),
            "terms": {
                name: part.values[:, number, 0].cpu().numpy()
                for part in self.terms.parts
                for number, name in enumerate(part.rows)
            },
            "columns": {
                name: self.shares_of_columns[:, number] for number, name in enumerate(self.columns)
            },
            "reference": self.reference,
            "reference_rows": self.reference_rows,
            "reference_score": self.reference_score,
            "sum_error": self.sum_error,
            "shares": self.shares,
            "sentence": [self.sentence(row) for row in range(len(self))],
            "reasons": [self.reasons(row) for row in range(len(self))],
        }

    def sentence(self, row: int = 0) -> str:
        """What is predicted, and what pulls it up and down against the reference group."""
        ranked = self.strongest(row, len(self.columns))
        sides = {
            "up": [self._told(name, row, share) for name, share in ranked if share > 0][:SAID],
            "down": [self._told(name, row, share) for name, share in ranked if share < 0][:SAID],
        }
        pulled = [f"{side} by {joined(names)}" for side, names in sides.items() if names]
        said = f"It is pulled {joined(pulled)}, against {self._group()}." if pulled else ""
        return f"{self._prediction(row)} {said}".strip()

    def plot(self, row: int = 0, count: int = 12) -> Image.Image:
        """Bars of the columns that move one row's score most, against the reference group."""
        bars = {
            f"{self.schema[name].label} = {self._cell(name, row)}": share
            for name, share in self.strongest(row, count)
        }
        return bar_picture(bars, title=f"{self._prediction(row)} Against {self._group()}:")

    def _prediction(self, row: int) -> str:
        target, value = self.schema[self.schema.target or ""], self.predicted[row]
        if self.link == "logit":
            verdict = "approved" if self.approved[row] else "not approved"
            return f"{target.label} = {self.wanted}: probability {value:.2f}, {verdict}."
        what = "expected" if self.link == "log" else "put"
        return f"{target.label} is {what} at {tell_number(target, value)}."

    def _group(self) -> str:
        count = f"{self.reference_rows:,}"
        if self.reference == EVERY:
            return f"all {count} training rows"
        if self.reference == TYPICAL:
            return f"{count} approved training rows"
        return f"{count} training rows with {self.reference}"

    def _told(self, name: str, row: int, share: float) -> str:
        return f"{self.schema[name].label} = {self._cell(name, row)} ({share:+.2f})"

    def _cell(self, name: str, row: int) -> str:
        """A cell as people read it, shortened."""
        cell = self.cells[name][row]
        if not self._is_known(name, row):
            return "not known"
        return cell if len(cell) <= LONG else f"{cell[: LONG - 1]}…"

    def _is_known(self, name: str, row: int) -> bool:
        attribute, cell = self.schema[name], self.cells[name][row]
        return not attribute.is_missing(cell) or cell in attribute.levels

    def _reason(self, name: str, row: int) -> str:
        attribute, cell = self.schema[name], self.cells[name][row]
        usual, unit = self.typical[name], f" {attribute.unit}".rstrip()
        said = f"{cell}{unit}" if self._is_known(name, row) else "not known"
        if cell == usual:
            beside = "better on average"
        elif attribute.has_order:
            beside = f"half have {usual}{unit} or less"
        else:
            beside = f"most often {usual}{unit}"
        group = "approved rows" if self.reference == TYPICAL else f"{self.reference} rows"
        return f"{attribute.label} is {said} ({group}: {beside})"


def explain_rows(
    model: TableModel, examples: Any, *, against: str | Reference | None = None
) -> RowExplanation:
    """Say why rows of a table get their predicted target: exact sums, against a reference group.

    Args:
        model: of a table, with a head for a target.
        examples: rows as `TableModality.check` takes them: a data frame, columns, a file.
        against: ``approved`` or ``all`` training rows, or a `Reference` of your own. By default
            approved ones where the target has a wanted value, else all.

    Raises:
        DataError: rows that are none of this table.
        RunError: no target, or no such group.
    """
    head, rows = model.head, model.modality.check(examples).to(model.device)
    if against is None:
        against = TYPICAL if TYPICAL in model.references else EVERY
    if isinstance(against, str):
        if against not in model.references:
            raise RunError(
                f"no group {against!r} of training rows is kept."
                f"{did_you_mean(against, list(model.references))} There are: "
                f"{', '.join(model.references)}."
            )
        against = model.references[against]
    terms = head.terms(rows)
    predicted = head.predicted(terms.total).cpu().numpy()
    typical = against.typical.tolist()
    return RowExplanation(
        schema=model.schema,
        wanted=head.wanted,
        link=head.link,
        terms=terms,
        columns=head.columns,
        shares_of_columns=against.column_shares(head, rows).cpu().numpy(),
        predicted=predicted,
        approved=predicted >= model.config.threshold
        if head.link == "logit"
        else np.ones(len(rows), bool),
        cells=model.modality.written(rows),
        typical={
            attribute.name: write_cell(attribute, cell)
            for attribute, cell in zip(model.schema.named, typical, strict=True)
        },
        reference=against.name,
        reference_rows=against.rows,
        reference_score=float(against.score),
    )
