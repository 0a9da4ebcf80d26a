"""Tables as data sets: every row is an example, every column an attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.columns import Columns, sort_columns
from interpretable_gan.data.dataset import DataSource, checksum
from interpretable_gan.data.file_names import Folder
from interpretable_gan.data.image_folder import beside
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import is_called_picture
from interpretable_gan.data.sharded.source import holds_shards
from interpretable_gan.data.shards import Shards
from interpretable_gan.data.splits import (
    SHARES,
    Splits,
    group_numbers,
    official_splits,
    rows_of,
    seeded_splits,
)
from interpretable_gan.errors import DataError, did_you_mean
from interpretable_gan.schema.attribute import as_text
from interpretable_gan.schema.cells import read_cells, write_cells
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import is_table, one_line, read_file, read_table
from interpretable_gan.schema.table_form import TableForm
from interpretable_gan.schema.table_inference import infer_table

FIRST = 200
"""Rows by which a table of images is told from a table of its own."""

SHOWN = 12
"""Columns that are named in one line."""

FEW = 10
"""Rows below which nothing can be learned and measured."""

Table = dict[str, Any]


@dataclass(frozen=True, eq=False)
class TableData:
    """Rows of a table.

    Args:
        name: what to call it.
        schema: the columns, as attributes in the order of the table.
        cells: float64 ``(rows, columns)`` as `read_cells` reads them, nan where not known.
        splits: ``train``, ``validation`` and ``test`` → int64 row numbers, disjoint.
        groups: int64 ``(rows,)``, equal for rows that must stay in one split.
        checksum: changes when columns or cells do.
        report: what was wrong with the source, and what was decided.
        source: where it comes from; None where it was a data frame.
        form: how the source writes them, so that others can be written so, too; None where nothing
            was written.
    """

    name: str
    schema: Schema
    cells: NDArray[np.float64]
    splits: Mapping[str, NDArray[np.int64]]
    groups: NDArray[np.int64] | None = None
    checksum: str = ""
    report: Intake | None = None
    source: DataSource | None = None
    form: TableForm | None = None

    def __len__(self) -> int:
        return len(self.cells)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Row numbers of ``train``, ``validation`` or ``test``."""
        return rows_of(self.splits, split, self.name)

    def columns(self, rows: NDArray[np.int64] | None = None) -> dict[str, list[str]]:
        """Some rows, or all, as the table writes them: column name → texts."""
        cells = self.cells if rows is None else self.cells[rows]
        return {
            attribute.name: write_cells(attribute, cells[:, number])
            for number, attribute in enumerate(self.schema.named)
        }


def holds_rows(source: str | Path) -> bool:
    """Whether a source is a table of its own, or a folder with nothing but such tables, and not a
    table or shards of images."""
    path = Path(source)
    if holds_shards(source):
        return False
    if path.is_dir():
        tables = _tables_of(path)
        folder = Folder(path) if tables else None
        return folder is not None and not folder.images and len(folder.files) <= len(tables) + 1
    if not path.is_file() or not is_table(path):
        return False
    table = read_table(path)
    first = {name: [as_text(v) for v in islice(column, FIRST)] for name, column in table.items()}
    if any(2 * sum(map(is_called_picture, texts)) > len(texts) for texts in first.values()):
        return False
    folder = Folder(path.parent)
    if not folder.images:
        return True
    found = ([file for file in folder.find(texts).files if file] for texts in first.values())
    return not any(2 * sum(map(is_called_picture, files)) > FIRST / 2 for files in found)


def open_table(
    source: Any,
    *,
    name: str | None = None,
    seed: int = 0,
    strict: bool = False,
    schema: Schema | None = None,
    roles: Roles | None = None,
) -> TableData:
    """Open a table as a data set.

    Args:
        source: a CSV (also ``.gz``), TSV, JSON lines or Parquet file; a folder of such files with
            the same columns; a data frame, or a mapping of columns. Parquet of many rows is read
            batch by batch, see `Shards`.
        name: what to call it; by default the file's name.
        seed: of splits, where the table has none.
        strict: stop on anything wrong with the table, instead of going on without it.
        schema: what the columns mean. By default ``schema.yaml`` beside the file, else inferred.
        roles: columns with the split and the group, where these are not found or wrongly.

    Raises:
        DataError: no such file, nothing usable, too few rows, a column of the schema is missing;
            with ``strict``, anything wrong.
    """
    path = Path(source) if isinstance(source, str | Path) else None
    name = name or (path.resolve().name.partition(".")[0] if path else "table")
    intake = Intake(str(path) if path else name)
    shards = Shards.of(source)
    rows, (table, form) = shards.sample() if shards else (None, read_written(source, intake))
    whole = shards.column if shards else table.__getitem__
    if schema is None and path is not None:
        schema = beside(path if path.is_dir() else path.parent)
    roles = (roles or Roles()).over(schema.roles if schema else Roles())
    found = sort_columns(table, roles, schema.names if schema else ())
    intake.remarks += found.doubts
    count = shards.count if shards else len(next(iter(table.values())))
    if count < FEW:
        raise DataError(f"{intake.source}: {count} rows are too few; give {FEW} or more.")
    groups = group_numbers(whole(found.group)) if found.group else None
    parts = whole(found.split) if found.split else None
    splits = _splits(count, found.split, parts, groups, intake, seed)
    if schema is None:
        if rows is not None:
            intake.remarks.append(f"columns are judged by {len(rows):,} of {count:,} rows")
        schema = _inferred(table, name, found, rows, splits["train"], intake)
    schema = schema.model_copy(update={"roles": roles})
    cells = shards.cells(schema, intake) if shards else as_cells(schema, table, intake)
    intake.columns = _line(found, schema)
    return TableData(
        name=name,
        schema=schema,
        cells=cells,
        splits=splits,
        groups=groups,
        checksum=checksum(*schema.names, cells),
        report=intake.settle(sum(map(len, splits.values())), strict=strict),
        source=DataSource(str(path.resolve()), seed) if path else None,
        form=form.filled(table, schema.names),
    )


def _inferred(
    table: Table,
    name: str,
    found: Columns,
    rows: NDArray[np.int64] | None,
    training: NDArray[np.int64],
    intake: Intake,
) -> Schema:
    """What the columns mean, judged by the training rows among ``rows``, which the table holds;
    None where it holds all. What was decided is noted."""
    training = training if rows is None else np.flatnonzero(np.isin(rows, training))
    told = infer_table(table, name=name, ignore=found.aside, training=training)
    intake.remarks += told.decisions
    return told.schema


def read_rows(source: Any, intake: Intake) -> Table:
    """Columns by name, of a file, a folder of files, a data frame or a mapping.

    Raises:
        DataError: unreadable, no columns, doubled names, columns of different lengths.
    """
    return read_written(source, intake)[0]


def read_written(source: Any, intake: Intake) -> tuple[Table, TableForm]:
    """What `read_rows` reads, and how it is written; of several files the first one.

    Raises:
        DataError: as `read_rows` does.
    """
    if not isinstance(source, str | Path):
        table = _given(source)
        return table, TableForm.plain(table)
    path = Path(source)
    if not path.is_dir():
        return read_file(path, intake.remarks)
    paths = _tables_of(path)
    if not paths:
        raise DataError(f"{path} has no table: put CSV or Parquet files into it.")
    found = [read_file(each, intake.remarks) for each in paths]
    parts = [part for part, _ in found]
    for each, part in zip(paths, parts, strict=True):
        if set(part) != set(parts[0]):
            odd = sorted(set(part) ^ set(parts[0]))[0]
            raise DataError(
                f"{each} and {paths[0]} have different columns, such as {odd!r}; files of one "
                "table have the same."
            )
    intake.remarks[:] = dict.fromkeys(intake.remarks)
    if len(paths) > 1:
        intake.remarks.append(f"{len(paths)} files are read as one table")
    whole = {name: [cell for part in parts for cell in part[name]] for name in parts[0]}
    return whole, found[0][1]


def as_cells(schema: Schema, table: Mapping[str, Any], intake: Intake) -> NDArray[np.float64]:
    """The cells of the schema's columns; those that cannot be read are noted and not known.

    Raises:
        DataError: the table lacks a column of the schema.
    """
    columns = []
    for attribute in schema.named:
        name = attribute.name
        if name not in table:
            raise DataError(
                f"schema {schema.name!r} has a column {name!r}, but the table has not."
                f"{did_you_mean(name, list(table))} It has: {', '.join(table)}."
            )
        cells = read_cells(attribute, table[name])
        for row in np.flatnonzero(cells.unreadable).tolist():
            intake.note("unreadable label", f"{name} {as_text(table[name][row])!r}")
        columns.append(cells.values)
    return np.stack(columns, axis=1)


def _given(source: Any) -> Table:
    """A data frame, an Arrow table or a mapping as columns; what is null becomes None."""
    if hasattr(source, "to_pydict"):
        source = source.to_pydict()
    names = list(source.keys() if hasattr(source, "keys") else getattr(source, "columns", ()))
    if not names:
        raise DataError("a table is a path, a data frame or a mapping of columns; this is none.")
    spelt = [one_line(name) for name in names]
    if doubled := [name for name in spelt if spelt.count(name) > 1]:
        raise DataError(f"column {doubled[0]!r} stands twice; rename or remove one.")
    table = {new: _cells(source[old]) for new, old in zip(spelt, names, strict=True)}
    lengths = {name: len(column) for name, column in table.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"columns differ in length: {lengths}.")
    return table


def _cells(column: Iterable[Any]) -> list[Any]:
    """One cell after the other; those of other kinds of nothing (nan, NaT, NA) are None."""
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if _is_null(value) else value for value in values]


def _is_null(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):  # pandas' NA is neither equal nor unequal to itself
        return type(value).__name__ == "NAType"


def _tables_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and is_table(path))


def _splits(
    count: int,
    name: str | None,
    column: Any,
    groups: NDArray[np.int64] | None,
    intake: Intake,
    seed: int,
) -> Splits:
    """The table's own split, or one drawn from the seed; without validation rows a tenth of the
    training rows, or rather of their groups, becomes them."""
    if name is None:
        intake.remarks.append(f"rows are split at random, seed {seed}: {_shares()}")
        return seeded_splits(count, seed=seed, groups=groups)
    names = [f"row {row}" for row in range(count)]
    splits = official_splits(column, intake, names=names, groups=groups)
    rows = splits["train"]
    if not len(splits["validation"]) and len(rows) >= FEW:
        again = seeded_splits(len(rows), seed=seed, groups=None if groups is None else groups[rows])
        splits["validation"] = rows[again["validation"]]
        splits["train"] = np.sort(rows[np.concatenate([again["train"], again["test"]])])
        intake.remarks.append(
            f"{name} names no validation rows: a tenth of the training rows is taken, seed {seed}"
        )
    if not len(splits["train"]):
        raise DataError(f"{intake.source}: no row of column {name!r} is for training.")
    return splits


def _shares() -> str:
    return ", ".join(f"{share:.0%} {name}" for name, share in SHARES.items())


def _line(found: Columns, schema: Schema) -> str:
    """Which column is what."""
    roles = {"split": found.split, "group": found.group}
    names = list(schema.names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    told = [f"{role}: {name}" for role, name in roles.items() if name]
    return " · ".join([*told, f"columns: {', '.join(names[:SHOWN])}{more}"])
