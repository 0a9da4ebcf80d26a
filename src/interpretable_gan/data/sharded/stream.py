"""Training images out of shards, a few shards at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.arithmetic import available_cores
from interpretable_gan.atomic import write
from interpretable_gan.data.cache import cache_folder
from interpretable_gan.data.decoding import (
    Framing,
    Unusable,
    frame,
    open_picture,
    pillow_warnings,
)
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.index import DAMAGED, Entry, Index, whole_shard
from interpretable_gan.data.sharded.shard import Shard
from interpretable_gan.data.sharded.store import Damaged, Store
from interpretable_gan.data.sharded.walk import Walk
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.schema import Schema

Rows = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]
"""Pixels ``(rows, size, size, channels)``, codes and known ``(rows, named columns)``."""


class Opened(NamedTuple):
    """A shard with its labels read; ``pixels`` are those of all its images, where they are in the
    cache."""

    shard: Shard
    codes: NDArray[np.float32]
    known: NDArray[np.bool_]
    pixels: NDArray[np.uint8] | None


class Stream:
    """Training images in the order of a `Walk`, decoded as they are needed.

    The shards of two windows of the walk are open at a time, so memory does not grow with their
    number. A damaged shard gives its places to the next whole one, and an image that cannot be
    decoded gives its place to the next of its shard; ``intake`` counts both.

    Args:
        store: where the shards are.
        index: what there is.
        schema: what their labels mean.
        framing: how images are cut, with their channels, and black and white of those of more than
            eight bits.
        strict: stop at a damaged shard or image.

    Raises:
        DataError: there are no training images.
    """

    def __init__(
        self,
        store: Store,
        index: Index,
        schema: Schema,
        framing: Framing,
        *,
        strict: bool,
    ) -> None:
        self.store, self.index, self.schema, self.framing = store, index, schema, framing
        self.intake, self.strict = Intake(store.address), strict
        self.entries = index.of("train")
        if not self.entries:
            raise DataError(f"{store.address} has no shards of training images.")
        self._opened: dict[int, Future[Opened]] = {}
        self._opener = ThreadPoolExecutor(1)
        self._decoders = ThreadPoolExecutor(available_cores())

    def __reduce__(self) -> Any:
        """For pickling to a worker, which opens shards of its own."""
        parts = (self.store, self.index, self.schema, self.framing, self.strict)
        return _stream, parts

    @property
    def count(self) -> int:
        """Training images in all shards."""
        return sum(entry.rows for entry in self.entries)

    def rows(self, seed: int, first: int, count: int) -> Rows:
        """Images number ``first`` to ``first + count`` of the endless walk that ``seed`` gives.

        Raises:
            DataError: a store that does not answer, no shard that is whole, or with ``strict``
                anything damaged.
        """
        walk = self._walk(seed)
        window = walk.window(first + count - 1)
        wanted = [walk.window(first), window, walk.after(window)]
        self._keep([int(number) for each in wanted for number in each.shards])
        places = list(walk.rows(first, count))
        opened = {number: self._opened[number].result() for number in {n for n, _ in places}}
        with pillow_warnings():
            found = self._decoders.map(lambda at: self._one(opened[at[0]], at[1]), places)
            rows = [
                (opened[number], row, pixels)
                for (number, _), (row, pixels) in zip(places, found, strict=True)
            ]
        return (
            np.stack([pixels for _, _, pixels in rows]),
            np.stack([each.codes[row] for each, row, _ in rows]),
            np.stack([each.known[row] for each, row, _ in rows]),
        )

    def decode(self, numbers: Iterable[int], progress: Progress = silent) -> int:
        """Keep the pixels of some shards in the cache, from where they are taken from now on.
        Returns how many of them are there; one that is damaged in part is not.
        """
        wanted = list(numbers)
        kept = 0
        for done, number in enumerate(wanted):
            progress(Status(done, len(wanted)))
            kept += self._decode(number)
        progress(Status(len(wanted), len(wanted)))
        return kept

    def _decode(self, number: int) -> bool:
        """Whether a shard is in the cache now."""
        entry, opened = self.entries[number], self._open(number)
        if opened.shard.name != entry.name:
            return False
        if opened.pixels is None:
            rows = range(len(opened.shard))
            with pillow_warnings():
                found = list(self._decoders.map(partial(self._one, opened), rows))
            if any(place != row for row, (place, _) in zip(rows, found, strict=True)):
                return False
            pixels = np.stack([each for _, each in found])
            write(self._cached(entry), partial(_save, pixels=pixels))
        return True

    @lru_cache(1)  # noqa: B019, a stream lives as long as its process
    def _walk(self, seed: int) -> Walk:
        return Walk(seed, np.array([entry.rows for entry in self.entries]))

    def _keep(self, numbers: list[int]) -> None:
        """Begin to open these shards, and let go of all others."""
        self._opened = {
            number: self._opened.get(number) or self._opener.submit(self._open, number)
            for number in dict.fromkeys(numbers)
        }

    def _open(self, number: int) -> Opened:
        """A shard, or the next one that is whole."""
        for step in range(len(self.entries)):
            entry = self.entries[(number + step) % len(self.entries)]
            try:
                return self._whole(entry)
            except Damaged as why:
                self._note(DAMAGED, f"{entry.name} {why}")
        raise DataError(f"no shard of {self.store.address} is whole.")

    def _whole(self, entry: Entry) -> Opened:
        shard, _ = whole_shard(self.store, entry.name, entry.sha256)
        none = [None] * len(shard)
        codes, known = self.schema.join(
            {each.name: each.parse(shard.table.get(each.name, none)) for each in self.schema.named}
        )
        return Opened(replace(shard, table={}), codes, known, self._known_pixels(entry))

    def _one(self, opened: Opened, row: int) -> tuple[int, NDArray[np.uint8]]:
        """The pixels of an image, or of the next that can be decoded, and which one it is."""
        count = len(opened.shard)
        for step in range(count):
            place = (row + step) % count
            if opened.pixels is not None:
                return place, opened.pixels[place]
            try:
                return place, decoded(opened.shard.image(place), self.framing)
            except Unusable as problem:
                self._note(str(problem), f"{opened.shard.name}/{opened.shard.keys[place]}")
        raise DataError(f"no image of {opened.shard.name} can be decoded.")

    def _note(self, problem: str, name: str) -> None:
        """Count something damaged once.

        Raises:
            DataError: strict stops here.
        """
        if self.strict:
            raise DataError(
                f"strict stops at what cannot be used as it is. {self.store.address}: {problem} "
                f"({name}). Mend this, or go on without strict."
            )
        if name not in self.intake.found.get(problem, ()):
            self.intake.note(problem, name)

    def _cached(self, entry: Entry) -> Path:
        """Where the pixels of a shard are, if they were decoded before."""
        how = json.dumps(asdict(self.framing), sort_keys=True)
        key = hashlib.sha256(f"{entry.sha256} {how}".encode()).hexdigest()[:32]
        return cache_folder() / f"{key}.npy"

    def _known_pixels(self, entry: Entry) -> NDArray[np.uint8] | None:
        size, channels = self.framing.size, self.framing.channels
        try:
            pixels = np.lib.format.open_memmap(self._cached(entry), mode="r")
        except (OSError, ValueError):  # not there, or damaged
            return None
        whole = pixels.dtype == np.uint8 and pixels.shape == (entry.rows, size, size, channels)
        return pixels if whole else None


def decoded(image: bytes, framing: Framing) -> NDArray[np.uint8]:
    """Pixels ``(size, size, channels)`` of an image file, equal to those of the cache.

    Raises:
        Unusable: it cannot be decoded.
    """
    colours = Framing(framing.size, framing.crop, 3, framing.values)
    pixels = frame(open_picture(image, colours).image, colours)
    if framing.channels == 3:
        return pixels
    return np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None]


def _save(path: Path, pixels: NDArray[np.uint8]) -> None:
    with path.open("wb") as file:
        np.save(file, pixels)


def _stream(store: Store, index: Index, schema: Schema, framing: Framing, strict: bool) -> Stream:
    return Stream(store, index, schema, framing, strict=strict)
