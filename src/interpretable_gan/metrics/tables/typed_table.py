"""Tables as the metrics take them: columns with a name, a kind and one way to be missing."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError, did_you_mean
from interpretable_gan.metrics.uncertainty import checksum

Kind = Literal["numerical", "datetime", "categorical", "ordinal", "boolean", "id"]
"""Numbers, moments, or names; an ``id`` is ignored by every metric."""

NUMBERS: tuple[Kind, ...] = ("numerical", "datetime")
NAMES: tuple[Kind, ...] = ("categorical", "ordinal", "boolean")

MISSING = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NaT", "null", "<NA>"})
"""What a missing cell looks like as text."""

TRUTH = {"true": "True", "1": "True", "1.0": "True", "false": "False", "0": "False", "0.0": "False"}


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


def read_csv(path: str | Path) -> dict[str, list[str]]:
    """Columns of a CSV file with a header, as text."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        raise MetricError(f"{path} cannot be read as a CSV file: {broken}.") from broken
    if not header:
        raise MetricError(f"{path} is empty; its first line should name the columns.")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise MetricError(
                f"{path} has {len(row)} cells in row {number}; its header names {len(header)}."
            )
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Column kinds from a JSON file: ``{"columns": {"age": {"sdtype": "numerical"}}}``."""
    try:
        return dict(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError) as broken:
        raise MetricError(f"{path} cannot be read as column metadata: {broken}.") from broken


def as_tables(
    tables: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
) -> tuple[TypedTable, ...]:
    """Tables of the same columns, whose kinds come from ``metadata`` or from the first table.

    Args:
        tables: role ("real", "synthetic", …) to a path of a CSV file, a mapping of columns, or a
            data frame; or all of them as ``TypedTable``, which are taken as they are.
        metadata: column name to kind, or the ``{"columns": {name: {"sdtype": …}}}`` form.

    Raises:
        MetricError: a column that one table lacks, an empty table, or a value of another kind,
            each with table, column and value.
    """
    if all(isinstance(table, TypedTable) for table in tables.values()):
        return tuple(tables.values())
    raw = {role: _columns(table, role) for role, table in tables.items()}
    first_role, first = next(iter(raw.items()))
    kinds, formats = _kinds(first, metadata)
    read = []
    for role, columns in raw.items():
        for name in kinds:
            if name not in columns:
                raise MetricError(
                    f"the {role} table has no column {name!r}, which the {first_role} one has."
                    f"{did_you_mean(name, list(columns))}"
                )
        extra = [name for name in columns if name not in kinds]
        read.append(
            TypedTable(
                {
                    name: TypedColumn(name, kind, _values(columns[name], name, kind, role, formats))
                    for name, kind in kinds.items()
                    if kind != "id"
                },
                tuple(f"the {role} table's column {name!r} was ignored." for name in extra),
            )
        )
        if not read[-1].columns:
            raise MetricError(f"the {role} table has no column to compare.")
        if len(read[-1]) == 0:
            raise MetricError(f"the {role} table has no rows.")
    return tuple(read)


def _columns(table: Any, role: str) -> dict[str, list[Any]]:
    """Columns as lists, from a path, a mapping or a data frame."""
    if isinstance(table, str | Path):
        return dict(read_csv(table))
    names = list(table.keys() if isinstance(table, Mapping) else getattr(table, "columns", []))
    if not names:
        raise MetricError(f"the {role} table has no columns: pass a CSV, a mapping or a frame.")
    columns = {str(name): np.asarray(table[name]) for name in names}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise MetricError(f"the {role} table's columns differ in length: {lengths}.")
    return {name: _cells(column) for name, column in columns.items()}


def _cells(column: NDArray[Any]) -> list[Any]:
    """A column's values one by one; moments keep their nanoseconds."""
    if column.dtype.kind == "M":
        return [None if np.isnat(cell) else cell for cell in column]
    return list(column.tolist())


def _kinds(
    columns: Mapping[str, Sequence[Any]], metadata: Mapping[str, Any] | None
) -> tuple[dict[str, Kind], dict[str, str]]:
    """Kind of every column, and the formats of dates."""
    stated = dict((metadata or {}).get("columns", metadata or {}))
    kinds: dict[str, Kind] = {}
    formats = {}
    for name, cells in columns.items():
        entry = stated.get(name)
        kind = entry.get("sdtype") if isinstance(entry, Mapping) else entry
        if kind is not None and kind not in get_args(Kind):
            raise MetricError(
                f"column {name!r} is of kind {kind!r}; there are {', '.join(get_args(Kind))}."
            )
        kinds[name] = kind or _guessed(cells)
        if isinstance(entry, Mapping) and "datetime_format" in entry:
            formats[name] = str(entry["datetime_format"])
    for name in stated:
        if name not in columns:
            raise MetricError(
                f"the metadata name a column {name!r} that the real table lacks."
                f"{did_you_mean(name, list(columns))}"
            )
    return kinds, formats


def _guessed(cells: Sequence[Any]) -> Kind:
    """The kind that fits every value that is there."""
    present = [cell for cell in cells if not _is_missing(cell)]
    if present and all(isinstance(c, bool) or str(c) in ("True", "False") for c in present):
        return "boolean"
    if _all(present, float):
        return "numerical"
    return "datetime" if _all(present, _moment) else "categorical"


def _all(cells: Iterable[Any], parse: Any) -> bool:
    try:
        for cell in cells:
            parse(cell)
    except (ValueError, TypeError):
        return False
    return True


def _is_missing(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell.strip() in MISSING
    return cell is None or (isinstance(cell, float) and math.isnan(cell)) or str(cell) in MISSING


def _values(
    cells: Sequence[Any], name: str, kind: Kind, role: str, formats: Mapping[str, str]
) -> NDArray[Any]:
    """A column's values in the form of its kind."""
    if kind == "id":
        return np.empty(0)
    numeric = kind in NUMBERS
    values: NDArray[Any] = np.empty(len(cells), np.float64 if numeric else object)
    for row, cell in enumerate(cells):
        if _is_missing(cell):
            values[row] = np.nan if numeric else None
            continue
        try:
            values[row] = _value(cell, kind, formats.get(name))
        except (ValueError, TypeError, KeyError, OverflowError):
            raise MetricError(
                f"the {role} table's {kind} column {name!r} holds {cell!r} in row {row}; "
                "correct the cell, or state the column's kind in the metadata."
            ) from None
    return values


def _value(cell: Any, kind: Kind, form: str | None) -> float | str:
    if kind == "numerical":
        number = float(cell)
        if abs(number) > 1e150:  # its square would overflow
            raise ValueError(cell)
        return number
    if kind == "datetime":
        return _moment(cell, form)
    if kind == "boolean":
        return TRUTH[str(cell).strip().lower()]
    return str(cell).strip()


def _moment(cell: Any, form: str | None = None) -> float:
    """Nanoseconds since 1970, in UTC where no zone is given."""
    if isinstance(cell, np.datetime64):
        return float(cell.astype("datetime64[ns]").astype(np.int64))
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, datetime):
        text = str(cell).strip()
        cell = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    moment = cell if cell.tzinfo else cell.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1e6) * 1e3


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
