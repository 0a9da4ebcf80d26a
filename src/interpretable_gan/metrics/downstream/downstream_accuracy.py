"""Downstream task: how well do codes predict factors, and from how few labels?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import accuracies, fitted, majority
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    named,
    train_and_test,
    with_discrete_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

SIZES = (10, 100, 1_000, 10_000)
FOLDS = 5


@measured(0, 1)
def downstream_accuracy(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    predictor: Literal["gbt", "logistic"] = "gbt",
    sizes: Sequence[int] = SIZES,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Accuracy of predicting factors from codes (Locatello et al. 2019, https://arxiv.org/abs/1811.12359).

    Range [0, 1], higher is better. The ``value`` is the mean test accuracy at the largest size;
    the breakdown has every size, and ``efficiency``: accuracy of each size over the largest's.

    Args:
        codes: (rows, codes). factors: (rows, factors).
        test_codes, test_factors: rows to test on; half of the rows if not given.
        predictor: boosted trees, or logistic regression with C chosen by 5-fold cross-validation.
        sizes: training rows; those beyond what is given are left out with a warning.

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
        "downstream_accuracy",
        partial(_score, predictor=predictor, sizes=tuple(sizes), mode=mode),
        parts,
        mode=mode,
        seed=seed,
        parameters={"predictor": predictor, "sizes": list(sizes)},
        uncertainty=uncertainty,
        refits=True,
    )


def _score(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    predictor: str,
    sizes: tuple[int, ...],
    mode: Mode,
) -> Score:
    train, test = with_discrete_factors(parts, mode=mode, note=note)
    possible = [size for size in sizes if size <= len(train)]
    if len(possible) < len(sizes):
        possible.append(len(train))  # what is there is used
    if possible != list(sizes):
        note(f"{len(train)} training rows: measured at {possible} of the sizes {list(sizes)}")
    order = np.arange(len(train)) if mode == "reference" else rng.permutation(len(train))
    by_size: dict[str, Any] = {}
    for size in possible:
        few = train.take(np.sort(order[:size]))
        scores = np.array(
            [
                accuracies(
                    _fit(predictor, few.codes, few.factors[:, f], rng, note),
                    few.codes,
                    few.factors[:, f],
                    test.codes,
                    test.factors[:, f],
                )
                for f in range(len(train.factor_names))
            ]
        )
        by_size[str(size)] = {
            "mean_train": float(scores[:, 0].mean()),
            "mean_test": float(scores[:, 1].mean()),
            "min_train": float(scores[:, 0].min()),
            "min_test": float(scores[:, 1].min()),
            "train_per_factor": named(scores[:, 0], train.factor_names),
            "test_per_factor": named(scores[:, 1], train.factor_names),
        }
    best = by_size[str(max(possible))]["mean_test"]
    efficiency = {
        size: entry["mean_test"] / best if best else 0.0 for size, entry in by_size.items()
    }
    return best, {"by_size": by_size, "efficiency": efficiency}


def _fit(
    predictor: str, codes: FloatArray, labels: FloatArray, rng: np.random.Generator, note: Note
) -> Any:
    if predictor == "gbt":
        return fitted(codes, labels, rng, note)
    return cross_validated_regression(codes, labels, note)


def cross_validated_regression(codes: FloatArray, labels: FloatArray, note: Note) -> Any:
    """Logistic regression with C among ten values 1e-4…1e4, by 5 folds of consecutive rows."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import KFold

    folds = KFold(FOLDS)
    if len(labels) < FOLDS or any(
        len(np.unique(labels[kept])) < 2 for kept, _ in folds.split(labels)
    ):
        note("a fold has one class only: the commonest class is predicted")
        return majority(labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 100 iterations are the definition, converged or not
        return LogisticRegressionCV(Cs=10, cv=folds).fit(codes, labels)
