"""One door for every kind of data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from interpretable_gan.data import dsprites
from interpretable_gan.data.celeba import celeba_source, is_celeba
from interpretable_gan.data.dataset import Dataset, DataSource
from interpretable_gan.data.dsprites import VARIANTS
from interpretable_gan.data.image_folder import find_table, image_folder_source
from interpretable_gan.data.npz import npz_source
from interpretable_gan.data.sharded.source import holds_shards, shard_source
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.data.source import Source, build
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import is_table

PORTRAITS = "portraits"
PORTRAIT_COUNT = 20_000


def open_dataset(
    source: str | Path,
    *,
    size: int,
    seed: int = 0,
    strict: bool = False,
    schema: Schema | None = None,
    roles: Roles | None = None,
    progress: Progress = silent,
) -> Dataset:
    """Open whatever ``source`` is, as square images of ``size`` pixels with their attributes.

    Args:
        source: ``"portraits"``; ``"dsprites"``, ``"dsprites-colour"`` or ``"dsprites-noisy"``;
            a CelebA folder; a folder of images with a table; the table itself; an npz file, or a
            folder with just one; a folder of shards, or its address such as ``s3://bucket/faces``.
        size: height and width of the images.
        seed: of the splits where the source has none of its own, and of portraits.
        strict: stop at images and labels that cannot be used as they are, instead of going on
            without them.
        schema: what the labels mean, where the source's own or inferred schema is not wanted.
        roles: columns with the split and the group, where these are not found or wrongly.
        progress: told how many images are decoded or drawn.

    Raises:
        DataError: nothing known was found; nothing usable; with ``strict``, anything wrong.
    """
    if str(source) in VARIANTS:
        drawn = dsprites.dataset(str(source), size=size, seed=seed)
        return replace(drawn, source=DataSource(str(source), seed))
    if str(source) == PORTRAITS:
        from interpretable_gan.data import portraits

        drawn = portraits.dataset(size=size, count=PORTRAIT_COUNT, seed=seed, progress=progress)
        return replace(drawn, source=DataSource(PORTRAITS, seed))
    address = Store.is_address(source)
    found = shard_source(str(source)) if address else find_source(Path(source), size)
    data = build(
        found, size=size, seed=seed, strict=strict, schema=schema, roles=roles, progress=progress
    )
    place = str(source) if address else str(Path(source).resolve())
    return replace(data, source=DataSource(place, seed))


def find_source(path: Path, size: int) -> Source:
    """Recognise a file or folder.

    Raises:
        DataError: none of the known kinds; lists what was looked for.
    """
    if path.is_file() and path.suffix == ".npz":
        return npz_source(path)
    if path.is_file() and is_table(path):
        return image_folder_source(path)
    if path.is_dir():
        if is_celeba(path):
            return celeba_source(path, size)
        if holds_shards(path):
            return shard_source(str(path))
        if len(packed := sorted(path.glob("*.npz"))) == 1:
            return npz_source(packed[0])
        if table := find_table(path):
            return image_folder_source(table)
    words = ", ".join(map(repr, [PORTRAITS, *VARIANTS]))
    raise DataError(
        f"{path} {'does not exist' if not path.exists() else 'is no data set that is known'}. "
        f"Looked for: one of the words {words}; a CelebA folder "
        "(list_attr_celeba.txt with img_align_celeba/, or celeba64_jpeg.npz); a folder of images "
        "with metadata.csv, metadata.jsonl or one CSV or Parquet table; such a table; an npz file "
        "with images and attributes, with MedMNIST's keys, or packed; a folder of shards, tar or "
        "Parquet with the bytes of images."
    )
