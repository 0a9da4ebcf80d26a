"""Tables of attributes as they stand in files: column name → one value per row."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from interpretable_gan.errors import DataError, MissingExtraError
from interpretable_gan.schema.attribute import as_number
from interpretable_gan.schema.numerals import Numerals, with_points
from interpretable_gan.schema.table_form import ColumnForm, TableForm

Column = Sequence[Any] | NDArray[Any]
"""One value per row."""

Table = Mapping[str, Column]
"""Column name → values, all columns equally long."""

Written = tuple[dict[str, list[Any]], TableForm]
"""A table, and how its file writes it."""

Named = tuple[dict[str, list[Any]], dict[str, str]]
"""Columns by name, and how the file spells each name."""

SUFFIXES = (".csv", ".tsv", ".csv.gz", ".jsonl", ".parquet")
DELIMITERS = ";\t|,"
HEAD = 2**16
"""Characters in which the delimiter is looked for."""

UNNAMED = "unnamed"
"""What a column without a name in the first line is called, with its number behind."""

LONGEST = 500
"""Characters that the name of a column may have."""

BOMB = 500
"""Times its own size to which a packed file may unfold, beyond `SPARE` bytes: texts and arrays of
little variety reach 200, what is made to fill memories and disks 1,000 and more."""

SPARE = 1 << 26

IMAGE = re.compile(r".+\.(jpe?g|jfif|png|bmp|gif|tiff?|webp|ppm|pgm)", re.IGNORECASE)
"""A name of an image, which no column has."""


def is_table(path: Path) -> bool:
    """Whether ``read_table`` knows this kind of file."""
    return path.name.lower().endswith(SUFFIXES)


def read_table(path: Path | str, remarks: list[str] | None = None) -> dict[str, list[Any]]:
    """Read CSV (comma, semicolon, tab or bar; also ``.gz``), JSON lines or Parquet.

    Blanks around cells do not count. A column without a name is called ``unnamed 1`` (its number
    in the file), and left out where it is empty. ``remarks`` takes sentences on what was decided,
    such as decimal commas.

    Raises:
        DataError: no such file, no header, doubled columns, or a row that does not fit; says where.
        MissingExtraError: Parquet without the ``data`` extra.
    """
    return read_file(path, remarks)[0]


def read_file(path: Path | str, remarks: list[str] | None = None) -> Written:
    """What `read_table` reads, and how the file writes it; JSON lines and Parquet have no form of
    their own.

    Raises:
        DataError, MissingExtraError: as `read_table`.
    """
    path, remarks = Path(path), [] if remarks is None else remarks
    with _readable(path):
        return next(_blocks(path, remarks, None))


def read_blocks(path: Path | str, rows: int) -> Iterator[dict[str, list[Any]]]:
    """`read_table`, up to so many rows at a time of CSV and Parquet; others come whole.

    Raises:
        DataError, MissingExtraError: as `read_table`.
    """
    with _readable(Path(path)):
        yield from (table for table, _ in _blocks(Path(path), [], rows))


def _blocks(path: Path, remarks: list[str], rows: int | None) -> Iterator[Written]:
    """The table, up to so many rows at a time."""
    suffix = path.suffix.lower()
    if suffix not in (".parquet", ".jsonl"):
        yield from _read_csv(path, remarks, rows)
        return
    for table in _read_parquet(path, rows) if suffix == ".parquet" else [_read_jsonl(path)]:
        table, _ = with_points(table, remarks, commas_are_decimal=False)
        yield table, TableForm.plain(table)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Says in a sentence why a table cannot be read."""
    if not path.is_file():
        raise DataError(f"{path}: no such table.")
    if not is_table(path):
        raise DataError(f"{path}: a table ends in {', '.join(SUFFIXES)}.")
    try:
        yield
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is no whole gzip file: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from None


def _read_csv(path: Path, remarks: list[str], rows: int | None) -> Iterator[Written]:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    if opener is gzip.open:
        _refuse_bomb(path)
    with opener(path, "rb") as raw:
        mark = raw.read(3) == codecs.BOM_UTF8
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        head = file.read(HEAD)
        file.seek(0)
        told = re.match(r"sep=(.)\r?\n", head)  # as some spreadsheets write and want it
        if told:
            file.readline()
        delimiter = told[1] if told else _delimiter(head)
        quote = "'" if head.lstrip().startswith("'") else '"'
        head = head[told.end() :] if told else head
        reader = csv.reader(file, delimiter=delimiter, quotechar=quote, skipinitialspace=True)
        try:
            for table, header in _columns(reader, path, rows):
                found, numerals = with_points(table, remarks, commas_are_decimal=delimiter == ";")
                columns = tuple(
                    ColumnForm(
                        name=name, spelled=header[name], numerals=numerals.get(name, Numerals())
                    )
                    for name in found
                )
                around = {"mark": mark, "told": bool(told)}
                yield found, TableForm.of_text(head, delimiter, columns, quote, **around)
        except csv.Error as error:
            raise DataError(
                f"{path}, line {reader.line_num}: {error}. Is a quote never closed?"
            ) from None


def _refuse_bomb(path: Path) -> None:
    """Unpack a gzip file once without keeping it.

    Raises:
        DataError: it unfolds to far more than a table would.
    """
    most, seen = BOMB * path.stat().st_size + SPARE, 0
    with gzip.open(path) as file:
        while chunk := file.read(1 << 20):
            seen += len(chunk)
            if seen > most:
                raise DataError(f"{path} unfolds to more than {BOMB} times its size: refused.")


def _delimiter(head: str) -> str:
    """The delimiter that cuts the first rows into equally many cells, the more the better; the
    most frequent one of the first line where none does.
    """
    lines = list(io.StringIO(head, newline=""))[: 20 if len(head) < HEAD else -1]
    widths = {}
    for delimiter in DELIMITERS:
        try:
            found = {len(row) for row in csv.reader(lines, delimiter=delimiter) if row}
        except csv.Error:
            continue
        if len(found) == 1:
            widths[delimiter] = found.pop()
    best = max(widths, key=lambda delimiter: widths[delimiter], default=",")
    if widths.get(best, 1) > 1:
        return best
    return max(reversed(DELIMITERS), key=(lines or [""])[0].count)


def _columns(rows: Any, path: Path, most: int | None) -> Iterator[Named]:
    """The rows of a CSV reader by column, up to ``most`` at a time."""
    header: list[str] = next(rows, [])
    for name in map(one_line, header):
        if IMAGE.fullmatch(name):
            raise headless(path, name)
    body = ([cell.strip() for cell in row] for row in rows if any(map(str.strip, row)))
    first = next(body, None)
    if first is not None and len(first) == len(header) + 1 and first[-1]:
        header = ["", *header]  # R writes no name for the names of rows
    left = chain([] if first is None else [first], body)
    while True:
        cells: list[list[str]] = [[] for _ in header]
        for row in islice(left, most):
            missing, more = len(header) - len(row), row[len(header) :]
            if missing == 1 and not header[-1].strip():  # a delimiter ends the first line alone
                row.append("")
            elif missing > 0 or any(more):
                raise DataError(
                    f"{path}, line {rows.line_num}: {len(row)} cells for {len(header)} columns. "
                    "Is a text with the delimiter in it not quoted?"
                )
            for column, cell in zip(cells, row, strict=False):
                column.append(cell)
        yield _named(zip(header, cells, strict=True), path)
        if not any(cells):
            return


def _named(columns: Iterable[tuple[Any, list[Any]]], path: Path) -> Named:
    """Columns by name, and how each is spelled; those without a name get a number, or are dropped
    where nothing is in them."""
    table: dict[str, list[Any]] = {}
    header: dict[str, str] = {}
    for number, (spelled, cells) in enumerate(columns, 1):
        name = one_line(spelled)
        if not name and not any(cells):
            continue
        if len(name) > LONGEST:
            raise DataError(
                f"{path}: the name of column {number} has {len(name):,} characters, more than "
                f"{LONGEST}. It begins with {name[:40]!r}. Is the first line a header?"
            )
        name = name or f"{UNNAMED} {number}"
        if name in table:
            hint = " Or is the first line a row already?" if as_number(name) is not None else ""
            raise DataError(f"{path}: column {name!r} stands twice; rename or remove one.{hint}")
        table[name], header[name] = cells, str(spelled)
    if not table:
        raise DataError(f"{path}: the first line must name every column.")
    return table, header


def headless(path: Path, cell: str) -> DataError:
    """What to say of a table whose first line is a row of labels already."""
    return DataError(
        f"{path} has no header: its first line is the row of image {cell!r}. Put a line with the "
        "columns' names before it, such as file_name,smiling."
    )


def one_line(name: Any) -> str:
    """A column's name in one spelling: without blanks around it or line ends within."""
    return unicodedata.normalize("NFC", " ".join(str(name).split()))


def _read_jsonl(path: Path) -> dict[str, list[Any]]:
    rows: list[dict[str, Any]] = []
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line, object_pairs_hook=_undoubled) if line.strip() else None
                json.dumps(row, ensure_ascii=False).encode()  # half a character is no text
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}, line {number}: not JSON ({error}).") from None
            if isinstance(row, dict):
                rows.append(row)
            elif row is not None:
                raise DataError(f"{path}, line {number}: each line must be one {{…}} object.")
    names = dict.fromkeys(name for row in rows for name in row)
    return _named(((name, [row.get(name) for row in rows]) for name in names), path)[0]


def _undoubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, whose last value would win in silence."""
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            raise ValueError(f"{name!r} stands twice")
    return dict(pairs)


def _read_parquet(path: Path, rows: int | None) -> Iterator[dict[str, list[Any]]]:
    """The table, up to so many rows at a time."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("reading Parquet", "data") from None
    try:
        about = pyarrow.parquet.read_metadata(path)
        if about.num_rows * about.num_columns > BOMB * path.stat().st_size + SPARE:
            raise DataError(
                f"{path} says that it has {about.num_rows:,} rows of {about.num_columns} columns, "
                f"more than {BOMB} cells for each of its bytes: refused."
            )
        if rows is None:
            tables: Iterable[Any] = [pyarrow.parquet.read_table(path)]
        else:
            tables = pyarrow.parquet.ParquetFile(path).iter_batches(rows)
        for table in tables:
            columns = [column.to_pylist() for column in table.columns]
            yield _named(zip(table.schema.names, columns, strict=True), path)[0]
    except (pyarrow.ArrowException, OSError, OverflowError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}.") from None
