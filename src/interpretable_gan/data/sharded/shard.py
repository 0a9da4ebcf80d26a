"""One shard: a tar file as WebDataset has them, or a Parquet table with the bytes of images."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from interpretable_gan.data.decoding import Framing, Picture, open_header, open_picture
from interpretable_gan.data.pictures import is_called_picture
from interpretable_gan.data.sharded.store import Content, Damaged
from interpretable_gan.errors import MissingExtraError
from interpretable_gan.schema.table import Column, one_line

SUFFIXES = (".tar", ".parquet")

MADE_OF = "interpretable_gan"
"""Where a shard's own metadata say what it was made of."""

MOST = 2**31
"""Most bytes that a shard may unpack to."""

ROWS = 256
"""Rows of a table that are unpacked at a time."""

MOST_LABELS = 2**20
"""Most bytes of the labels of one image."""


@dataclass(frozen=True)
class Shard:
    """Image files by number, with a table of their labels.

    Args:
        name: of its file.
        keys: what each image is called in it.
        image: the bytes of an image file, by number.
        table: column → one cell for each image, None where it has none.
        made_of: what its writer noted.
    """

    name: str
    keys: Sequence[str]
    image: Callable[[int], bytes]
    table: Mapping[str, Column]
    made_of: str = ""

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Sharded:
    """`Pictures` of several shards, one behind the other."""

    shards: Sequence[Shard]
    places: Sequence[tuple[int, int]]
    stamp: str

    @classmethod
    def of(cls, shards: Sequence[Shard], stamp: str) -> Sharded:
        """All images of some shards."""
        places = [(n, row) for n, each in enumerate(shards) for row in range(len(each))]
        return cls(shards, places, stamp)

    @cached_property
    def names(self) -> Sequence[str]:
        """The shard and the key in it."""
        return [f"{self.shards[n].name}/{self.shards[n].keys[row]}" for n, row in self.places]

    def content(self, index: int) -> bytes:
        """The image file."""
        number, row = self.places[index]
        return self.shards[number].image(row)

    def mode(self, index: int) -> str:
        """The mode that the file's header tells."""
        return open_header(io.BytesIO(self.content(index))).mode

    def picture(self, index: int, framing: Framing | None = None) -> Picture:
        """The decoded file."""
        return open_picture(self.content(index), framing)


def is_shard(name: str) -> bool:
    """Whether a file is called as shards are."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def read_shard(name: str, content: Content) -> Shard:
    """The images and labels of a shard, without decoding any.

    A tar file holds ``KEY.jpg`` or another image and, where it has labels, ``KEY.json`` with one
    object or ``KEY.cls`` with a class; what else it holds is not used. A Parquet table has a column
    of bytes, or of structs with ``bytes`` as Hugging Face writes them; ``key`` is its name, and all
    other columns are labels.

    Raises:
        Damaged: cut short, or nothing that a shard holds; links, devices, sparse files and names
            that lead out of it.
        MissingExtraError: Parquet without the ``data`` extra.
    """
    reader = _tar if name.lower().endswith(".tar") else _parquet
    try:
        return reader(name, content)
    except (Damaged, MissingExtraError):
        raise
    except Exception as error:  # damage makes readers raise whatever it may
        raise Damaged(f"cannot be read ({str(error) or type(error).__name__})") from None


def _tar(name: str, content: Content) -> Shard:
    images: dict[str, tuple[int, int]] = {}
    labels: dict[str, dict[str, Any]] = {}
    file: Any = io.BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:") as archive:
        made_of = archive.pax_headers.get("comment", "")
        for member in archive:
            if member.isdir():
                continue
            _refuse_strange(member)
            start, end = member.offset_data, member.offset_data + member.size
            folder, slash, base = member.name.rpartition("/")
            stem, _, ending = base.partition(".")
            key, kind = f"{folder}{slash}{stem}", ending.lower()
            if kind in ("json", "cls"):
                labels.setdefault(key, {}).update(_labels(key, kind, content[start:end]))
            elif is_called_picture(f"{stem}.{kind}"):
                images.setdefault(key, (start, end))
        last = archive.offset
    if any(content[last : last + tarfile.BLOCKSIZE]):
        raise Damaged("has bytes that are no part of it")
    keys = list(images)
    columns = dict.fromkeys(one_line(column) for cells in labels.values() for column in cells)
    none: dict[str, Any] = {}
    table = {column: [labels.get(key, none).get(column) for key in keys] for column in columns}

    def image(row: int) -> bytes:
        start, end = images[keys[row]]
        return content[start:end]

    return Shard(name, keys, image, table, made_of)


def _refuse_strange(member: tarfile.TarInfo) -> None:
    """Nothing of a tar file is written to a disk; yet what only an attack has is not read."""
    parts = member.name.split("/")
    if not member.isreg() or member.issparse():
        raise Damaged(f"holds {member.name!r}, which is a link, a device or a sparse file")
    if member.name.startswith("/") or ".." in parts:
        raise Damaged(f"holds {member.name!r}, a name that leads out of it")


def _labels(key: str, kind: str, text: bytes) -> dict[str, Any]:
    """The labels of one image."""
    if len(text) > MOST_LABELS:
        raise Damaged(f"has labels of more than a megabyte ({key}.{kind})")
    if kind == "cls":
        return {"label": text.decode("utf-8").strip()}
    found = json.loads(text)
    if not isinstance(found, dict):
        raise Damaged(f"has labels that are no JSON object ({key}.json)")
    return found


def _parquet(name: str, content: Content) -> Shard:
    try:
        import pyarrow
        import pyarrow.compute
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("reading Parquet", "data") from None
    with parquet.ParquetFile(pyarrow.BufferReader(pyarrow.py_buffer(content))) as file:
        batches, size = [], 0
        for batch in file.iter_batches(ROWS):
            size += batch.nbytes
            if size > MOST:
                raise Damaged("unpacks to more than two gigabytes")
            batches.append(batch)
        table = pyarrow.Table.from_batches(batches, file.schema_arrow)
    told = table.schema.metadata or {}
    column = image_column(table.schema)
    if column is None:
        raise Damaged("has no column with the bytes of images")
    images = table.column(column)
    if pyarrow.types.is_struct(images.type):
        images = pyarrow.compute.struct_field(images, "bytes")
    keys = table.column("key").to_pylist() if "key" in table.column_names else range(len(table))
    others = [each for each in table.column_names if each not in (column, "key")]
    return Shard(
        name,
        [str(key) for key in keys],
        lambda row: images[row].as_py() or b"",
        {one_line(each): table.column(each).to_pylist() for each in others},
        told.get(MADE_OF.encode(), b"").decode(),
    )


def image_column(schema: Any) -> str | None:
    """The first column of an Arrow schema that holds bytes, or structs with bytes."""
    import pyarrow.types as types

    for field in schema:
        kind = field.type
        if types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
            kind = kind.field("bytes").type
        if types.is_binary(kind) or types.is_large_binary(kind):
            return str(field.name)
    return None
