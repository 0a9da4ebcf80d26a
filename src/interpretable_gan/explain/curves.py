"""What a head says of rows when one column alone is changed: partial dependence, one curve for each
row, and accumulated local effects, exactly, from the tables of its terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.cells import write_cell

POINTS = 40
"""Values of a column of numbers at which curves are told, at most."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ColumnCurves:
    """Scores of rows over the values of one column.

    column: which one
    values: as numbers, ascending  (point,)
    labels: the same as the table writes them
    each: the score of each row, had it that value (individual conditional expectation)
        (row, point)
    accumulated: local effects added up from point to point, 0 on average over the rows (Apley & Zhu
        2020)  (point,); None where the values have no order
    """

    column: str
    values: Array
    labels: tuple[str, ...]
    each: Array
    accumulated: Array | None

    @property
    def partial(self) -> Array:
        """The mean score, had all rows that value (partial dependence, Friedman 2001), (point,)."""
        return self.each.mean(axis=0)


def column_curves(model: TableModel, examples: Any, column: str) -> ColumnCurves:
    """The curves of one column over some rows.

    Partial dependence gives every row every value, also ones that do not go with the rest of it;
    accumulated effects move each row only between its neighbouring points.

    Args:
        model: of a table, with a head for a target.
        examples: rows as `TableModality.check` takes them.
        column: one that the head looks at.

    Raises:
        UnknownAttributeError: the head looks at no such column.
        DataError: rows that are none of this table.
        RunError: the model has no target.
    """
    head, rows = model.head, model.modality.check(examples).to(model.device)
    if column not in head.columns:
        raise UnknownAttributeError(column, known=head.columns, schema=model.schema.name)
    number, attribute = model.schema.names.index(column), model.schema[column]
    cells = rows[:, number].cpu().numpy()
    known = cells[~np.isnan(cells)]
    values = np.unique(known)
    if len(values) > POINTS:
        values = np.unique(np.quantile(known, np.linspace(0, 1, POINTS), method="lower"))
    rest = head.score(rows) - _added(head, rows, column)
    curves = []
    for value in values.tolist():
        changed = rows.clone()
        changed[:, number] = value
        curves.append(rest + _added(head, changed, column))
    each = torch.stack(curves, dim=1).cpu().numpy()
    return ColumnCurves(
        column,
        values,
        tuple(write_cell(attribute, value) for value in values.tolist()),
        each,
        _accumulated(values, cells, each) if attribute.has_order else None,
    )


def _added(head: AdditiveHead, rows: Tensor, column: str) -> Tensor:
    """What all terms that look at a column add, (rows,)."""
    added = [
        scores[head.places(rows, term)] for term, scores in head.scores.items() if column in term
    ]
    return torch.stack(added).sum(dim=0)


def _accumulated(values: Array, cells: Array, each: Array) -> Array:
    """The mean step of the rows between two points, added up; 0 on average over the rows."""
    known = ~np.isnan(cells)
    between = np.searchsorted(values, cells[known]).clip(1, max(len(values) - 1, 1))
    steps = np.zeros(len(values))
    for point in range(1, len(values)):
        within = each[known][between == point]
        if len(within):
            steps[point] = (within[:, point] - within[:, point - 1]).mean()
    effects = steps.cumsum()
    return effects - effects[np.searchsorted(values, cells[known]).clip(0, len(values) - 1)].mean()
