"""What shards a folder has: enough to walk through them without opening any."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.shard import Shard, is_shard, read_shard
from interpretable_gan.data.sharded.store import Content, Damaged, Store
from interpretable_gan.data.splits import WORDS
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Checked

FILE = "shards.json"

DAMAGED = "damaged shard"
"""What `Intake` calls one that is left out."""


class Entry(Checked):
    """One shard: its file, the split of all its images, how many there are, and the SHA-256 of its
    ``size`` bytes."""

    name: str = Field(pattern=r"^[^/\\]+$")
    split: Literal["train", "validation", "test"]
    rows: int = Field(ge=1)
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Index(Checked):
    """``shards.json``: all shards, in order, and the column of their tables that says which images
    belong together, if there is one."""

    version: Literal[1] = 1
    name: str
    group: str | None = None
    shards: tuple[Entry, ...] = Field(min_length=1)

    def of(self, split: str) -> tuple[Entry, ...]:
        """The shards of one split."""
        return tuple(entry for entry in self.shards if entry.split == split)

    @property
    def checksum(self) -> str:
        """Changes when any shard does."""
        return hashlib.sha256(self.model_dump_json(exclude={"name"}).encode()).hexdigest()

    def save(self, store: Store) -> None:
        """Write ``shards.json``; with it, shards are a data set."""
        store.write(FILE, json.dumps(self.model_dump(), indent=1) + "\n")

    @classmethod
    def load(cls, store: Store) -> Index:
        """Read ``shards.json``.

        Raises:
            DataError: it is damaged.
        """
        try:
            return cls(**json.loads(store.text(FILE)))
        except (ValueError, TypeError, SchemaError, Damaged) as error:
            raise DataError(
                f"{store.address}/{FILE} cannot be used ({error}): make it again by igan data "
                f"index {store.address}"
            ) from None


def entry_of(name: str, split: str, rows: int, content: Content) -> Entry:
    """The entry of a shard with that content."""
    return Entry(
        name=name,
        split=split,  # type: ignore[arg-type]  # checked by the class
        rows=rows,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def read_index(store: Store, intake: Intake, progress: Progress = silent) -> Index:
    """Look through shards that were made elsewhere: one pass, a shard at a time. The split is the
    first word of a file's name. Damaged and empty shards are noted in ``intake`` and left out.

    Raises:
        DataError: no shards, none that can be used, or one whose name says no split.
    """
    names = shard_names(store)
    splits = {name: split_of(name) for name in names}
    if odd := [name for name, split in splits.items() if split is None]:
        raise DataError(
            f"{store.address}: the name of {odd[0]} says no split: let all begin with train, "
            "validation or test, or put them into shards anew by igan data shard."
        )
    entries = []
    for number, name in enumerate(names):
        progress(Status(number, len(names)))
        try:
            content = store.content(name)
            rows = len(read_shard(name, content))
            if not rows:
                raise Damaged("holds no image")
        except Damaged as why:
            intake.note(DAMAGED, f"{name} {why}")
            continue
        entries.append(entry_of(name, str(splits[name]), rows, content))
    progress(Status(len(names), len(names)))
    intake.settle(sum(entry.rows for entry in entries), strict=False)
    return Index(name=store.name, shards=tuple(entries))


def whole_shard(store: Store, name: str, sha256: str = "") -> tuple[Shard, str]:
    """A shard, and the SHA-256 of its bytes, which is as expected where that is known.

    Raises:
        Damaged: it is not whole.
        DataError: the store does not answer.
    """
    content = store.content(name)
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256:
        raise Damaged("has other bytes than it had when it was counted")
    return read_shard(name, content), found


def shard_names(store: Store) -> Sequence[str]:
    """The shards of a folder, in order of name.

    Raises:
        DataError: it has none.
    """
    names = [name for name in store.sizes() if is_shard(name)]
    if not names:
        raise DataError(f"{store.address} holds no shards, which end in .tar or .parquet.")
    return names


def split_of(name: str) -> str | None:
    """The split that the first word of a shard's name says."""
    word = re.match(r"[a-zA-Z]*", name)
    said = word.group().lower() if word else ""
    return next((split for split, words in WORDS.items() if said in words), None)
