"""In which order training sees images that lie in shards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.chance import permuted

TOGETHER = 4
"""Shards whose images are mixed with each other. As many more are made ready."""


class Window(NamedTuple):
    """Shards that are mixed with each other: their numbers, and the place in the walk of the first
    of their images. ``number`` counts the windows of an epoch from 1."""

    epoch: int
    number: int
    first: int
    shards: NDArray[np.int64]


class Walk:
    """An endless walk through the images of shards; every epoch has its own order of shards, and
    mixes `TOGETHER` of them at a time. Where it is at any place follows from the seed and the place
    alone, and costs no more the more images there are.

    Args:
        seed: of the order.
        counts: images of each shard, one or more  (shards,)
    """

    def __init__(self, seed: int, counts: NDArray[np.int64]) -> None:
        self.seed, self.counts, self.total = seed, counts, int(counts.sum())
        self._epoch = -1

    def window(self, place: int) -> Window:
        """The window that the image at some place belongs to."""
        epoch, within = divmod(place, self.total)
        if epoch != self._epoch:
            shards = np.arange(len(self.counts))
            self._order = permuted(shards, len(shards), [self.seed, epoch])
            self._ends = np.cumsum(self.counts[self._order])
            self._epoch = epoch
        number = int(np.searchsorted(self._ends, within, side="right")) // TOGETHER
        start = number * TOGETHER
        first = epoch * self.total + (int(self._ends[start - 1]) if start else 0)
        return Window(epoch, number + 1, first, self._order[start : start + TOGETHER])

    def rows(self, first: int, count: int) -> Iterator[tuple[int, int]]:
        """Shard and row of ``count`` images from place ``first`` on."""
        place = first
        while place < first + count:
            window = self.window(place)
            sizes = self.counts[window.shards]
            ends = np.cumsum(sizes)
            stop = min(first + count, window.first + int(ends[-1]))
            places = np.arange(place, stop) - window.first
            key = [self.seed, window.epoch, window.number]
            mixed = permuted(places, int(ends[-1]), key)
            at = np.searchsorted(ends, mixed, side="right")
            rows = mixed - (ends - sizes)[at]
            yield from zip(window.shards[at].tolist(), rows.tolist(), strict=True)
            place = stop

    def after(self, window: Window) -> Window:
        """The window that comes next."""
        return self.window(window.first + int(self.counts[window.shards].sum()))
