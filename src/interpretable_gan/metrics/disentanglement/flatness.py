"""Flatness: does a walk along one factor go straight through code space?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.rows import FloatArray, Note
from interpretable_gan.metrics.uncertainty import Score
from interpretable_gan.metrics.worlds import FixedRows, World, hold, measure_world


@measured(0)
def flatness(
    world: World, *, repeats: int = 100, seed: int = 0, uncertainty: bool = False
) -> Result:
    """Flatness (Michlo, https://github.com/nmichlo/disent).

    Range (0, 1] for even steps, higher is straighter. Per traversal of one factor the largest
    Euclidean distance between two of its codes over (values − 1) times the mean city-block step,
    the largest step left out; mean over factors and repeats.

    Args:
        world: factors that can be set one by one (``CodeTable`` or ``Generated``).
        repeats: traversals per factor.

    Raises:
        MetricError: fixed rows, which cannot be traversed.
    """
    if isinstance(world, FixedRows):
        raise MetricError("flatness traverses factors; fixed rows cannot be traversed.")
    return measure_world(
        "flatness",
        partial(_score, world=world, repeats=repeats),
        world,
        mode="strict",
        seed=seed,
        parameters={"repeats": repeats},
        uncertainty=uncertainty,
    )


def _score(rng: np.random.Generator, note: Note, *, world: World, repeats: int) -> Score:
    per_factor: dict[str, Any] = {}
    for f, size in enumerate(world.factor_sizes):
        if size < 3:
            note(f"factor_{f} has {size} values: too few steps to judge, left out")
            continue
        walks = [_walk(world, f, size, rng) for _ in range(repeats)]
        per_factor[f"factor_{f}"] = float(np.mean([_straightness(walk) for walk in walks]))
    if not per_factor:
        return 0.0, {"per_factor": per_factor}
    return float(np.mean(list(per_factor.values()))), {"per_factor": per_factor}


def _walk(world: World, factor: int, size: int, rng: np.random.Generator) -> FloatArray:
    start = np.repeat(world.sample_factors(1, rng), size, axis=0)
    return world.encode(hold(world, start, factor, np.arange(size), rng), rng)


def _straightness(walk: FloatArray) -> float:
    from scipy.spatial.distance import pdist

    steps = np.sort(np.abs(np.diff(walk, axis=0)).sum(axis=1))[:-1]
    length = len(steps) + 1
    return float(pdist(walk).max() / (length * steps.mean())) if steps.any() else 0.0
