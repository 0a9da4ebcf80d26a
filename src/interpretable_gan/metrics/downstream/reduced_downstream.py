"""Reduced downstream task: what is lost when the code most important for a factor is deleted?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import accuracies, fitted
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    named_matrix,
    train_and_test,
    with_discrete_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure


@measured(0, 1)
def reduced_downstream(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    deleted: int = 1,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Accuracy kept on the *other* factors (``value``) when a factor's best codes are deleted.

    Range [0, 1]; after Locatello et al. 2019 (https://arxiv.org/abs/1811.12359). A disentangled
    code keeps the others near their full accuracy and drops to chance on the factor itself
    (``reduced_factor_test`` in the breakdown).

    Args:
        codes: (rows, codes). factors: (rows, factors).
        test_codes, test_factors: rows to test on; half of the rows if not given.
        deleted: codes removed per factor, one after the other.

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    parts = train_and_test(
        codes,
        factors,
        test_codes,
        test_factors,
        code_names=code_names,
        factor_names=factor_names,
        mode=mode,
        seed=seed,
    )
    return measure(
        "reduced_downstream",
        partial(_score, deleted=deleted, mode=mode),
        parts,
        mode=mode,
        seed=seed,
        parameters={"deleted": deleted},
        uncertainty=uncertainty,
        refits=True,
    )


def _score(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    deleted: int,
    mode: Mode,
) -> Score:
    train, test = with_discrete_factors(parts, mode=mode, note=note)
    count = len(train.factor_names)
    on_train, on_test = np.zeros((2, count, count))  # (reduced factor, predicted factor)
    removed: dict[str, list[str]] = {}
    for f, name in enumerate(train.factor_names):
        kept = _without_best_codes(train, f, deleted, rng, note)
        removed[name] = [c for k, c in enumerate(train.code_names) if k not in kept]
        z, z_test = train.codes[:, kept], test.codes[:, kept]
        for g in range(count):
            model = fitted(z, train.factors[:, g], rng, note)
            on_train[f, g], on_test[f, g] = accuracies(
                model, z, train.factors[:, g], z_test, test.factors[:, g]
            )
    names = train.factor_names
    breakdown: dict[str, Any] = {"deleted_codes": removed}
    for part, matrix in (("train", on_train), ("test", on_test)):
        breakdown[f"reduced_factor_{part}"] = float(np.diag(matrix).mean())
        breakdown[f"other_factors_{part}"] = float(_others(matrix).mean()) if count > 1 else 0.0
        breakdown[f"matrix_{part}"] = named_matrix(matrix, names, names)
    if count == 1:
        note("one factor: there are no others to keep, 0 returned")
    return breakdown["other_factors_test"], breakdown


def _others(matrix: FloatArray) -> FloatArray:
    """Per reduced factor the mean over all others."""
    return (matrix.sum(axis=1) - np.diag(matrix)) / (len(matrix) - 1)


def _without_best_codes(
    train: Rows, factor: int, deleted: int, rng: np.random.Generator, note: Note
) -> list[int]:
    """Numbers of the codes that remain when the most important ones are gone."""
    kept = list(range(len(train.code_names)))
    for _ in range(min(deleted, len(kept))):
        model = fitted(train.codes[:, kept], train.factors[:, factor], rng, note)
        importance = getattr(model, "feature_importances_", np.zeros(len(kept)))
        kept.pop(int(np.argmax(importance)))
    return kept
