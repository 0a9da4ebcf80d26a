"""What would have to be different for a row to be approved? Changes that a person can make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import DataError
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.cells import write_cell
from interpretable_gan.schema.schema import Schema

MOST = 3
"""Columns that are changed at once, at most; nobody follows more."""

VALUES = 24
"""Values that are tried of a column: levels, or numbers that training rows have, evenly by rank."""

KEPT = 40
"""Single changes that are combined with each other: those that raise the score most."""

WAYS = 3
"""Ways that are told."""

MARGIN = 0.1
"""Share of the way from the threshold to 1 by which a way clears it: one that only just does may
not be approved when the model is fitted again."""

ONE_MORE = 0.5
"""What changing one more column costs, in units of going from the lowest to the highest rank."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """One column with another value, and how far that is in shares of the training rows between."""

    column: int
    cell: float
    distance: float


@dataclass(frozen=True, eq=False)
class RowChanges(Explanation):
    """Ways in which a row would be approved, the smallest changes first.

    Columns that a person can never change stay as they are, others go only the way that they can,
    and every value is one that the training rows have.

    before: predicted probability of the wanted value
    ways: for each way the columns that change, with their new cells
    after: predicted probabilities  (way,)
    judged: those of a model that learned apart from this one, or nan  (way,)
    judged_before: the same of the row as it is
    cells: the row as the table writes it
    """

    schema: Schema
    wanted: str
    threshold: float
    before: float
    ways: tuple[dict[str, str], ...]
    after: Array
    judged: Array
    judged_before: float
    cells: dict[str, str]

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """way."""
        return {"way": tuple(range(len(self.ways)))}

    @property
    def verified(self) -> NDArray[np.bool_]:
        """Whether the other model approves as well, (way,)."""
        return self.judged >= self.threshold

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per way and column that changes."""
        return [
            {
                "way": number,
                "column": name,
                "from": self.cells[name],
                "to": cell,
                "probability": float(self.after[number]),
                "verified": bool(self.verified[number]),
            }
            for number, way in enumerate(self.ways)
            for name, cell in way.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Ways, probabilities and sentences."""
        return {
            "target": self.schema.target,
            "wanted": self.wanted,
            "threshold": self.threshold,
            "before": self.before,
            "ways": self.ways,
            "after": self.after,
            "judged": self.judged,
            "judged_before": self.judged_before,
            "verified": self.verified,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The ways, one after the other, and whether the other model agrees."""
        target = f"{self.schema.target} = {self.wanted}"
        if self.before >= self.threshold:
            return f"{target}: probability {self.before:.2f}, approved as it is."
        if not self.ways:
            return (
                f"{target}: probability {self.before:.2f}, and no change of up to {MOST} columns "
                "that may change reaches approval."
            )
        told = [self._way(number) for number in range(len(self.ways))]
        return f"{target}: probability {self.before:.2f}. It would be approved with " + (
            "; or with ".join(told) + "."
        )

    def plot(self) -> Image.Image:
        """Bars of the probability of each way."""
        bars = {"as it is": self.before}
        for number, way in enumerate(self.ways):
            bars[", ".join(f"{n} = {cell}" for n, cell in way.items())] = self.after[number]
        return bar_picture(bars, title=f"{self.schema.target} = {self.wanted}", form=".2f")

    def _way(self, number: int) -> str:
        way = self.ways[number]
        changes = joined([f"{n} {cell} instead of {self.cells[n]}" for n, cell in way.items()])
        if np.isnan(self.judged[number]):
            judged = ""
        else:
            judged = ", verified" if self.verified[number] else ", but another model disagrees"
        return f"{changes} ({self.after[number]:.2f}{judged})"


def explain_changes(
    model: TableModel, row: Any, data: TableData, *, judge: Any = "trees", ways: int = WAYS
) -> RowChanges:
    """Small changes of one row by which it would be approved.

    The score is a sum over columns and pairs, so that every single change is tried, and the best
    of them in twos and threes. Ways that change other columns come before the same columns with
    other values, so that they differ.

    Args:
        model: of a table, with a head for a target that has a wanted value.
        row: one row, as `TableModality.check` takes it.
        data: the table, of which training rows say which values there are.
        judge: a fitted classifier of `judge_cells`, which learned apart; by default boosted trees
            are fitted on the training rows; None leaves the verification out.
        ways: how many to tell.

    Raises:
        DataError: not one row, or the target is a number.
        RunError: the model has no target.
    """
    head, config = model.head, model.config
    rows = model.modality.check(row).to(model.device)
    if len(rows) != 1:
        raise DataError(f"changes are looked for one row at a time, but got {len(rows)}.")
    if head.link != "logit":
        raise DataError(f"{head.target.name!r} is a number: no value of it counts as approval.")
    training = torch.from_numpy(data.cells[data.rows("train")])
    before = float(head.predict(rows))
    found: list[tuple[Change, ...]] = []
    if before < config.threshold:
        found = _search(model, rows, _changes(model, rows[0], training), ways)
    changed = torch.cat([rows, *(_changed(rows, each) for each in found)])
    if isinstance(judge, str):
        judge = fit_judge(data, config)
    judged = np.full(len(changed), np.nan)
    if judge is not None:
        judged = judge.predict_proba(judge_cells(model.schema, changed.numpy()))[:, 1]
    return RowChanges(
        schema=model.schema,
        wanted=head.wanted,
        threshold=config.threshold,
        before=before,
        ways=tuple(
            {model.schema.names[c.column]: _text(model.schema, c) for c in each} for each in found
        ),
        after=head.predict(changed[1:]).numpy() if found else np.empty(0),
        judged=judged[1:],
        judged_before=float(judged[0]),
        cells={name: texts[0] for name, texts in model.modality.written(rows).items()},
    )


def fit_judge(data: TableData, config: TableConfig) -> Any:
    """Boosted trees for the same target, which know nothing of the head: fitted on the training
    rows with a known target."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = data.cells[data.rows("train")]
    truth, _ = target_numbers(data.schema, rows, config)
    known = ~np.isnan(truth)
    judge = HistGradientBoostingClassifier(max_iter=100, random_state=config.seed)
    return judge.fit(judge_cells(data.schema, rows[known]), truth[known])


def judge_cells(schema: Schema, rows: Array) -> Array:
    """What a judge sees: all columns that may be used, but the target."""
    used = [a.name != schema.target and a.effect != "none" for a in schema.named]
    return rows[:, used]


def _changes(model: TableModel, row: Tensor, training: Tensor) -> list[Change]:
    """Every single change that a person can make, of every column that the head looks at."""
    found = []
    for name in model.head.columns:
        attribute, number = model.schema[name], model.schema.names.index(name)
        if attribute.change == "never":
            continue
        seen = training[:, number]
        seen = seen[~seen.isnan()].sort().values
        for cell, distance in _values(attribute, float(row[number]), seen):
            found.append(Change(number, cell, distance))
    return found


def _values(attribute: Attribute, now: float, seen: Tensor) -> list[tuple[float, float]]:
    """Other values of a column, each with how far it is, as a share of the training rows."""
    different = torch.unique_consecutive(seen)
    if len(different) > VALUES and attribute.has_order:
        ranks = torch.linspace(0, len(different) - 1, VALUES).round().long()
        different = different[ranks]
    told = []
    for cell in different.tolist():
        up = cell > now or np.isnan(now)
        if cell == now or {"up": not up, "down": up and not np.isnan(now)}.get(attribute.change):
            continue
        if np.isnan(now) or not attribute.has_order:
            told.append((cell, 0.5))
            continue
        low, high = (float(torch.searchsorted(seen, each)) for each in sorted((now, cell)))
        told.append((cell, (high - low) / max(len(seen), 1)))
    return told


def _search(
    model: TableModel, rows: Tensor, changes: list[Change], ways: int
) -> list[tuple[Change, ...]]:
    """The cheapest ways to approval, no two of which change the same columns."""
    head, threshold = model.head, model.config.threshold
    best = torch.cat([_changed(rows, (each,)) for each in changes]) if changes else rows
    gains = head.score(best) - head.score(rows)
    order = gains.argsort(descending=True).tolist()[:KEPT] if changes else []
    tried: list[tuple[Change, ...]] = [(each,) for each in changes]
    for count in range(2, MOST + 1):
        tried += [
            each
            for each in combinations([changes[number] for number in order], count)
            if len({change.column for change in each}) == count
        ]
    if not tried:
        return []
    said = head.predict(torch.cat([_changed(rows, each) for each in tried]))
    aim = threshold + MARGIN * (1 - threshold)
    able = [each for each, chance in zip(tried, said.tolist(), strict=True) if chance >= aim]
    able.sort(key=lambda each: sum(c.distance for c in each) + ONE_MORE * len(each))
    chosen: list[tuple[Change, ...]] = []
    for each in able:
        columns = {change.column for change in each}
        if all(not {c.column for c in other} <= columns for other in chosen):
            chosen.append(each)
        if len(chosen) == ways:
            break
    return chosen


def _changed(rows: Tensor, changes: tuple[Change, ...]) -> Tensor:
    """One row with some cells changed, (1, columns)."""
    changed = rows.clone()
    for change in changes:
        changed[0, change.column] = change.cell
    return changed


def _text(schema: Schema, change: Change) -> str:
    return write_cell(schema.named[change.column], change.cell)
