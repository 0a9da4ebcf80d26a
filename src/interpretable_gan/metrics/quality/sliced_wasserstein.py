"""Wasserstein distance along random directions, and its closed approximation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.neighbours import blocks
from interpretable_gan.metrics.quality.subsamples import subsample_intervals
from interpretable_gan.metrics.result import Mode, Result

DIRECTIONS_AT_ONCE = 100


@measured(0)
def sliced_wasserstein(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    extractor: Extractor | None = None,
) -> Result:
    """√(‖μ−μ'‖²/d + (√a − √b)²), a and b the mean squared norm of centred rows over d.

    The closed approximation of the sliced Wasserstein distance (Nadjahi et al. 2021), in feature
    units; lower is better, from 0 up. It compares one mean and one spread: shapes escape it.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        mode: both modes agree.
        seed: of the subsamples.
        uncertainty: also a 95 % interval from subsamples.
        extractor: where the features come from; its description enters the result.
    """
    x, y = feature_pair(real, fake)

    def scores(x: Rows, y: Rows) -> dict[str, float]:
        return {"distance": _approximation(x, y)}

    interval = subsample_intervals(scores, x, y, seed)["distance"] if uncertainty else None
    return Result(
        metric="sliced_wasserstein",
        value=_approximation(x, y),
        mode=mode,
        interval=interval,
        parameters=describe_extractor(extractor),
        data=describe_pair(x, y),
        seed=seed,
    )


def _approximation(x: Rows, y: Rows) -> float:
    columns = x.shape[1]
    means = [rows.mean(axis=0, dtype=np.float64) for rows in (x, y)]
    spreads = [
        np.sqrt(np.square(rows - mean).sum() / len(rows) / columns)
        for rows, mean in zip((x, y), means, strict=True)
    ]
    gap = np.square(means[0] - means[1]).sum() / columns
    return float(np.sqrt(gap + (spreads[0] - spreads[1]) ** 2))


@measured(0)
def monge_inception_distance(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    directions: int = 1000,
    mode: Mode = "strict",
    seed: int = 2020,
    extractor: Extractor | None = None,
) -> Result:
    """3d × the mean squared gap of sorted projections on random directions (MIND).

    Lower is better, from 0 up, in squared feature units. The larger set is subsampled to the size
    of the smaller one, as the warning says. Called by this name only on Inception features, else
    ``sorted_projection_distance``.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        directions: how many; the value's noise falls with their square root.
        mode: both modes agree.
        seed: of the directions and the subsample.
        extractor: where the features come from; its description enters the result.
    """
    x, y = feature_pair(real, fake)
    generator = np.random.default_rng(seed)
    data = describe_pair(x, y)
    size = min(len(x), len(y))
    uneven = len(x) != len(y)
    x, y = (
        rows if len(rows) == size else rows[generator.choice(len(rows), size, replace=False)]
        for rows in (x, y)
    )
    gaps = []
    for part in blocks(directions, DIRECTIONS_AT_ONCE):
        towards = generator.standard_normal((x.shape[1], part.stop - part.start))
        towards /= np.linalg.norm(towards, axis=0)
        gap = np.sort(x @ towards, axis=0) - np.sort(y @ towards, axis=0)
        gaps.append(np.square(gap).mean(axis=0))
    each = 3 * x.shape[1] * np.concatenate(gaps)
    return Result(
        metric="monge_inception_distance"
        if extractor and extractor.published
        else "sorted_projection_distance",
        value=float(each.mean()),
        mode=mode,
        breakdown={"standard_error_of_directions": float(each.std() / np.sqrt(directions))},
        parameters={"directions": directions, "rows": size, **describe_extractor(extractor)},
        data=data,
        seed=seed,
        warnings=(f"the larger set was subsampled to {size} rows.",) if uneven else (),
    )
