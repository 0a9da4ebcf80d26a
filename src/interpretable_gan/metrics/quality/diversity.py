"""Diversity: how different are the images that one condition yields?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import Extractor, describe_extractor
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import as_array
from interpretable_gan.metrics.uncertainty import checksum

PairDistance = Callable[[NDArray[Any], NDArray[Any]], ArrayLike]


def euclidean(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Euclidean distance of feature pairs, ``(pairs,)``."""
    difference = a.astype(np.float64) - b
    distances: NDArray[np.float64] = np.linalg.norm(difference.reshape(len(a), -1), axis=1)
    return distances


@measured(0)
def diversity(
    outputs: ArrayLike,
    *,
    distance: PairDistance = euclidean,
    distance_name: str = "euclidean on features",
    mode: Mode = "strict",
    extractor: Extractor | None = None,
) -> Result:
    """Mean distance of the M(M−1)/2 pairs of each condition, averaged (Choi et al. 2020).

    From 0 (one image per condition) up, higher is more diverse. The interval is over conditions.

    Args:
        outputs: features or images ``(conditions, M, …)``, M at least 2; the protocol takes 10.
        distance: two batches to ``(pairs,)``; the perceptual one is ``quality.lpips``.
        distance_name: what the result calls it.
        mode: both modes agree.
        extractor: where the features come from; its description enters the result.
    """
    groups = as_array(outputs)
    if groups.ndim < 3 or groups.shape[1] < 2 or len(groups) == 0:
        raise MetricError(
            f"outputs have shape {groups.shape}; expected (conditions, M, …) with M at least 2."
        )
    first, second = np.triu_indices(groups.shape[1], 1)
    per_condition = np.array(
        [np.mean(as_array(distance(group[first], group[second]))) for group in groups]
    )
    if not np.isfinite(per_condition).all():
        worst = int(np.flatnonzero(~np.isfinite(per_condition))[0])
        raise MetricError(f"condition {worst} has NaN or infinite distances between its outputs.")
    value = float(per_condition.mean())
    interval = None
    if len(groups) > 1:
        half = 1.959963984540054 * float(per_condition.std(ddof=1)) / np.sqrt(len(groups))
        interval = (value - half, value + half)
    return Result(
        metric="diversity",
        value=value,
        mode=mode,
        interval=interval,
        breakdown={"per_condition": per_condition},
        parameters={"distance": distance_name, **describe_extractor(extractor)},
        data={
            "conditions": len(groups),
            "outputs_per_condition": groups.shape[1],
            "sha256": checksum(groups),
        },
        warnings=("every condition yields one image only.",) if value == 0 else (),
    )
