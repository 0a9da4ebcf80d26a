"""Tables as the metrics take them: columns with a name, a kind and one way to be missing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.uncertainty import checksum

Kind = Literal["numerical", "datetime", "categorical", "ordinal", "boolean", "id"]
"""Numbers, moments, or names; an ``id`` is ignored by every metric."""

NUMBERS: tuple[Kind, ...] = ("numerical", "datetime")
NAMES: tuple[Kind, ...] = ("categorical", "ordinal", "boolean")


@dataclass(frozen=True)
class TypedColumn:
    """One column: float64 with NaN for missing, or for names text with ``None`` for missing."""

    name: str
    kind: Kind
    values: NDArray[Any]

    @property
    def numeric(self) -> bool:
        """Whether values have distances: numbers, and moments as nanoseconds since 1970."""
        return self.kind in NUMBERS

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        if self.numeric:
            return np.isnan(self.values)
        return np.array([value is None for value in self.values], bool)

    @property
    def present(self) -> NDArray[Any]:
        """The values that are there."""
        return self.values[~self.missing]

    @property
    def constant(self) -> bool:
        """Whether at most one value occurs."""
        return len(set(self.present.tolist())) < 2

    def take(self, rows: NDArray[Any]) -> TypedColumn:
        """The same column, only these rows."""
        return TypedColumn(self.name, self.kind, self.values[rows])


@dataclass(frozen=True)
class TypedTable:
    """Columns of equal length by name; ``id`` columns are already left out."""

    columns: Mapping[str, TypedColumn]
    warnings: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())).values)

    def take(self, rows: NDArray[Any]) -> TypedTable:
        """The same columns, only these rows."""
        return TypedTable({name: column.take(rows) for name, column in self.columns.items()})

    def without(self, *names: str) -> TypedTable:
        """All columns but these."""
        return TypedTable({n: column for n, column in self.columns.items() if n not in names})

    def named(self, *kinds: Kind) -> list[str]:
        """Names of the columns of these kinds."""
        return [name for name, column in self.columns.items() if column.kind in kinds]

    @property
    def sha256(self) -> str:
        """Checksum of names, kinds and values."""
        parts = []
        for name, column in self.columns.items():
            parts.append(np.array([name, column.kind]))
            parts.append(column.values if column.numeric else column.values.astype(str))
        return checksum(*parts)


def describe_tables(**tables: TypedTable) -> dict[str, Any]:
    """Rows and checksum of each table."""
    return {
        role: {"rows": len(table), "columns": len(table.columns), "sha256": table.sha256}
        for role, table in tables.items()
    }


def mean_of(values: Mapping[str, float], found: list[str], what: str) -> float:
    """Mean of the defined values; NaN with a warning where none is."""
    defined = [value for value in values.values() if not math.isnan(value)]
    if not defined:
        found.append(f"{what} is undefined: no column has a value.")
        return math.nan
    return float(np.mean(defined))
