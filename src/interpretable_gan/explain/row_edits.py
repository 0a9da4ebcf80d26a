"""Rows of a table with some columns changed, and what that does to the prediction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.errors import SchemaError
from interpretable_gan.explain.explanation import joined
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.terms import Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.cells import tell_number
from interpretable_gan.schema.conditions import conditions

REST = "rest"
"""Stands for all columns that are not set."""

TOLD = 4
"""Columns whose change or effect a sentence names."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowEdit:
    """Rows before and after some columns were set.

    before, after: the rows as the table writes them, column name → texts
    cells: the rows after, float64  (row, column)
    changed: columns that were set or drawn anew, in the order of the table
    target: what is predicted, if anything is
    terms: the score after less the score before, term by term; None without a target
    predicted: predictions before and after  (2, row); None without a target
    """

    before: dict[str, list[str]]
    after: dict[str, list[str]]
    cells: Array
    changed: tuple[str, ...]
    target: Attribute | None
    terms: Terms | None
    predicted: Array | None

    def __len__(self) -> int:
        return len(self.cells)

    def sentence(self, row: int = 0) -> str:
        """What changed in a row, and by which terms the prediction moved."""
        cells = [(name, self.before[name][row], self.after[name][row]) for name in self.changed]
        changes = [
            f"{name} {old or 'not known'} → {new or 'not known'}"
            for name, old, new in cells
            if old != new
        ]
        shown = changes[:TOLD] + ([f"{len(changes) - TOLD} more"] if len(changes) > TOLD else [])
        text = joined(shown) if shown else "nothing changes"
        if self.target is None or self.terms is None or self.predicted is None:
            return f"{text}."
        moved = {name: float(added[row]) for name, added in self.terms.by_row().items()}
        strongest = sorted((n for n in moved if moved[n]), key=lambda n: -abs(moved[n]))[:TOLD]
        first, then = (float(side[row]) for side in self.predicted)
        why = [f"{name} ({moved[name]:+.2f})" for name in strongest]
        number = self.target.kind == "continuous"
        sides = [tell_number(self.target, x) if number else f"{x:.3g}" for x in (first, then)]
        return f"{text}: {' → '.join(sides)}" + (f" by {joined(why)}." if why else ".")

    def to_dict(self) -> dict[str, Any]:
        """Rows after, and predictions before and after."""
        found: dict[str, Any] = {"rows": self.after, "changed": list(self.changed)}
        if self.predicted is not None:
            found |= dict(
                zip(("predicted_before", "predicted"), self.predicted.tolist(), strict=True)
            )
        return found | {"sentence": [self.sentence(row) for row in range(len(self))]}


def edit_rows(
    model: TableModel,
    examples: Any,
    attributes: Mapping[str, Any],
    *,
    redraw: Collection[str] = (),
    seed: int = 0,
) -> RowEdit:
    """Set columns of rows. All others stay as they are, unless they are to be drawn anew.

    Args:
        model: of the table.
        examples: rows as `TableModality.check` takes them.
        attributes: column → a value, None for not known, or a range such as ``30..40``, from which
            a value is drawn given the rest of the row.
        redraw: columns that are drawn anew, given the columns that were set and those that stay;
            ``rest`` for all that were not set.
        seed: of what is drawn.

    Raises:
        UnknownAttributeError, SchemaError: see `conditions`; or a column is set and drawn anew.
        DataError: rows that are none of this table.
    """
    schema, names = model.schema, model.schema.names
    asked = {schema[name].name: each for name, each in conditions(schema, attributes).items()}
    drawn = {each.name for each in schema.named} - set(asked) if REST in redraw else set()
    drawn |= {schema[name].name for name in redraw if name != REST}
    if both := sorted(drawn & set(asked)):
        raise SchemaError(f"{both[0]!r} is set and drawn anew; keep one.")
    rows = model.modality.check(examples).cpu().numpy()
    after, ranges = rows.copy(), {}
    for name, condition in asked.items():
        if condition.low < condition.high:
            ranges[name] = condition
        else:
            after[:, names.index(name)] = condition.low
    if drawn or ranges:
        after = model.sampler.redraw(after, drawn, ranges, seed=seed)
    target = terms = predicted = None
    if schema.target is not None:
        target = schema[schema.target]
        head, sides = model.head, [torch.from_numpy(each) for each in (rows, after)]
        terms = head.terms(sides[1]).minus(head.terms(sides[0]))
        predicted = np.stack([head.predict(each).numpy() for each in sides])
    changed = tuple(name for name in names if name in drawn or name in asked)
    before, then = (model.modality.written(torch.from_numpy(each)) for each in (rows, after))
    return RowEdit(before, then, after, changed, target, terms, predicted)
