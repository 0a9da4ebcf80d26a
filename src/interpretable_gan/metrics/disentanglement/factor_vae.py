"""FactorVAE score: which code stands still when a factor is held?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
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

RELATIVE_THRESHOLD = 1e-8
KL_THRESHOLD = 0.01


@measured(0, 1)
def factor_vae(
    world: World,
    *,
    mode: Mode = "strict",
    threshold: float = 0.0,
    average_kl: ArrayLike | None = None,
    batch: int = 64,
    train_points: int = 10_000,
    test_points: int = 5_000,
    variance_rows: int = 10_000,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """FactorVAE metric (Kim & Mnih 2018, https://arxiv.org/abs/1802.05983).

    Range [0, 1], higher is better, chance 1 / factors. The code whose variance shrinks most while
    a factor is held votes for that factor; the score is the accuracy of the majority vote.

    With batch 200, 800 points and ``chance_corrected`` this is Z-min-var of Zaidi et al. 2020.

    Args:
        world: factors that can be set and codes that come of it (``CodeTable``, ``Generated``, …).
        threshold: *reference* only: codes whose deviation is below it are dropped. Published code
            compares with ≥ 0, so a constant code stays and wins every vote; the large study uses
            0.05, which drops every small-scale code. *strict* drops only what is constant.
        average_kl: (codes,) of the posterior; *strict* then drops codes of 0.01 and less.
    """
    settings: dict[str, Any] = {
        "batch": batch,
        "train_points": train_points,
        "test_points": test_points,
        "variance_rows": variance_rows,
    }
    kl = None if average_kl is None else np.asarray(average_kl, dtype=np.float64)
    return measure_world(
        "factor_vae",
        partial(_score, world=world, mode=mode, threshold=threshold, kl=kl, **settings),
        world,
        mode=mode,
        seed=seed,
        parameters=settings | ({"threshold": threshold} if mode == "reference" else {}),
        uncertainty=uncertainty,
        chance=1 / len(world.factor_sizes),
    )


def _score(
    rng: np.random.Generator,
    note: Note,
    *,
    world: World,
    mode: Mode,
    threshold: float,
    kl: FloatArray | None,
    batch: int,
    train_points: int,
    test_points: int,
    variance_rows: int,
) -> Score:
    codes = world.encode(world.sample_factors(variance_rows, rng), rng)
    spread = codes.std(axis=0, ddof=1)
    spread[np.ptp(codes, axis=0) == 0] = 0.0  # no rounding: a constant code does not vary at all
    active = _active(spread, kl, threshold, mode)
    count = int(active.sum())
    if not count:
        note("no active code: 0 returned")
        return 0.0, {"train_accuracy": 0.0, "chance_corrected": 0.0, "num_active_dims": 0}
    if not spread[active].all():
        note("a constant code is active and wins every vote, as published (threshold 0)")

    def stillest(which: IntArray, factors: IntArray, owner: IntArray) -> FloatArray:
        held = factors[owner * batch, which]  # the value of the batch's first row
        factors = hold_each(world, factors, which, held, rng)
        local = encode_in_batches(world, factors, rng, batch).var(axis=1, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = local[:, active] / spread[active] ** 2
        return np.nan_to_num(ratio, nan=-1.0).argmin(axis=1)[:, None].astype(float)

    votes = _votes(world, stillest, train_points, batch, rng, count)
    fresh = _votes(world, stillest, test_points, batch, rng, count)
    says, codes_in_order = votes.argmax(axis=0), np.arange(count)
    chance = 1 / votes.shape[0]
    score = float(fresh[says, codes_in_order].sum() / fresh.sum())
    return score, {
        "train_accuracy": float(votes[says, codes_in_order].sum() / votes.sum()),
        "chance_corrected": (score - chance) / (1 - chance) if chance < 1 else 1.0,
        "num_active_dims": count,
        "votes": votes.tolist(),
        "active_codes": np.flatnonzero(active).tolist(),
    }


def _active(spread: FloatArray, kl: FloatArray | None, threshold: float, mode: Mode) -> np.ndarray:
    if mode == "reference":
        return spread >= threshold
    if kl is not None:
        return kl > KL_THRESHOLD
    return (spread > RELATIVE_THRESHOLD * spread.max()) & (spread > 0)


def _votes(
    world: World, stillest: Any, count: int, batch: int, rng: np.random.Generator, codes: int
) -> IntArray:
    """How often each code stood stillest while each factor was held: (factors, codes)."""
    winner, factor = points(world, count, batch, rng, stillest)
    votes = np.zeros((len(world.factor_sizes), codes), dtype=np.int64)
    np.add.at(votes, (factor, winner[:, 0].astype(np.int64)), 1)
    return votes
