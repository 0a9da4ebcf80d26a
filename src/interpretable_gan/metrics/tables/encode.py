"""Rows of a table as numbers for a classifier, from whatever kinds its columns have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.tables.typed_table import TypedColumn, TypedTable

Matrix = NDArray[np.float64]

MOST_LEVELS = 100
"""Columns of the matrix that one column of names may take: each level is one."""


@dataclass(frozen=True)
class Encoder:
    """Numbers and moments as they are, truth as 0 and 1, names one-hot; all learnt from one table.

    A missing number becomes the column's mean, a missing name a level of its own, and a name that
    was never seen, or is not among the ``MOST_LEVELS`` commonest of its column, a row of zeros.
    ``cut`` names the columns with more levels.
    """

    fill: dict[str, float]
    levels: dict[str, tuple[Any, ...]]
    cut: tuple[str, ...] = ()

    @classmethod
    def fit(cls, table: TypedTable, *, names_from: tuple[TypedTable, ...] = ()) -> Encoder:
        """Learn means from ``table`` and levels from it and ``names_from``."""
        fill, levels, cut = {}, {}, []
        for name, column in table.columns.items():
            if _is_number(column):
                present = _numbers(column)[~column.missing]
                fill[name] = float(present.mean()) if len(present) else 0.0
            else:
                cells = [cell for t in (table, *names_from) for cell in t.columns[name].values]
                counts = sorted(
                    Counter(cells).items(), key=lambda level: (-level[1], str(level[0]))
                )
                commonest = [level for level, _ in counts[:MOST_LEVELS]]
                levels[name] = tuple(sorted(commonest, key=lambda cell: (cell is None, str(cell))))
                if len(counts) > MOST_LEVELS:
                    cut.append(name)
        return cls(fill, levels, tuple(cut))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        return tuple(
            f"column {name!r}: only its {MOST_LEVELS} commonest categories are told apart."
            for name in self.cut
        )

    def __call__(self, table: TypedTable) -> Matrix:
        """The table as a matrix ``(rows, numbers)``."""
        parts: list[Matrix] = []
        for name, column in table.columns.items():
            if name in self.fill:
                numbers = np.where(column.missing, self.fill[name], _numbers(column))
                parts.append(numbers[:, None])
            else:
                levels = np.array([*self.levels[name], None], object)[:-1]
                parts.append((column.values[:, None] == levels[None]).astype(np.float64))
        return np.concatenate(parts, axis=1)


def _is_number(column: TypedColumn) -> bool:
    return column.numeric or column.kind == "boolean"


def _numbers(column: TypedColumn) -> Matrix:
    """A number, moment or truth column as float64."""
    numbers = column.values if column.numeric else column.values == "True"
    return np.asarray(numbers, np.float64)
