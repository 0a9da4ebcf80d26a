"""Tables of attributes as they stand in files: column name → one value per row."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from interpretable_gan.errors import DataError, MissingExtraError

Column = Sequence[Any] | NDArray[Any]
"""One value per row."""

Table = Mapping[str, Column]
"""Column name → values, all columns equally long."""

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".jsonl", ".parquet")


def is_table(path: Path) -> bool:
    """Whether ``read_table`` knows this kind of file."""
    return path.name.lower().endswith(SUFFIXES)


def read_table(path: Path | str) -> dict[str, list[Any]]:
    """Read CSV (comma, semicolon or tab; also ``.gz``), JSON lines or Parquet.

    Raises:
        DataError: no such file, no header, doubled columns, or a row that does not fit; says where.
        MissingExtraError: Parquet without the ``data`` extra.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such table.")
    if not is_table(path):
        raise DataError(f"{path}: a table ends in {', '.join(SUFFIXES)}.")
    try:
        if path.suffix == ".parquet":
            return _read_parquet(path)
        return _read_jsonl(path) if path.suffix == ".jsonl" else _read_csv(path)
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is no whole gzip file: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from None


def _read_csv(path: Path) -> dict[str, list[Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=max(",;\t", key=first.count))
        try:
            return _columns(rows, path)
        except csv.Error as error:
            raise DataError(
                f"{path}, line {rows.line_num}: {error}. Is a quote never closed?"
            ) from None


def _columns(rows: Any, path: Path) -> dict[str, list[Any]]:
    """The rows of a CSV reader by column."""
    header = [name.strip() for name in next(rows, [])]
    if not header or not all(header):
        raise DataError(f"{path}: the first line must name every column.")
    if doubled := [name for name in header if header.count(name) > 1]:
        raise DataError(f"{path}: column {doubled[0]!r} stands twice; rename or remove one.")
    table: dict[str, list[Any]] = {name: [] for name in header}
    for row in rows:
        if row and len(row) != len(header):
            raise DataError(
                f"{path}, line {rows.line_num}: {len(row)} cells for {len(header)} columns. "
                "Is a text with the delimiter in it not quoted?"
            )
        for name, cell in zip(header, row, strict=False):
            table[name].append(cell)
    return table


def _read_jsonl(path: Path) -> dict[str, list[Any]]:
    rows: list[dict[str, Any]] = []
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line) if line.strip() else None
                json.dumps(row, ensure_ascii=False).encode()  # half a character is no text
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}, line {number}: not JSON ({error}).") from None
            if isinstance(row, dict):
                rows.append(row)
            elif row is not None:
                raise DataError(f"{path}, line {number}: each line must be one {{…}} object.")
    return {
        name: [row.get(name) for row in rows] for name in dict.fromkeys(k for r in rows for k in r)
    }


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("reading Parquet", "data") from None
    try:
        table = pyarrow.parquet.read_table(path)
        return {name: table.column(name).to_pylist() for name in table.column_names}
    except (pyarrow.ArrowException, OSError, OverflowError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}.") from None
