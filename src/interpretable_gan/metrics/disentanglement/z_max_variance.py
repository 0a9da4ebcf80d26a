"""Z-max-var: which code moves most when one factor alone is free?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.rows import FloatArray, IntArray, Note
from interpretable_gan.metrics.uncertainty import Score
from interpretable_gan.metrics.worlds import (
    World,
    encode_in_batches,
    hold_each,
    measure_world,
    points,
)


@measured(0, 1)
def z_max_variance(
    world: World,
    *,
    batch: int = 200,
    train_points: int = 800,
    test_points: int = 800,
    variance_rows: int = 10_000,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Z-max-var (Kim et al. 2019, https://arxiv.org/abs/1902.01568).

    Range [0, 1], higher is better, chance 1 / factors. As FactorVAE, but every factor except one
    is held and the code whose variance is largest votes. Constant codes never win.

    Args:
        world: factors that can be set one by one, so not ``FixedRows``.
    """
    settings: dict[str, Any] = {
        "batch": batch,
        "train_points": train_points,
        "test_points": test_points,
        "variance_rows": variance_rows,
    }
    return measure_world(
        "z_max_variance",
        partial(_score, world=world, **settings),
        world,
        mode="strict",
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
        chance=1 / len(world.factor_sizes),
    )


def _score(
    rng: np.random.Generator,
    note: Note,
    *,
    world: World,
    batch: int,
    train_points: int,
    test_points: int,
    variance_rows: int,
) -> Score:
    variance = world.encode(world.sample_factors(variance_rows, rng), rng).var(axis=0, ddof=1)
    count, factors = len(variance), len(world.factor_sizes)
    if not variance.any():
        note("every code is constant: 0 returned")
        return 0.0, {}

    def liveliest(which: IntArray, drawn: IntArray, owner: IntArray) -> FloatArray:
        free = hold_each(
            world, drawn[owner * batch], which, drawn[np.arange(len(drawn)), which], rng
        )
        local = encode_in_batches(world, free, rng, batch).var(axis=1, ddof=1)
        ratio = np.divide(local, variance, out=np.zeros_like(local), where=variance > 0)
        return ratio.argmax(axis=1)[:, None].astype(float)

    tables = []
    for points_wanted in (train_points, test_points):
        winner, factor = points(world, points_wanted, batch, rng, liveliest)
        votes = np.zeros((factors, count), dtype=np.int64)
        np.add.at(votes, (factor, winner[:, 0].astype(np.int64)), 1)
        tables.append(votes)
    train, test = tables
    score = float(test[train.argmax(axis=0), np.arange(count)].sum() / test.sum())
    return score, {
        "chance_corrected": (score - 1 / factors) / (1 - 1 / factors) if factors > 1 else 1.0
    }
