"""DCI: disentanglement, completeness, informativeness from what predictors found important."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.disentanglement.aggregations import (
    completeness,
    completeness_per_factor,
    disentanglement,
    disentanglement_per_code,
)
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import TREE_PROBES, TreeProbe, accuracies
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    named,
    named_matrix,
    train_and_test,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure


@measured(0, 1, figures=("disentanglement", "completeness", "informativeness_test"))
def dci(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    predictor: TreeProbe = "gbt",
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    jobs: int = 1,
    uncertainty: bool = False,
) -> Result:
    """Disentanglement (the ``value``), completeness and informativeness of Eastwood & Williams 2018
    (https://openreview.net/forum?id=By-7dz-AZ), with tree importances as in Locatello et al. 2019.

    Range [0, 1], higher is better for all three: disentanglement is 1 when each code matters to
    one factor, completeness when each factor needs one code; informativeness is accuracy.
    Completeness rises with the number of codes and with dead codes (``completeness_active`` does
    not); values depend on the predictor: compare only like with like.

    Args:
        codes: (rows, codes). factors: (rows, factors), each a classification problem.
        test_codes, test_factors: rows for the accuracy; half of the rows if not given.
        predictor: ``gbt`` boosted trees, ``gbt_sklearn`` the same trees by scikit-learn (slower),
            ``forest`` a random forest.
        jobs: factors fitted at the same time.

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
        "dci",
        partial(_score, predictor=predictor, mode=mode, jobs=jobs),
        parts,
        mode=mode,
        seed=seed,
        parameters={"predictor": predictor},
        uncertainty=uncertainty,
        refits=True,
    )


def _score(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    predictor: str,
    mode: Mode,
    jobs: int,
) -> Score:
    parts = with_discrete_factors(parts, mode=mode, note=note)
    train, test = without_constant_factors(parts, note)
    if not train.factor_names:
        note("every factor is constant: nothing to predict, 0 returned")
        return 0.0, {}
    importance, on_train, on_test = fit_factors(
        train, test, predictor=predictor, rng=rng, jobs=jobs
    )
    if len(train.factor_names) == 1:
        note("one factor: disentanglement is 1 by convention")
    if len(train.code_names) == 1:
        note("one code: completeness is 1 by convention")
    if not importance.any():
        note("no code matters to any factor: disentanglement and completeness are 0")
        return 0.0, {"completeness": 0.0} | _accuracies(train, on_train, on_test)
    active = max(1, int((importance.sum(axis=1) > 0).sum()))
    by_factor = completeness_per_factor(importance, base=active)
    return disentanglement(importance), {
        "completeness": completeness(importance),
        "completeness_active": float(np.average(by_factor, weights=importance.sum(axis=0))),
        "disentanglement_per_code": named(disentanglement_per_code(importance), train.code_names),
        "completeness_per_factor": named(completeness_per_factor(importance), train.factor_names),
        "importance_matrix": named_matrix(importance, train.code_names, train.factor_names),
    } | _accuracies(train, on_train, on_test)


def _accuracies(train: Rows, on_train: FloatArray, on_test: FloatArray) -> dict[str, Any]:
    return {
        "informativeness_train": float(on_train.mean()),
        "informativeness_test": float(on_test.mean()),
        "informativeness_per_factor": named(on_test, train.factor_names),
    }


def fit_factors(
    train: Rows, test: Rows, *, predictor: str, rng: np.random.Generator, jobs: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Importances (codes, factors), and accuracy per factor on training and on test rows."""
    from sklearn.utils.parallel import Parallel, delayed

    seeds = [int(seed) for seed in rng.integers(2**31, size=len(train.factor_names))]
    classes = [len(np.unique(column)) for column in train.factors.T]
    slowest_first = np.argsort(classes)[::-1]
    fits = Parallel(n_jobs=jobs)(
        delayed(_fit_factor)(
            predictor,
            train.codes,
            train.factors[:, f],
            test.codes,
            test.factors[:, f],
            seeds[f],
        )
        for f in slowest_first
    )
    in_order = [fits[place] for place in np.argsort(slowest_first)]
    importance, on_train, on_test = zip(*in_order, strict=True)
    return np.stack(importance, axis=1), np.array(on_train), np.array(on_test)


def _fit_factor(
    predictor: str,
    codes: FloatArray,
    labels: FloatArray,
    test_codes: FloatArray,
    test_labels: FloatArray,
    seed: int,
) -> tuple[FloatArray, float, float]:
    model: Any = TREE_PROBES[predictor](codes, labels, seed)
    on_train, on_test = accuracies(model, codes, labels, test_codes, test_labels)
    return model.feature_importances_, on_train, on_test
