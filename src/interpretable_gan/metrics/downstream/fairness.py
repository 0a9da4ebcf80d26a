"""Fairness: do predictions change when a sensitive factor does?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import Classifier, fitted
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, Note, check_matrix, named_matrix, names_of
from interpretable_gan.metrics.uncertainty import Score, checksum
from interpretable_gan.metrics.worlds import World, hold, measure_world

REDUCE: dict[str, Callable[..., Any]] = {"mean": np.mean, "max": np.max}


@measured(0, 1)
def fairness(
    world: World,
    *,
    train_rows: int = 10_000,
    rows_per_class: int = 100,
    mode: Mode = "strict",
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Unfairness of predictions from codes (Locatello et al. 2019b, https://arxiv.org/abs/1905.13662).

    Range [0, 1], lower is fairer: 0 when changing a sensitive factor never changes the
    distribution of predictions for another. The ``value`` is the mean over target factors of the
    mean over sensitive ones. Not a measure of disentanglement: an entangled code with a perfect
    predictor scores 0.

    Args:
        world: factors that can be set and codes that come of it.
        rows_per_class: factor vectors drawn once and then shown with every sensitive value.
    """
    settings: dict[str, Any] = {
        "train_rows": train_rows,
        "rows_per_class": rows_per_class,
    }
    return measure_world(
        "fairness",
        partial(_score, world=world, names=factor_names, **settings),
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
    names: Sequence[str] | None,
    train_rows: int,
    rows_per_class: int,
) -> Score:
    sizes = world.factor_sizes
    factor_names = names_of("factor", len(sizes), names)
    if len(sizes) == 1:
        note("one factor: there is no other to be sensitive to, 0 returned")
        return 0.0, {}
    factors = world.sample_factors(train_rows, rng)
    codes = world.encode(factors, rng)
    mean, worst = np.zeros((2, len(sizes), len(sizes)))
    for i in range(len(sizes)):
        model = fitted(codes, factors[:, i], rng, note)
        for j in range(len(sizes)):
            if i != j:
                counts = _predictions(world, model, i, j, rows_per_class, rng)
                mean[i, j], worst[i, j] = _distances(counts)
    return aggregate(mean)["mean_pred:mean_sens"], {
        "mean": named_matrix(mean, factor_names, factor_names),
        "max": named_matrix(worst, factor_names, factor_names),
        "mean_aggregates": aggregate(mean),
        "max_aggregates": aggregate(worst),
    }


def _predictions(
    world: World,
    model: Classifier,
    target: int,
    sensitive: int,
    rows: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Predicted classes of the target for each value of the sensitive factor: (class, value)."""
    drawn = world.sample_factors(rows, rng)
    counts = np.zeros((world.factor_sizes[target], world.factor_sizes[sensitive]))
    for value in range(world.factor_sizes[sensitive]):
        shown = hold(world, drawn, sensitive, np.full(rows, value), rng)
        says = model.predict(world.encode(shown, rng)).astype(np.int64)
        counts[:, value] = np.bincount(says, minlength=len(counts))
    return counts


@measured(0, 1)
def total_variation(counts: ArrayLike, *, mode: Mode = "strict") -> Result:
    """Total variation between groups' predictions and the pooled ones, mean over rows.

    Range [0, 1], lower is fairer: 0 when every group gets the same distribution of predictions.

    Args:
        counts: (predicted class, sensitive class), how often.

    Raises:
        MetricError: not a finite table.
    """
    table = check_matrix(counts, "counts", "sensitive class", None)
    mean, worst = _distances(table)
    empty = int((table.sum(axis=0) == 0).sum())
    return Result(
        metric="total_variation",
        value=mean,
        mode=mode,
        breakdown={"max": worst},
        data={"rows": table.sum(), "sha256": checksum(table)},
        warnings=(f"{empty} sensitive classes have no rows: left out",) if empty else (),
    )


def _distances(counts: FloatArray) -> tuple[float, float]:
    """Weighted mean and maximum over groups of ½ Σ |p(class | group) − p(class)|."""
    counts = counts[:, counts.sum(axis=0) > 0]
    if not counts.size:
        return 0.0, 0.0
    groups = counts.sum(axis=0)
    pooled = counts.sum(axis=1) / counts.sum()
    distance = np.abs(counts / groups - pooled[:, None]).sum(axis=0) / 2
    return float(np.average(distance, weights=groups)), float(distance.max())


@measured()
def fairness_scores(matrix: ArrayLike, *, mode: Mode = "strict") -> Result:
    """Every aggregate of a (target, sensitive) matrix whose diagonal does not count.

    Args:
        matrix: (factors, factors), at least two factors.
    """
    table = check_matrix(matrix, "matrix", "factor", None)
    aggregates = aggregate(table)
    return Result(
        metric="fairness_scores",
        value=aggregates["mean_pred:mean_sens"],
        mode=mode,
        breakdown={"aggregates": aggregates},
        data={"sha256": checksum(table)},
    )


def aggregate(matrix: FloatArray) -> dict[str, float]:
    """Mean and maximum over sensitive then target factors, and the other way round.

    ``mean_pred:max_sens`` is the mean over targets of the maximum over sensitive factors.
    """
    factors = len(matrix)
    other = [np.delete(np.arange(factors), i) for i in range(factors)]
    scores: dict[str, float] = {}
    for i in range(factors):
        scores |= {f"pred{i}:sens{j}": float(matrix[i, j]) for j in other[i]}
    for inner, over in REDUCE.items():
        by_target = [float(over(matrix[i, other[i]])) for i in range(factors)]
        by_sensitive = [float(over(matrix[other[j], j])) for j in range(factors)]
        scores |= {f"pred{i}:{inner}_sens": by_target[i] for i in range(factors)}
        scores |= {f"sens{j}:{inner}_pred": by_sensitive[j] for j in range(factors)}
        for outer, last in REDUCE.items():
            scores[f"{outer}_pred:{inner}_sens"] = float(last(by_target))
            scores[f"{outer}_sens:{inner}_pred"] = float(last(by_sensitive))
    return scores
