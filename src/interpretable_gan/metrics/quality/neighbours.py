"""Exact nearest neighbours among many features, without ever holding all distances.

A float32 product bounds every squared distance from both sides; only pairs that the bounds leave
undecided are measured exactly, in float64 and from differences. Every decision, ties included, is
therefore the one that exact arithmetic on the differences would make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Literal, TypeVar

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from interpretable_gan.metrics.quality.features import Rows

Comparison = Literal["<", "<="]
"""Whether a row on the very edge of a neighbourhood lies inside."""

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int64]
T = TypeVar("T")

BLOCK = 1024  # rows compared with all others at a time
TILE = 16  # rows whose bounds fit the cache
PAIRS = 1024  # pairs measured exactly at a time
SPARE = 6  # candidates kept beyond the k-th neighbour


def blocks(count: int, size: int = BLOCK) -> list[slice]:
    """Slices that cover ``count`` rows."""
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def in_parallel(work: Callable[[slice], T], parts: Iterable[slice], jobs: int | None) -> list[T]:
    """Work on slices in ``jobs`` threads (default: one per core), in order of the slices."""
    parts = list(parts)
    if jobs == 1 or len(parts) == 1:
        return [work(part) for part in parts]
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(jobs or cpu_count()) as pool:
        return list(pool.map(work, parts))


class Bounds:
    """Squared distances between two sets of rows, as float32 with a proven error.

    With both sides centred and scaled, |error| ≤ slack · (|x|² + |y|²) + underflow, where the
    slack covers any order of summation.
    """

    def __init__(self, rows: Rows, others: Rows) -> None:
        sample = np.concatenate([_some(rows), _some(others)]).astype(np.float64)
        self.centre = np.median(sample, axis=0)  # any centre is right, this one is tight
        self.scale = max(reach(rows, self.centre), reach(others, self.centre)) or 1.0
        self.left = self._prepare(rows)
        self.right = self.left if others is rows else self._prepare(others)
        self.left_squares = np.einsum("ij,ij->i", self.left, self.left)
        self.right_squares = np.einsum("ij,ij->i", self.right, self.right)
        columns = rows.shape[1]
        self.slack = np.float32((columns + 16) * np.finfo(np.float32).eps / 2)
        self.underflow = np.float32(columns * 1e-37)

    def _prepare(self, rows: Rows) -> Singles:
        prepared = np.empty(rows.shape, np.float32)
        for part in blocks(len(rows), TILE):
            prepared[part] = (rows[part] - self.centre) / self.scale
        return prepared

    def block(self, rows: slice, columns: slice) -> tuple[Singles, Singles]:
        """Lower and upper bounds of squared distances, in units of ``scale²``."""
        low = self.left[rows] @ self.right[columns].T
        high = np.empty_like(low)
        lefts, rights = self.left_squares[rows, None], self.right_squares[None, columns]
        for tile in blocks(len(low), TILE):
            size = lefts[tile] + rights
            middle = size - 2 * low[tile]
            size *= self.slack
            size += self.underflow
            np.subtract(middle, size, out=low[tile])
            np.add(middle, size, out=high[tile])
        return low, high


def _some(rows: Rows, count: int = 256) -> Rows:
    return rows[:: max(len(rows) // count, 1)]


def reach(rows: Rows, centre: Floats) -> float:
    """Largest distance from the centre along any one column."""
    beyond, below = rows.max(axis=0) - centre, centre - rows.min(axis=0)
    return float(max(beyond.max(), below.max(), 0))


def exact_squares(rows: Rows, others: Rows, i: Indices, j: Indices) -> Floats:
    """Squared distances of the pairs (rows[i], others[j]), summed from differences in float64."""
    squares = np.empty(len(i))
    for part in blocks(len(i), PAIRS):
        difference = rows[i[part]].astype(np.float64) - others[j[part]]
        squares[part] = np.square(difference, out=difference).sum(axis=1)
    return squares


def radii_squared(rows: Rows, k: int, *, jobs: int | None = None) -> Floats:
    """Squared distance of every row to its k-th nearest other row.

    Each pair of rows is bounded once and serves both of them.
    """
    count = len(rows)
    order = np.random.default_rng(0).permutation(count)  # so that the first block is typical
    rows = rows[order]
    bounds = Bounds(rows, rows)
    parts = blocks(count, max(BLOCK, k + SPARE + 1))
    best = Candidates(bounds, parts[0], min(k + SPARE, count - 1))
    in_parallel(best.look, parts, jobs)
    radii = np.empty(count)
    radii[order] = best.kth_exact(rows, k)
    return radii


class Candidates:
    """The nearest rows found so far for every row, by the lower bounds of their distances."""

    def __init__(self, bounds: Bounds, first: slice, kept: int) -> None:
        self.bounds = bounds
        self.lock = Lock()
        low, high = (side.T for side in bounds.block(first, slice(None)))  # (all, first)
        own = np.arange(first.stop)
        low[own, own] = np.inf  # a row is not its own neighbour
        self.index = np.argpartition(low, kept - 1, axis=1)[:, :kept]
        self.lower = np.take_along_axis(low, self.index, 1)
        self.upper = np.take_along_axis(high, self.index, 1)
        self.worst = self.lower.max(axis=1)

    def look(self, part: slice) -> None:
        """Compare a block of rows with all rows from it on."""
        low, high = self.bounds.block(part, slice(part.start, None))
        size = len(low)
        low[np.arange(size), np.arange(size)] = np.inf
        seen = size if part.start == 0 else 0  # the first block began the lists
        i, j = np.nonzero(low[:, seen:] < self.worst[part, None])
        forth = (i, j + seen)
        i, j = np.nonzero(low[:, size:] < self.worst[None, part.stop :])
        back = (i, j + size) if part.start else (i[:0], j[:0])
        row = np.concatenate([forth[0], back[1]]) + part.start
        other = np.concatenate([forth[1], back[0]]) + part.start
        self._merge(
            row,
            other,
            np.concatenate([low[forth], low[back]]),
            np.concatenate([high[forth], high[back]]),
        )

    def _merge(self, row: Indices, other: Indices, low: Singles, high: Singles) -> None:
        """Keep the nearest of old and new candidates, row by row."""
        with self.lock:
            count, kept = self.index.shape
            rows = np.concatenate([np.repeat(np.arange(count), kept), row])
            lower = np.concatenate([self.lower.ravel(), low])
            order = np.lexsort((lower, rows))
            starts = np.searchsorted(rows[order], np.arange(count))
            chosen = order[starts[:, None] + np.arange(kept)]
            self.lower = lower[chosen]
            self.upper = np.concatenate([self.upper.ravel(), high])[chosen]
            self.index = np.concatenate([self.index.ravel(), other])[chosen]
            self.worst = self.lower[:, -1]

    def kth_exact(self, rows: Rows, k: int) -> Floats:
        """The exact k-th smallest square of each row."""
        count, kept = self.index.shape
        at_least = np.partition(self.lower, k - 1, axis=1)[:, k - 1]
        at_most = np.partition(self.upper, k - 1, axis=1)[:, k - 1]
        surely_nearer = (self.upper < at_least[:, None]).sum(axis=1)
        undecided = (self.upper >= at_least[:, None]) & (self.lower <= at_most[:, None])
        i, place = np.nonzero(undecided)
        squares = np.full((count, kept), np.inf)
        squares[i, place] = exact_squares(rows, rows, i, self.index[i, place])
        squares.sort(axis=1)
        kth = squares[np.arange(count), k - 1 - surely_nearer]
        crowded = (self.worst <= at_most) & (kept < count - 1) & (kth > 0)
        for row in np.flatnonzero(crowded):  # more rows tie than were kept: look at all of them
            kth[row] = _kth_of_all(rows, row, k)
        return kth


def _kth_of_all(rows: Rows, row: np.int64, k: int) -> float:
    others = np.delete(np.arange(len(rows)), row)
    squares = exact_squares(rows, rows, np.full(len(others), row), others)
    return float(np.partition(squares, k - 1)[k - 1])


def nearest(queries: Rows, rows: Rows, *, jobs: int | None = None) -> tuple[Indices, Floats]:
    """For every query the nearest row (the first of equals) and its exact squared distance."""
    bounds = Bounds(queries, rows)
    index = np.empty(len(queries), np.int64)
    squares = np.empty(len(queries))

    def look(part: slice) -> None:
        low, high = bounds.block(part, slice(None))
        i, j = np.nonzero(low <= high.min(axis=1, keepdims=True))
        exact = exact_squares(queries, rows, i + part.start, j)
        order = np.lexsort((j, exact, i))
        first = order[np.unique(i[order], return_index=True)[1]]
        index[part], squares[part] = j[first], exact[first]

    in_parallel(look, blocks(len(queries)), jobs)
    return index, squares
