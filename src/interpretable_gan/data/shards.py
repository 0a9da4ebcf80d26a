"""Parquet tables that are larger than memory: columns are judged by some of the rows, and cells go
batch by batch into a file that the system maps into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute, as_number, as_text
from interpretable_gan.schema.cells import Cells, read_cells
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import one_line
from interpretable_gan.schema.table_form import TableForm

LARGE = 200_000
"""Rows from which on a Parquet table is read batch by batch."""

SAMPLE = 100_000
"""Rows by which its columns are judged, taken at random."""

BATCH = 65_536
"""Rows that are read at a time."""


@dataclass(frozen=True)
class Shards:
    """Parquet files of one table.

    Args:
        paths: in order.
        counts: rows of each.
        names: columns as the files spell them.
    """

    paths: tuple[Path, ...]
    counts: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, source: Any) -> Shards | None:
        """The files of a source, where these are Parquet alone and have `LARGE` rows or more.

        Raises:
            DataError: files of different columns.
        """
        path = Path(source) if isinstance(source, str | Path) else None
        if path is None or not path.exists():
            return None
        files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
        paths = [file for file in files if file.suffix.lower() == ".parquet"]
        others = [file for file in files if file.suffix.lower() not in (".parquet", ".yaml")]
        if not paths or others:
            return None
        try:
            import pyarrow.parquet as parquet

            known = [parquet.ParquetFile(each) for each in paths]
        except (ImportError, OSError, ValueError):
            return None  # reading it whole says what is wrong
        counts = tuple(each.metadata.num_rows for each in known)
        if sum(counts) < LARGE:
            return None
        names = tuple(known[0].schema_arrow.names)
        for each, other in zip(paths, known, strict=True):
            if odd := sorted(set(other.schema_arrow.names) ^ set(names)):
                raise DataError(
                    f"{each} and {paths[0]} have different columns, such as {odd[0]!r}; files of "
                    "one table have the same."
                )
        return cls(tuple(paths), counts, names)

    @property
    def count(self) -> int:
        """Rows of all files."""
        return sum(self.counts)

    def batches(self, names: tuple[str, ...] | None = None) -> Iterator[tuple[int, Any]]:
        """Number of the first row, and Arrow columns, of one batch after the other."""
        import pyarrow.parquet as parquet

        first = 0
        for path in self.paths:
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH, columns=list(names or self.names)):
                    yield first, batch
                    first += len(batch)

    def sample(self) -> tuple[NDArray[np.int64], tuple[dict[str, list[Any]], TableForm]]:
        """Numbers of up to `SAMPLE` rows, ascending, and their columns, with a plain form."""
        luck = np.random.default_rng(0)
        rows = np.sort(luck.permutation(self.count)[:SAMPLE])
        columns: dict[str, list[Any]] = {one_line(name): [] for name in self.names}
        for first, batch in self.batches():
            within = rows[(rows >= first) & (rows < first + len(batch))] - first
            for name, column in zip(self.names, batch.take(within).columns, strict=True):
                columns[one_line(name)] += column.to_pylist()
        return rows, (columns, TableForm.plain(columns))

    def column(self, name: str) -> list[Any]:
        """One column of all rows, such as the split."""
        spelt = next(each for each in self.names if one_line(each) == name)
        return [cell for _, batch in self.batches((spelt,)) for cell in batch.column(0).to_pylist()]

    def cells(self, schema: Schema, intake: Intake) -> NDArray[np.float64]:
        """The cells of the schema's columns, in a file without a name that goes with the array.

        Raises:
            DataError: the table lacks a column of the schema.
        """
        spelt = {one_line(name): name for name in self.names}
        for attribute in schema.named:
            if attribute.name not in spelt:
                raise DataError(
                    f"schema {schema.name!r} has a column {attribute.name!r}, but the table has "
                    f"not. It has: {', '.join(spelt)}."
                )
        names = tuple(spelt[attribute.name] for attribute in schema.named)
        with TemporaryFile() as file:
            found: NDArray[np.float64] = np.memmap(
                file, np.float64, "w+", shape=(self.count, len(names))
            )
        for first, batch in self.batches(names):
            for number, attribute in enumerate(schema.named):
                cells = arrow_cells(attribute, batch.column(names[number]))
                found[first : first + len(batch), number] = cells.values
                for row in np.flatnonzero(cells.unreadable).tolist():
                    text = as_text(batch.column(names[number])[row].as_py())
                    intake.note("unreadable label", f"{attribute.name} {text!r}")
        return found


def arrow_cells(attribute: Attribute, column: Any) -> Cells:
    """What `read_cells` reads; numbers of a continuous attribute without a text in between."""
    import pyarrow.types as types

    kind = column.type
    plain = types.is_floating(kind) or types.is_integer(kind)
    if attribute.kind != "continuous" or attribute.date or not plain:
        return read_cells(attribute, column.to_pylist())
    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    codes = [number for text in attribute.missing if (number := as_number(text)) is not None]
    odd = np.isinf(values)
    values = np.where(np.isin(values, codes) | odd, np.nan, values)
    return Cells(values, odd)
