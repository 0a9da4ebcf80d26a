"""What would have to be different for a row to be approved, or for its number to be at least so
much? Changes that a person can make."""

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
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.cells import tell_number, write_cell
from interpretable_gan.schema.conditions import Condition, conditions
from interpretable_gan.schema.schema import Schema

MOST = 3
"""Columns that are changed at once, at most; nobody follows more."""

VALUES = 24
"""Values that are tried of a column: levels, or numbers that training rows have, evenly by rank."""

KEPT = 40
"""Single changes that are combined with each other: those that come closest without reaching what
is asked. One that does is never dearer than a combination with it."""

WAYS = 3
"""Ways that are told."""

MARGIN = 0.1
"""By how much a way clears what is asked, since one that only just does may not when the model is
fitted again: a share of the way from the threshold to 1, or of the standard deviation of the
predicted numbers."""

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
    """Ways in which a row would be approved, or its number be as asked, the smallest changes first.

    Columns that a person can never change stay as they are, others go only the way that they can,
    and every value is one that the training rows have.

    wanted: the value of the target that is wished for; '' of a number
    goal: the predictions that are wanted: probabilities from the threshold on, or numbers
    before: predicted probability of the wanted value, or the number
    ways: for each way the columns that change, with their new cells
    after: predictions  (way,)
    judged: those of a model that learned apart from this one, or nan  (way,)
    judged_before: the same of the row as it is
    cells: the row as the table writes it
    """

    schema: Schema
    wanted: str
    goal: Condition
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
        """Whether the other model agrees, (way,)."""
        return self.goal.holds(self.judged)

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per way and column that changes."""
        return [
            {
                "way": number,
                "column": name,
                "from": self.cells[name],
                "to": cell,
                "predicted": float(self.after[number]),
                "verified": bool(self.verified[number]),
            }
            for number, way in enumerate(self.ways)
            for name, cell in way.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Ways, predictions and sentences; an open end of the goal is infinite."""
        return {
            "target": self.schema.target,
            "wanted": self.wanted,
            "goal": (self.goal.low, self.goal.high),
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
        target = self.schema[self.schema.target or ""]
        if self.wanted:
            now, aim = f"{target.name} = {self.wanted}: probability {self.before:.2f}", "approved"
        else:
            now, aim = f"{target.name} is put at {tell_number(target, self.before)}", self._asked
        if bool(self.goal.holds(np.array(self.before))):
            return f"{now}, {aim} as it is."
        if not self.ways:
            aim = "approval" if self.wanted else aim
            return f"{now}, and no change of up to {MOST} columns that may change reaches {aim}."
        told = [self._way(number) for number in range(len(self.ways))]
        return f"{now}. It would be {aim} with {'; or with '.join(told)}."

    def plot(self) -> Image.Image:
        """Bars of the prediction for each way."""
        bars = {"as it is": self.before}
        for number, way in enumerate(self.ways):
            bars[", ".join(f"{n} = {cell}" for n, cell in way.items())] = self.after[number]
        if self.wanted:
            return bar_picture(bars, title=f"{self.schema.target} = {self.wanted}", form=".2f")
        form = ",.0f" if max(map(abs, bars.values())) >= 10_000 else ".4g"
        return bar_picture(bars, title=f"{self.schema.target}: {self._asked}", form=form)

    @property
    def _asked(self) -> str:
        """The numbers that are wanted, in words."""
        target = self.schema[self.schema.target or ""]
        low, high = (tell_number(target, end) for end in (self.goal.low, self.goal.high))
        if np.isinf(self.goal.high):
            return f"{low} or more"
        return f"{high} or less" if np.isinf(self.goal.low) else f"{low} to {high}"

    def _way(self, number: int) -> str:
        way, target = self.ways[number], self.schema[self.schema.target or ""]
        changes = joined([f"{n} {cell} instead of {self.cells[n]}" for n, cell in way.items()])
        after = float(self.after[number])
        told = f"{after:.2f}" if self.wanted else tell_number(target, after)
        if np.isnan(self.judged[number]):
            judged = ""
        else:
            judged = ", verified" if self.verified[number] else ", but another model disagrees"
        return f"{changes} ({told}{judged})"


def explain_changes(
    model: TableModel,
    row: Any,
    data: TableData,
    *,
    goal: str | None = None,
    judge: Any = "trees",
    ways: int = WAYS,
) -> RowChanges:
    """Small changes of one row by which it would be approved, or its number be as asked.

    The score is a sum over columns and pairs, so that every single change is tried, and the best
    of them in twos and threes. Ways that change other columns come before the same columns with
    other values, so that they differ.

    Args:
        model: of a table, with a head for a target.
        row: one row, as `TableModality.check` takes it.
        data: the table, of which training rows say which values there are.
        goal: of a target that is a number or a count: the predictions that are wanted, as a range
            such as ``25..``, ``..40`` or ``25..40``.
        judge: a fitted model of `judge_cells`, which learned apart: a classifier, or of a number a
            regressor. By default boosted trees are fitted on the training rows; None leaves the
            verification out.
        ways: how many to tell.

    Raises:
        DataError: not one row.
        SchemaError: the target is a number and the goal no range of it, or it is none.
        RunError: the model has no target.
    """
    head = model.head
    rows = model.modality.check(row).to(model.device)
    if len(rows) != 1:
        raise DataError(f"changes are looked for one row at a time, but got {len(rows)}.")
    asked = _goal(model, goal)
    training = torch.from_numpy(data.cells[data.rows("train")])
    before, found = float(head.predict(rows)), []
    if not asked.holds(np.array(before)):
        aim = _cleared(asked, head, training)
        found = _search(model, rows, _changes(model, rows[0], training), aim, ways)
    changed = torch.cat([rows, *(_changed(rows, each) for each in found)])
    judge = fit_judge(data, model.config) if isinstance(judge, str) else judge
    judged = np.full(len(changed), np.nan)
    if judge is not None:
        seen = judge_cells(model.schema, changed.numpy())
        judged = judge.predict_proba(seen)[:, 1] if head.wanted else judge.predict(seen)
    return RowChanges(
        schema=model.schema,
        wanted=head.wanted,
        goal=asked,
        before=before,
        ways=tuple(
            {model.schema.names[c.column]: _text(model.schema, c) for c in each} for each in found
        ),
        after=head.predict(changed[1:]).numpy() if found else np.empty(0),
        judged=judged[1:],
        judged_before=float(judged[0]),
        cells={name: texts[0] for name, texts in model.modality.written(rows).items()},
    )


def _goal(model: TableModel, goal: str | None) -> Condition:
    """The predictions that are wanted.

    Raises:
        SchemaError: see `explain_changes`.
    """
    name = model.head.target.name
    if model.head.wanted:
        if goal is not None:
            raise SchemaError(
                f"{name!r} is no number, so that {goal!r} means nothing: what is looked for is "
                f"approval, {name} = {model.head.wanted}."
            )
        return Condition(model.config.threshold, 1.0)
    asked = conditions(model.schema, {name: goal})[name] if goal else None
    if asked is None or not asked.low < asked.high:
        raise SchemaError(
            f"{name!r} is a number: say from where to where it should be, such as 25.. for 25 or "
            "more, ..40 or 25..40."
        )
    return asked


def _cleared(goal: Condition, head: AdditiveHead, training: Tensor) -> Condition:
    """What a way must reach: the goal less a margin, or its middle where it is narrower."""
    if head.wanted:
        return Condition(goal.low + MARGIN * (goal.high - goal.low), goal.high)
    spread = float(head.predict(training).std(correction=0))
    margin = min(MARGIN * spread, (goal.high - goal.low) / 2)
    return Condition(goal.low + margin, goal.high - margin)


def fit_judge(data: TableData, config: TableConfig) -> Any:
    """Boosted trees for the same target, which know nothing of the head: fitted on the training
    rows with a known target."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    rows = data.cells[data.rows("train")]
    truth, link = target_numbers(data.schema, rows, config)
    known = ~np.isnan(truth)
    judge = {
        "logit": HistGradientBoostingClassifier(max_iter=100, random_state=config.seed),
        "identity": HistGradientBoostingRegressor(max_iter=100, random_state=config.seed),
        "log": HistGradientBoostingRegressor("poisson", max_iter=100, random_state=config.seed),
    }[link]
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
    model: TableModel, rows: Tensor, changes: list[Change], aim: Condition, ways: int
) -> list[tuple[Change, ...]]:
    """The cheapest ways to the aim, no two of which change the same columns."""
    if not changes:
        return []

    def missing(tried: list[tuple[Change, ...]]) -> Tensor:
        said = model.head.predict(torch.cat([_changed(rows, each) for each in tried]))
        return (aim.low - said).clamp(min=0) + (said - aim.high).clamp(min=0)

    single: list[tuple[Change, ...]] = [(each,) for each in changes]
    short = missing(single)
    order = [k for k in short.argsort(stable=True).tolist() if short[k] > 0][:KEPT]
    combined = [
        each
        for count in range(2, MOST + 1)
        for each in combinations([changes[number] for number in order], count)
        if len({change.column for change in each}) == count
    ]
    able = [each for each, gap in zip(single, short.tolist(), strict=True) if gap == 0]
    if combined:
        gaps = missing(combined).tolist()
        able += [each for each, gap in zip(combined, gaps, strict=True) if gap == 0]
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
