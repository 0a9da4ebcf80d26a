"""Strong generalisation: does a predictor survive a value of another factor it never saw?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import accuracies, fitted
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import IntArray, Note
from interpretable_gan.metrics.uncertainty import Score
from interpretable_gan.metrics.worlds import World, hold, measure_world


@measured(0, 1)
def strong_generalisation(
    world: World,
    *,
    train_rows: int = 10_000,
    test_rows: int = 5_000,
    repeats: int = 10,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Accuracy under covariate shift (Locatello et al. 2020, https://arxiv.org/abs/2002.02886, and
    the large study's library). Range [0, 1], higher is better.

    Another factor has one value in all training rows and any other value in all test rows. The
    breakdown has the accuracy without a shift and ``gap`` = 1 − value / that (lower is better).

    Args:
        world: factors that can be set and codes that come of it.
        repeats: shifts drawn per target factor.
    """
    settings: dict[str, Any] = {
        "train_rows": train_rows,
        "test_rows": test_rows,
        "repeats": repeats,
    }
    return measure_world(
        "strong_generalisation",
        partial(_score, world=world, **settings),
        world,
        mode=mode,
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
    )


def _score(
    rng: np.random.Generator,
    note: Note,
    *,
    world: World,
    train_rows: int,
    test_rows: int,
    repeats: int,
) -> Score:
    count = len(world.factor_sizes)
    shiftable = [g for g, size in enumerate(world.factor_sizes) if size > 1]

    def both(train: IntArray, test: IntArray, f: int) -> tuple[float, float]:
        z, z_test = world.encode(train, rng), world.encode(test, rng)
        model = fitted(z, train[:, f], rng, note)
        return accuracies(model, z, train[:, f], z_test, test[:, f])

    train, test = world.sample_factors(train_rows, rng), world.sample_factors(test_rows, rng)
    plain = np.mean([both(train, test, f) for f in range(count)], axis=0)
    shifted = []
    for f in range(count):
        others = [g for g in shiftable if g != f]
        if not others:
            note("no other factor has two values: nothing to shift")
            continue
        for _ in range(repeats):
            g = int(rng.choice(others))
            shifted.append(both(*_shifted(world, g, train_rows, test_rows, rng), f))
    strong = np.mean(shifted, axis=0) if shifted else plain
    return float(strong[1]), {
        "strong_train": float(strong[0]),
        "train": float(plain[0]),
        "test": float(plain[1]),
        "gap": float(1 - strong[1] / plain[1]) if plain[1] else 0.0,
    }


def _shifted(
    world: World, factor: int, train_rows: int, test_rows: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Training rows at one value of ``factor``, test rows at random other values."""
    size = world.factor_sizes[factor]
    value = int(rng.integers(size))
    other = (value + rng.integers(1, size, test_rows)) % size
    train = world.sample_factors(train_rows, rng)
    test = world.sample_factors(test_rows, rng)
    held = np.full(train_rows, value)
    return hold(world, train, factor, held, rng), hold(world, test, factor, other, rng)
