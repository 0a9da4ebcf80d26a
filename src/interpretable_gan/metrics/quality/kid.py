"""Kernel inception distance: a mean discrepancy over random subsets, with its own interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.neighbours import blocks, in_parallel, reach
from interpretable_gan.metrics.result import Mode, Result

Floats = NDArray[np.float64]
Draw = tuple[NDArray[np.int64], NDArray[np.int64]]

TILE = 125  # rows of a subset whose kernel values fit the cache


@measured()
def kid(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    subsets: int = 100,
    subset_size: int = 1000,
    mode: Mode = "strict",
    seed: int = 2020,
    extractor: Extractor | None = None,
    jobs: int | None = None,
) -> Result:
    """Mean unbiased MMD² with kernel (xᵀy/d + 1)³ over random subsets (Bińkowski et al. 2018).

    Lower is better: 0 in expectation for one distribution (``chance``, the exact mean over
    permutations), slightly negative by luck; papers often print it times 1,000, this does not.
    Called ``kid`` only on FID's Inception features, ``kernel_distance`` otherwise.

    The interval adds the variance over rows, from each row's mean kernel values, to that of
    drawing only some subsets. Products are float32 around the mean row, all sums float64.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        subsets: how many to draw; one suffices when it would hold every row.
        subset_size: rows of each side in a subset, drawn without replacement.
        mode: *reference* draws as the common packages do from this seed.
        seed: of the draws.
        extractor: where the features come from; its description enters the result.
        jobs: threads; one per core if None.
    """
    x, y = feature_pair(real, fake)
    if subset_size < 2:
        raise MetricError("a subset of one row has no pairs; use subset_size=2 or more.")
    size = min(subset_size, len(x), len(y))
    if size == len(x) == len(y):
        subsets = 1
    draws = _draws(len(x), len(y), subsets, size, seed, mode)
    seen = _subsets(x, y, draws, jobs)
    values = np.array([subset.value for subset in seen])
    value, half = float(values.mean()), _half_interval(seen, len(x), len(y))
    found = [f"subsets hold {size} rows, not {subset_size}: a side has no more."]
    return Result(
        metric="kid" if extractor and extractor.published else "kernel_distance",
        value=value,
        mode=mode,
        interval=(value - half, value + half),
        chance=0.0,
        breakdown={"mean": value, "std": float(values.std()), "subsets": values},
        parameters={
            "kernel": "(x·y/d + 1)³",
            "subsets": subsets,
            "subset_size": size,
            "precision": "float32 products, float64 sums",
            **describe_extractor(extractor),
        },
        data=describe_pair(x, y),
        seed=seed,
        warnings=tuple(found if size < subset_size else ()),
    )


def _subsets(x: Rows, y: Rows, draws: list[Draw], jobs: int | None) -> list[_Subset]:
    """What each draw of rows sees."""
    real_side, fake_side = _Side.pair(x, y)

    def look(part: slice) -> _Subset:
        real_rows, fake_rows = draws[part.start]
        return _Subset.of(real_side.take(real_rows), fake_side.take(fake_rows))

    return in_parallel(look, blocks(len(draws), 1), jobs)


def _half_interval(seen: list[_Subset], real_rows: int, fake_rows: int) -> float:
    """Half the 95 % interval, from the variance over rows and over the subsets drawn."""
    values = np.array([subset.value for subset in seen])
    variance = 4 * float(np.mean([s.real_variance for s in seen])) / real_rows
    variance += 4 * float(np.mean([s.fake_variance for s in seen])) / fake_rows
    if len(seen) > 1:
        variance += float(values.var(ddof=1)) / len(seen)
    return 1.959963984540054 * math.sqrt(variance)


def _draws(n: int, m: int, subsets: int, size: int, seed: int, mode: Mode) -> list[Draw]:
    """Rows of each subset, real and generated; the generated ones are drawn first."""
    reference = np.random.RandomState(seed)  # the generator of the common packages
    generator = reference if mode == "reference" else np.random.default_rng(seed)
    draws = []
    for _ in range(subsets):
        fake_rows = generator.choice(m, size, replace=False)
        draws.append((generator.choice(n, size, replace=False), fake_rows))
    return draws


@dataclass(frozen=True)
class _Side:
    """Rows x ready for products around a centre c: x·y = x'·y' + c·x' + c·y' + c·c.

    ``rows`` are x' over ``scale`` in float32, ``offset`` is (c·x' + c·c/2)/d + 1/2 of each.
    """

    rows: NDArray[np.float32]
    offset: Floats
    scale: float

    @classmethod
    def pair(cls, x: Rows, y: Rows) -> tuple[_Side, _Side]:
        centre = (x.mean(axis=0, dtype=np.float64) + y.mean(axis=0, dtype=np.float64)) / 2
        scale = max(reach(x, centre), reach(y, centre)) or 1.0
        return cls._of(x, centre, scale), cls._of(y, centre, scale)

    @classmethod
    def _of(cls, rows: Rows, centre: Floats, scale: float) -> _Side:
        ready = np.empty(rows.shape, np.float32)
        offset = np.empty(len(rows))
        for part in blocks(len(rows), TILE):
            shifted = rows[part] - centre
            offset[part] = (shifted @ centre + centre @ centre / 2) / rows.shape[1] + 0.5
            ready[part] = shifted / scale
        return cls(ready, offset, scale)

    def take(self, rows: NDArray[np.int64]) -> _Side:
        return _Side(self.rows[rows], self.offset[rows], self.scale)


@dataclass(frozen=True)
class _Subset:
    """One subset's discrepancy, and how much single rows pull it."""

    value: float
    real_variance: float
    fake_variance: float

    @classmethod
    def of(cls, x: _Side, y: _Side) -> _Subset:
        size = len(x.rows)
        within_x, _ = _row_sums(x, x)
        within_y, _ = _row_sums(y, y)
        across_x, across_y = _row_sums(x, y)
        pull_x = within_x / (size - 1) - across_x / size
        pull_y = within_y / (size - 1) - across_y / size
        value = float(pull_x.mean() + pull_y.mean())
        return cls(value, float(pull_x.var(ddof=1)), float(pull_y.var(ddof=1)))


def _row_sums(left: _Side, right: _Side) -> tuple[Floats, Floats]:
    """Kernel sums of every left and of every right row over the other side.

    Within one set a row is not paired with itself, and each pair counts for both of its rows.
    """
    same = left is right
    unit = left.scale**2 / left.rows.shape[1]
    left_sums, right_sums = np.zeros(len(left.rows)), np.zeros(len(right.rows))
    products = left.rows @ right.rows.T
    for part in blocks(len(left_sums), TILE):
        first = part.start if same else 0
        values = np.multiply(products[part, first:], unit, dtype=np.float64)
        values += left.offset[part, None]
        values += right.offset[None, first:]  # x·y/d + 1
        kernel = values * values
        kernel *= values
        if same:
            size = part.stop - part.start
            kernel[np.arange(size), np.arange(size)] = 0
            left_sums[part] += kernel.sum(axis=1)
            left_sums[part.stop :] += kernel[:, size:].sum(axis=0)
        else:
            left_sums[part] = kernel.sum(axis=1)
            right_sums += kernel.sum(axis=0)
    return left_sums, left_sums if same else right_sums
