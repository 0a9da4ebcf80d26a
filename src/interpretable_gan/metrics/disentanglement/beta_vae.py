"""beta-VAE score: can a linear classifier tell which factor two batches share?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import accuracy, logistic_regression, standardised
from interpretable_gan.metrics.result import Mode, Result
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
def beta_vae(
    world: World,
    *,
    mode: Mode = "strict",
    batch: int = 64,
    train_points: int = 10_000,
    test_points: int = 5_000,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """beta-VAE metric (Higgins et al. 2017, https://openreview.net/forum?id=Sy2fzU9gl).

    Range [0, 1], higher is better, chance 1 / factors. Reaches 1 even where a factor is missing or
    two share a code: never report it alone. *reference* does not standardise, which penalises
    small codes away; *strict* does.

    With batch 200 and ``chance_corrected`` this is Z-diff of Zaidi et al. 2020.

    Args:
        world: factors that can be set and codes that come of it (``CodeTable``, ``Generated``, …).
        batch: pairs behind each point; a point is the mean of |z₁ − z₂| over it.
    """
    settings: dict[str, Any] = {
        "batch": batch,
        "train_points": train_points,
        "test_points": test_points,
    }
    return measure_world(
        "beta_vae",
        partial(_score, world=world, mode=mode, **settings),
        world,
        mode=mode,
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
    mode: Mode,
    batch: int,
    train_points: int,
    test_points: int,
) -> Score:
    factors = len(world.factor_sizes)
    if factors == 1:
        note("one factor: 1 by convention")
        return 1.0, {"train_accuracy": 1.0}

    def mean_difference(which: IntArray, first: IntArray, owner: IntArray) -> FloatArray:
        second = world.sample_factors(len(first), rng)
        second = hold_each(world, second, which, first[np.arange(len(first)), which], rng)
        difference = encode_in_batches(world, first, rng, batch)
        difference -= encode_in_batches(world, second, rng, batch)
        return np.asarray(np.abs(difference).mean(axis=1))

    x, y = points(world, train_points, batch, rng, mean_difference)
    x_test, y_test = points(world, test_points, batch, rng, mean_difference)
    if mode == "strict":
        x, x_test = standardised(x, x_test)
    model = logistic_regression(x, y, mode=mode, note=note)
    score = accuracy(model, x_test, y_test)
    return score, {
        "train_accuracy": accuracy(model, x, y),
        "chance_corrected": (score - 1 / factors) / (1 - 1 / factors),
    }
