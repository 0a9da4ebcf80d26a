"""Tables from CSV, Parquet, data frames or mappings, read so that equal values compare equal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError, did_you_mean
from interpretable_gan.metrics.tables import cells as cell_kinds
from interpretable_gan.metrics.tables.typed_table import (
    NUMBERS,
    Kind,
    TypedColumn,
    TypedTable,
)
from interpretable_gan.schema.table import read_table

ODD = 0.1
"""Share of cells that may fail to be what the others are; they count as missing, with a warning."""
IDENTIFIER = 0.95
"""A text that differs in more than this share of the rows names rows, not categories."""
FEW = 50
"""Values below which nothing is taken for an identifier."""

Cells = list[Any]


def as_tables(
    tables: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
) -> tuple[TypedTable, ...]:
    """Tables of the same columns, whose kinds come from ``metadata`` or from the first table.

    Args:
        tables: role ("real", "synthetic", …) to a path of a CSV or Parquet file, a mapping of
            columns, or a data frame; or all of them as ``TypedTable``, taken as they are.
        metadata: column name to kind, or the ``{"columns": {name: {"sdtype": …}}}`` form.

    Raises:
        MetricError: a column that one table lacks, an empty table, or a value of another kind,
            each with table, column and value.
        DataError: a file that cannot be read.
    """
    if all(isinstance(table, TypedTable) for table in tables.values()):
        return tuple(tables.values())
    raw = {role: _columns(table, role) for role, table in tables.items()}
    first_role, first = next(iter(raw.items()))
    for role, columns in raw.items():
        for name in first:
            if name not in columns:
                raise MetricError(
                    f"the {role} table has no column {name!r}, which the {first_role} one has."
                    f"{did_you_mean(name, list(columns))}"
                )
    stated = _stated(first, metadata)
    readers = [
        _Reader.of(name, stated.get(name, {}), {role: t[name] for role, t in raw.items()})
        for name in first
    ]
    read: list[TypedTable] = []
    for role, columns in raw.items():
        notes = [n for reader in readers for n in reader.notes] if role == first_role else []
        notes += [
            f"the {role} table's column {name!r} was ignored."
            for name in columns
            if name not in first
        ]
        kept = {
            r.name: TypedColumn(r.name, r.kind, r.values(columns[r.name], role, notes))
            for r in readers
            if r.kind != "id"
        }
        if not kept:
            raise MetricError(
                f"the {role} table has no column to compare. {' '.join(notes)}".strip()
            )
        if read:
            notes += _spelled_otherwise(read[0], kept, role)
        read.append(TypedTable(kept, tuple(notes)))
        if len(read[-1]) == 0:
            raise MetricError(f"the {role} table has no rows.")
    return tuple(read)


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Column kinds from a JSON file: ``{"columns": {"age": {"sdtype": "numerical"}}}``."""
    try:
        return dict(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as broken:
        raise MetricError(f"{path} cannot be read as column metadata: {broken}.") from broken


def _columns(table: Any, role: str) -> dict[str, Cells]:
    """Columns as lists, from a path, a mapping, a data frame or an Arrow table."""
    if isinstance(table, str | Path):
        table = read_table(table)
    elif hasattr(table, "to_pydict"):
        table = table.to_pydict()
    names = list(table.keys() if isinstance(table, Mapping) else getattr(table, "columns", []))
    if not names:
        raise MetricError(f"the {role} table has no columns: pass a file, a mapping or a frame.")
    for name, count in Counter(str(name).strip() for name in names).items():
        if count > 1:
            raise MetricError(
                f"the {role} table names {count} columns {name!r}; rename or remove all but one."
            )
    columns = {str(name).strip(): _cells(table[name], name, role) for name in names}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise MetricError(f"the {role} table's columns differ in length: {lengths}.")
    return columns


def _cells(column: Any, name: Any, role: str) -> Cells:
    """A column's values one by one; moments stay moments, durations become nanoseconds."""
    try:
        array = np.asarray(column)
    except ValueError:  # lists of different lengths
        array = np.empty((0, 0))
    if array.ndim != 1:
        raise MetricError(f"the {role} table's column {name!r} does not hold one value per row.")
    if array.dtype.kind == "M":
        return [None if np.isnat(cell) else cell for cell in array]
    if array.dtype.kind == "m":
        nanoseconds = array.astype("timedelta64[ns]").astype(np.float64)
        return list(np.where(np.isnat(array), np.nan, nanoseconds).tolist())
    return list(array.tolist())


def _stated(
    columns: Mapping[str, Cells], metadata: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """What the metadata say of each column they name: its ``sdtype`` and ``datetime_format``."""
    stated = {}
    for name, entry in dict((metadata or {}).get("columns", metadata or {})).items():
        if name not in columns:
            raise MetricError(
                f"the metadata name a column {name!r} that the real table lacks."
                f"{did_you_mean(name, list(columns))}"
            )
        stated[name] = dict(entry) if isinstance(entry, Mapping) else {"sdtype": entry}
        kind = stated[name].get("sdtype")
        if kind is not None and kind not in get_args(Kind):
            raise MetricError(
                f"column {name!r} is of kind {kind!r}; there are {', '.join(get_args(Kind))}."
            )
    return stated


@dataclass
class _Reader:
    """How the cells of one column are read, the same way in every table."""

    name: str
    kind: Kind
    stated: bool
    form: str | None
    comma: cell_kinds.Comma | None
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, stated: Mapping[str, Any], by_role: Mapping[str, Cells]) -> _Reader:
        """The stated kind, or the one that nearly all cells of the first table fit."""
        pooled = [cell for cells in by_role.values() for cell in cells]
        kind = stated.get("sdtype")
        reader = cls(
            name,
            kind or "categorical",
            kind is not None,
            stated.get("datetime_format"),
            cell_kinds.comma_of(pooled),
        )
        if kind is None:
            first = _present(next(iter(by_role.values()))) or _present(pooled)
            reader.kind = reader._guessed(first)
        if reader.kind == "numerical" and reader.comma:
            meaning = "decimal sign" if reader.comma == "decimal" else "separator of thousands"
            reader.notes.append(f"column {name!r}: the comma was read as {meaning}.")
        return reader

    def _guessed(self, present: Cells) -> Kind:
        if present and all(map(cell_kinds.is_truth, present)):
            return "boolean"
        if present and all(map(cell_kinds.is_date, present)):
            return "datetime"
        numbers = self._share(present, self._number)
        if numbers >= 1 - ODD:
            return "numerical"
        if self._share(present, cell_kinds.as_moment) >= 1 - ODD:
            return "datetime"
        different = len(set(map(cell_kinds.as_text, present)))
        if len(present) >= FEW and different > IDENTIFIER * len(present):
            self.notes.append(
                f"column {self.name!r} holds {different} different texts in {len(present)} rows: "
                "left out as an identifier; state its kind in the metadata to keep it."
            )
            return "id"
        if numbers >= 0.5:
            odd = next(cell for cell in present if not _fits(cell, self._number))
            self.notes.append(
                f"column {self.name!r} counts as categories: it holds {odd!r} and other cells that "
                "are no numbers."
            )
        return "categorical"

    def _share(self, present: Cells, read: Callable[[Any], Any]) -> float:
        """Share of the cells that can be read so; 1 where there are none."""
        return float(np.mean([_fits(cell, read) for cell in present])) if present else 1.0

    def _number(self, cell: Any) -> float:
        return cell_kinds.as_number(cell, self.comma)

    def values(self, cells: Cells, role: str, notes: list[str]) -> NDArray[Any]:
        """The column in the form of its kind; odd cells count as missing, and are named."""
        numeric = self.kind in NUMBERS
        values: NDArray[Any] = np.empty(len(cells), np.float64 if numeric else object)
        values[:] = np.nan if numeric else None
        present = [row for row, cell in enumerate(cells) if not cell_kinds.is_missing(cell)]
        odd = []
        for row in present:
            try:
                values[row] = self._value(cells[row])
            except (ValueError, TypeError, KeyError, OverflowError):
                odd.append(row)
        if odd and (self.stated or len(odd) > ODD * len(present)):
            raise MetricError(
                f"the {role} table's {self.kind} column {self.name!r} holds {cells[odd[0]]!r} in "
                f"row {odd[0]}; correct the cell, or state the column's kind in the metadata."
            )
        spelled = [row for row, cell in enumerate(cells) if _is_unusual(cell)]
        if odd or spelled:
            row = min(odd + spelled)
            notes.append(
                f"the {role} table's {self.kind} column {self.name!r}: {len(odd + spelled)} cells "
                f"count as missing, the first is {cells[row]!r} in row {row}."
            )
        return _shortest(values) if self.kind == "numerical" else values

    def _value(self, cell: Any) -> float | str:
        if self.kind == "numerical":
            number = self._number(cell)
            if not abs(number) <= cell_kinds.LARGEST:
                raise ValueError(cell)
            return number
        if self.kind == "datetime":
            return cell_kinds.as_moment(cell, self.form)
        if self.kind == "boolean":
            return str(cell_kinds.as_truth(cell))
        return cell_kinds.as_text(cell)


def _present(cells: Sequence[Any]) -> Cells:
    return [cell for cell in cells if not cell_kinds.is_missing(cell)]


def _is_unusual(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip() in cell_kinds.ALSO_MISSING


def _fits(cell: Any, read: Callable[[Any], Any]) -> bool:
    try:
        read(cell)
    except (ValueError, TypeError, KeyError, OverflowError):
        return False
    return True


def _shortest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers that were float32 as the shortest decimals that name them: 0.1, as a CSV has it."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = values.astype(np.float32)
        same = np.isnan(values) | (short == values)
        whole = np.isnan(values) | (values == np.round(values))
    if not same.all() or whole.all():
        return values
    return short.astype(str).astype(np.float64)


def _spelled_otherwise(
    first: TypedTable, columns: Mapping[str, TypedColumn], role: str
) -> list[str]:
    """Categories that the first table has in other capitals."""
    notes = []
    for name, column in columns.items():
        if column.numeric:
            continue
        known = set(first.columns[name].present)
        folded = {level.casefold(): level for level in known}
        for level in sorted(set(column.present) - known):
            if level.casefold() in folded:
                notes.append(
                    f"the {role} table's column {name!r} spells {folded[level.casefold()]!r} as "
                    f"{level!r}: they count as two categories."
                )
                break
    return notes
