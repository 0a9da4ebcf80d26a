"""Any data set as shards."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.atomic import write
from interpretable_gan.data.dataset import SPLITS, Dataset
from interpretable_gan.data.sharded.index import Entry, Index, entry_of
from interpretable_gan.data.sharded.shard import MADE_OF, read_shard
from interpretable_gan.data.sharded.source import SCHEMA
from interpretable_gan.data.sharded.store import Damaged, Store
from interpretable_gan.errors import DataError, MissingExtraError
from interpretable_gan.progress import Progress, Status, silent

Format = Literal["tar", "parquet"]

GROUP = "group"
"""The column that says which images belong together."""

Cells = Mapping[str, list[Any]]
"""Column → a cell for each image, None where it is not known."""


def write_shards(
    data: Dataset,
    folder: Path,
    *,
    rows: int,
    kind: Format = "tar",
    force: bool = False,
    progress: Progress = silent,
) -> Index:
    """Save a data set as shards of ``rows`` images each, all of one split, in a drawn order.

    Images are PNG files of the data set's size. Each shard is written whole or not at all, and one
    that is there already is not made again. ``shards.json`` comes last, so that half of a data set
    is none.

    Raises:
        DataError: a shard is there that was made of something else, and not ``force``.
        MissingExtraError: Parquet cannot be written.
    """
    save = _save_tar if kind == "tar" else _save_parquet
    parts = [
        (split, number, part)
        for split in SPLITS
        for number, part in enumerate(_parts(data.rows(split), rows))
    ]
    counts = {split: sum(each == split for each, *_ in parts) for split in SPLITS}
    group = GROUP if data.groups is not None else None
    if group in data.schema.names:
        raise DataError(
            f"data set {data.name!r} has groups and an attribute called {GROUP!r} as well: give "
            "the attribute another name."
        )
    entries = []
    for done, (split, number, part) in enumerate(parts):
        progress(Status(done, len(parts)))
        path = folder / f"{split}-{number:05d}-of-{counts[split]:05d}.{kind}"
        told = f"{data.checksum} {data.schema.to_dict()} {part.tolist()}"
        made_of = hashlib.sha256(told.encode()).hexdigest()
        if force or not _is_there(path, made_of):
            cells = _cells(data, part)
            write(path, partial(save, part, data.images, cells, made_of))
        entries.append(_entry(path, split, len(part)))
    progress(Status(len(parts), len(parts)))
    data.schema.save(folder / SCHEMA)
    index = Index(name=data.name, group=group, shards=tuple(entries))
    index.save(Store(str(folder)))
    return index


def _parts(rows: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The rows of a split in a drawn order, so many at a time."""
    drawn = np.random.default_rng(0).permutation(rows)
    return [drawn[start : start + count] for start in range(0, len(drawn), count)]


def _is_there(path: Path, made_of: str) -> bool:
    """Whether a shard was written before.

    Raises:
        DataError: it was made of something else.
    """
    if not path.exists():
        return False
    try:
        found = read_shard(path.name, path.read_bytes()).made_of
    except Damaged:
        found = ""
    if found != made_of:
        raise DataError(
            f"{path} was made of other images or labels: name another folder, or give --force."
        )
    return True


def _entry(path: Path, split: str, rows: int) -> Entry:
    return entry_of(path.name, split, rows, path.read_bytes())


def _cells(data: Dataset, rows: NDArray[np.int64]) -> Cells:
    """The labels of some rows as a table holds them; read again, they give the same codes."""
    values = data.schema.read(data.codes[rows].astype(np.float64))
    cells = {}
    for attribute in data.schema.named:
        known = np.all(data.known[rows][:, data.schema.slices[attribute.name]], axis=1)
        column = values[attribute.name]
        plain = column > 0.5 if attribute.kind == "binary" else column
        cells[attribute.name] = [
            cell if there else None for cell, there in zip(plain.tolist(), known, strict=True)
        ]
    if data.groups is not None:
        cells[GROUP] = data.groups[rows].tolist()
    return cells


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    grey = pixels.shape[2] == 1
    Image.fromarray(pixels[:, :, 0] if grey else pixels).save(file, "PNG")
    return file.getvalue()


def _save_tar(rows: NDArray[np.int64], images: Any, cells: Cells, made_of: str, path: Path) -> None:
    """``KEY.png`` and ``KEY.json`` of every row, as WebDataset has them."""
    with tarfile.open(
        path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": made_of}
    ) as archive:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

        for number, row in enumerate(rows.tolist()):
            labels = {name: column[number] for name, column in cells.items()}
            add(f"{row:09d}.png", _png(np.asarray(images[row])))
            add(f"{row:09d}.json", json.dumps(labels, ensure_ascii=False).encode())


def _save_parquet(
    rows: NDArray[np.int64], images: Any, cells: Cells, made_of: str, path: Path
) -> None:
    """Columns ``key``, ``image`` and one for each attribute."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("writing Parquet", "data") from None
    table = pyarrow.table(
        {
            "key": [f"{row:09d}" for row in rows.tolist()],
            "image": [_png(np.asarray(images[row])) for row in rows.tolist()],
            **cells,
        }
    )
    parquet.write_table(table.replace_schema_metadata({MADE_OF: made_of}), path)
