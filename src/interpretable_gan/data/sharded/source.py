"""Shards as a source: some of their images at hand, and all of them as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from interpretable_gan.data.dataset import SPLITS
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.index import (
    DAMAGED,
    FILE,
    Entry,
    Index,
    shard_names,
    split_of,
    whole_shard,
)
from interpretable_gan.data.sharded.shard import Shard, Sharded, image_column, is_shard
from interpretable_gan.data.sharded.store import Damaged, Store
from interpretable_gan.data.source import Source
from interpretable_gan.schema.schema import Schema

AT_HAND = 50_000
"""Images of each split, in whole shards, that are decoded before training begins: for the schema,
the doctor, checks and cards."""

SCHEMA = "schema.yaml"


def holds_shards(source: str | Path) -> bool:
    """Whether a source is a folder of shards; every address is taken for one."""
    if Store.is_address(source):
        return True
    folder = Path(source)
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir() if path.is_file()}
    shards = sorted(filter(is_shard, names))
    if FILE in names or any(name.endswith(".tar") for name in shards):
        return True
    return bool(shards) and _has_images(folder / shards[0])


def _has_images(table: Path) -> bool:
    """Whether a Parquet table has a column with the bytes of images."""
    try:
        from pyarrow import parquet

        return image_column(parquet.read_schema(table)) is not None
    except (ImportError, OSError, ValueError):
        return False  # reading it says what is wrong


def shard_source(address: str) -> Source:
    """A folder of shards. With ``shards.json`` training streams them, and `AT_HAND` images of each
    split are at hand; without it all are, as those of any other data set. A ``schema.yaml`` beside
    them says what their labels mean.

    Raises:
        DataError: no shards, none that is whole, or a store that does not answer.
    """
    store, intake = Store(address), Intake(address)
    sizes = store.sizes()
    index = Index.load(store) if FILE in sizes else None
    if index is None:
        wanted = {name: ("", split_of(name) or "") for name in shard_names(store)}
    else:
        wanted = {entry.name: (entry.sha256, entry.split) for entry in _at_hand(index)}
        _note_strange_sizes(index, wanted, sizes, intake)
    shards, digest = _whole(store, wanted, intake)
    splits = [wanted[shard.name][1] for shard in shards for _ in range(len(shard))]
    if index is not None:
        intake.remarks.append(_streamed(index, len(splits)))
    group = index.group if index else None
    return Source(
        name=index.name if index else store.name,
        pictures=Sharded.of(shards, digest),
        table=_table(shards, aside=group),
        intake=intake,
        split=splits if all(splits) else None,
        group=_column(shards, group) if group else None,
        columns={"split": "names of shards"} if all(splits) else {},
        schema=Schema.parse(store.text(SCHEMA), f"{address}/{SCHEMA}") if SCHEMA in sizes else None,
        shards=(store, index) if index else None,
    )


def _at_hand(index: Index) -> Iterator[Entry]:
    """The first shards of each split."""
    for split in SPLITS:
        rows = 0
        for entry in index.of(split):
            if rows < AT_HAND:
                yield entry
            rows += entry.rows


def _note_strange_sizes(
    index: Index, read: Collection[str], sizes: Mapping[str, int], intake: Intake
) -> None:
    """Note shards that will not be read now and cannot be whole."""
    for entry in index.shards:
        if entry.name not in read and sizes.get(entry.name) != entry.size:
            why = "has another size" if entry.name in sizes else "is missing"
            intake.note(DAMAGED, f"{entry.name} {why}")


def _whole(
    store: Store, wanted: Mapping[str, tuple[str, str]], intake: Intake
) -> tuple[list[Shard], str]:
    """The shards that are whole, and a hash of them; others are noted.

    Raises:
        DataError: none is.
    """
    shards, digest = [], hashlib.sha256()
    for name, (sha256, _) in wanted.items():
        try:
            shard, found = whole_shard(store, name, sha256)
        except Damaged as why:
            intake.note(DAMAGED, f"{name} {why}")
            continue
        shards.append(shard)
        digest.update(found.encode())
    if not any(map(len, shards)):
        intake.settle(0, strict=False)
    return shards, digest.hexdigest()


def _streamed(index: Index, at_hand: int) -> str:
    """What training takes, and what everything else."""
    rows = sum(entry.rows for entry in index.of("train"))
    return (
        f"training streams {rows:,} images from {len(index.of('train')):,} shards; "
        f"{at_hand:,} images of all splits are at hand for everything else"
    )


def _table(shards: Sequence[Shard], aside: str | None) -> dict[str, list[Any]]:
    """The columns that any shard has, but for one."""
    names = dict.fromkeys(name for shard in shards for name in shard.table)
    return {name: _column(shards, name) for name in names if name != aside}


def _column(shards: Sequence[Shard], name: str) -> list[Any]:
    """A column of all shards; None where a shard does not have it."""
    return [cell for shard in shards for cell in shard.table.get(name, [None] * len(shard))]
