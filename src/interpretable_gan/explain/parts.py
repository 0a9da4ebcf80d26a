"""Many images in parts, each of which becomes one table: a file of shards, or 1,024 images."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.data.decoding import Framing, Picture, frame
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Files, Pictures, files_below, read_all
from interpretable_gan.data.sharded.index import (
    DAMAGED,
    FILE,
    Index,
    shard_names,
    split_of,
    whole_shard,
)
from interpretable_gan.data.sharded.shard import Shard, Sharded
from interpretable_gan.data.sharded.source import holds_shards
from interpretable_gan.data.sharded.store import Damaged, Store
from interpretable_gan.errors import DataError
from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

if TYPE_CHECKING:
    pass

PART = 1024
"""Images that are read together: few enough for memory, and not much to lose when the work is
stopped."""

Labels = Mapping[str, list[Any]]
"""Attribute → its natural value for each image, None where it is not known."""


class Block(NamedTuple):
    """Up to `PART` images by name, and what is known of them."""

    names: list[str]
    images: Images
    labels: Labels


@dataclass(frozen=True)
class Part:
    """What becomes one table: its name, what changes when its images do, and how these are read
    by a model, with a note of what is left out."""

    name: str
    stamp: str
    read: Callable[[ImageModel, Intake], Iterator[Block]]


def parts_of(source: str, intake: Intake) -> list[Part]:
    """The parts of a folder of images, with its subfolders, or of shards.

    Raises:
        DataError: it holds neither.
    """
    if holds_shards(source):
        return shard_parts(source)
    folder = Path(source)
    if not folder.is_dir():
        raise DataError(f"{source} is no folder; name one that holds images or shards.")
    files, remark = files_below(folder)
    if not files.names:
        raise DataError(f"folder {source} holds no image files; name another.")
    intake.remarks += [remark] if remark else []
    some = [
        Files(files.root, files.names[first : first + PART])
        for first in range(0, len(files.names), PART)
    ]
    return [
        Part(f"part-{number:05d}-of-{len(some):05d}", each.stamp, _reader(each))
        for number, each in enumerate(some)
    ]


def shard_parts(address: str, split: str | None = None) -> list[Part]:
    """One part for each shard, of one split or of all.

    Raises:
        DataError: there are none.
    """
    store = Store(address)
    sizes = store.sizes()
    found: list[tuple[str, str, str]] = []
    if FILE in sizes:
        found += [(entry.name, entry.split, entry.sha256) for entry in Index.load(store).shards]
    else:
        found += [(name, split_of(name) or "", "") for name in shard_names(store)]
    parts = [
        Part(Path(name).stem, sha256 or store.stamp(name), partial(_of_shard, store, name, sha256))
        for name, its_split, sha256 in found
        if split in (None, its_split)
    ]
    if not parts:
        raise DataError(f"{address} has no shards of {split} images.")
    return parts


def data_parts(data: Dataset, split: str) -> list[Part]:
    """A split of a data set, `PART` images a part."""
    rows = data.rows(split)
    count = math.ceil(len(rows) / PART)

    def of_rows(number: int) -> Part:
        mine = rows[number * PART : (number + 1) * PART]

        def read(model: ImageModel, intake: Intake) -> Iterator[Block]:
            images, codes, known = data.batch(mine)
            labels = natural(data.schema, codes.numpy(), known.numpy())
            yield Block([str(row) for row in mine.tolist()], images, labels)

        return Part(f"{split}-{number:05d}-of-{count:05d}", f"{data.checksum} {mine}", read)

    return [of_rows(number) for number in range(count)]


def natural(schema: Schema, codes: Any, known: Any) -> Labels:
    """Codes and known ``(rows, named columns)`` as values that people use."""
    found = {}
    for name, values in schema.read(codes).items():
        there = known[:, schema.slices[name]].all(axis=1).tolist()
        found[name] = [
            each if is_known else None
            for each, is_known in zip(values.tolist(), there, strict=True)
        ]
    return found


def _reader(pictures: Pictures) -> Callable[[ImageModel, Intake], Iterator[Block]]:
    """What reads pictures as one block without labels."""

    def read(model: ImageModel, intake: Intake) -> Iterator[Block]:
        rows, images = _pixels(pictures, model, intake)
        yield Block([pictures.names[row] for row in rows], images, {})

    return read


def _of_shard(
    store: Store, name: str, sha256: str, model: ImageModel, intake: Intake
) -> Iterator[Block]:
    """The images and labels of a shard; nothing of a damaged one, which is noted."""
    try:
        shard, _ = whole_shard(store, name, sha256)
    except Damaged as why:
        intake.note(DAMAGED, f"{name} {why}")
        return
    for first in range(0, len(shard), PART):
        rows = range(first, min(first + PART, len(shard)))
        kept, images = _pixels(Sharded([shard], [(0, row) for row in rows], ""), model, intake)
        mine = [rows[row] for row in kept]
        yield Block([shard.keys[row] for row in mine], images, _labels(shard, mine, model.schema))


def _labels(shard: Shard, rows: list[int], schema: Schema) -> Labels:
    """The labels of attributes that a shard has."""
    found: dict[str, list[Any]] = {}
    for attribute in schema.named:
        if attribute.name in shard.table:
            cells = shard.table[attribute.name]
            parsed = attribute.parse([cells[row] for row in rows])
            values = attribute.decode(parsed.columns).tolist()
            found[attribute.name] = [
                value if known else None
                for value, known in zip(values, parsed.known.tolist(), strict=True)
            ]
    return found


def _pixels(pictures: Pictures, model: ImageModel, intake: Intake) -> tuple[list[int], Images]:
    """Numbers and images of those pictures that can be read; others are noted."""
    size, channels = model.config.size, model.modality.channels

    def cut(picture: Picture, values: Any) -> Any:
        return frame(picture.image, Framing(size, channels=channels, values=values))

    found = read_all(pictures, intake, cut, Framing(size, channels=channels))
    images = torch.empty(len(found), channels, size, size)
    for place, (_, pixels) in enumerate(found):
        images[place] = torch.tensor(pixels).permute(2, 0, 1).float() / 127.5 - 1
    return [number for number, _ in found], images
