"""DCI in its original form: sparse linear regression of real-valued factors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.disentanglement.aggregations import (
    completeness,
    completeness_per_factor,
    disentanglement,
    disentanglement_per_code,
)
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import standardised
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    named,
    named_matrix,
    train_and_test,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

ALPHAS = (0.0001, 0.001, 0.01, 0.1, 0.2, 0.4, 0.8, 1.0)
"""Tried by 10-fold cross-validation where no alpha is given."""


@measured(0, 1, figures=("disentanglement", "completeness", "r2_test"))
def dci_lasso(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    alpha: float | None = 0.02,
    scaling: Literal["standard", "minmax"] = "standard",
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """DCI with Lasso weights as importances (Eastwood & Williams 2018, https://openreview.net/forum?id=By-7dz-AZ).

    Disentanglement (the ``value``) and completeness in [0, 1], higher is better. Informativeness
    is the RMSE over the factor's deviation on test rows, lower is better; ``r2_test`` = 1 − NRMSE².

    Args:
        codes: (rows, codes). factors: (rows, factors) real-valued, or ordinal.
        test_codes, test_factors: rows for the error; half of the rows if not given.
        alpha: of (1/2N)‖y − Zw − b‖² + α‖w‖₁; None picks one by 10-fold cross-validation, as the
            La Forge collection does (with ``scaling="minmax"``).

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
    settings: dict[str, Any] = {"alpha": alpha, "scaling": scaling}
    return measure(
        "dci_lasso",
        partial(_score, mode=mode, **settings),
        parts,
        mode=mode,
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
        refits=True,
    )


def _score(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    mode: Mode,
    alpha: float | None,
    scaling: str,
) -> Score:
    train, test = without_constant_factors(parts, note)
    if not train.factor_names:
        note("every factor is constant: nothing to predict, 0 returned")
        return 0.0, {}
    scale = standardised if scaling == "standard" else _unit_range
    z, z_test = scale(train.codes, test.codes)
    v, v_test = scale(train.factors, test.factors)
    models = [_lasso(z, column, alpha) for column in v.T]
    importance = np.stack([np.abs(model.coef_) for model in models], axis=1)
    mse = np.array([_squared_errors(models, *pair) for pair in ((z, v), (z_test, v_test))])
    nrmse = np.sqrt(mse) / np.stack([v.std(axis=0), np.maximum(v_test.std(axis=0), 1e-300)])
    per_code = disentanglement_per_code(importance)
    dead = ~importance.any(axis=1)
    if dead.any() and mode == "reference":
        per_code[dead] = np.nan
        note(f"{dead.sum()} codes matter to no factor: undefined (NaN) per code, as published")
    if dead.all():
        note("no code matters to any factor: disentanglement and completeness are 0")
    per_factor = completeness_per_factor(importance)
    return max(0.0, disentanglement(importance)), {
        "completeness": max(0.0, completeness(importance)),
        "completeness_mean": float(per_factor.mean()),
        "disentanglement_per_code": named(per_code, train.code_names),
        "completeness_per_factor": named(per_factor, train.factor_names),
        "importance_matrix": named_matrix(importance, train.code_names, train.factor_names),
        "informativeness_train_nrmse": float(nrmse[0].mean()),
        "informativeness_test_nrmse": float(nrmse[1].mean()),
        "r2_test": float(np.mean(1 - nrmse[1] ** 2)),
        "mse_test_per_factor": named(mse[1], train.factor_names),
    }


def _lasso(z: FloatArray, y: FloatArray, alpha: float | None) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso
    from sklearn.model_selection import GridSearchCV

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if alpha is not None:
            return Lasso(alpha=alpha).fit(z, y)
        search = GridSearchCV(
            Lasso(max_iter=5000), {"alpha": ALPHAS}, cv=10, scoring="neg_mean_squared_error"
        )
        return search.fit(z, y).best_estimator_


def _unit_range(train: FloatArray, test: FloatArray) -> tuple[FloatArray, ...]:
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def _squared_errors(models: list[Any], z: FloatArray, v: FloatArray) -> list[float]:
    return [
        float(np.mean((model.predict(z) - y) ** 2)) for model, y in zip(models, v.T, strict=True)
    ]
