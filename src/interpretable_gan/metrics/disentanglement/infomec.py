"""InfoM, InfoC, InfoE: modularity, compactness and explicitness in units of information."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.mutual_information import entropy, mutual_information_matrix
from interpretable_gan.metrics.probes import logistic_regression, standardised
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    IntArray,
    Note,
    Rows,
    check_rows,
    named,
    named_matrix,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

Pruning = Literal["information", "range", "tripod"]
PERMUTATIONS = 20


@measured(0, 1, figures=("infom", "infoc", "infoe"))
def infomec(
    codes: ArrayLike,
    factors: ArrayLike,
    *,
    discrete_codes: bool = False,
    neighbours: int = 10,
    pruning: Pruning | None = None,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """InfoM (the ``value``), InfoC and InfoE (Hsu et al. 2023, https://arxiv.org/abs/2305.18378).

    All up to 1, higher is better; InfoM and InfoC are 0 for information spread evenly, InfoE for
    codes that predict no better than a uniform guess. InfoE is a training-set score that overfits
    with many codes: *strict* fits on one half and also reports the other (``infoe_held_out``).

    Args:
        codes: (rows, codes). factors: (rows, factors).
        discrete_codes: codes are levels, not numbers.
        neighbours: of the estimator for continuous codes (Ross 2014).
        pruning: which codes count. ``range``: wider than a twentieth of the widest, so dependent
            on scale; ``tripod``: the same with interquartile ranges and a tenth;
            ``information``: codes that say more than their row-permuted copies. Defaults to
            ``range`` in *reference* and ``information`` in *strict*.

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    rows = check_rows(codes, factors, code_names=code_names, factor_names=factor_names)
    settings: dict[str, Any] = {
        "discrete_codes": discrete_codes,
        "neighbours": neighbours,
        "pruning": pruning or ("range" if mode == "reference" else "information"),
    }
    return measure(
        "infomec",
        partial(_score, mode=mode, **settings),
        (rows,),
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
    discrete_codes: bool,
    neighbours: int,
    pruning: str,
) -> Score:
    parts = with_discrete_factors(parts, mode=mode, note=note)
    (rows,) = without_constant_factors(parts, note)
    if not rows.factor_names:
        note("every factor is constant: 0 returned")
        return 0.0, {"infoc": 0.0, "infoe": 0.0}
    seed = int(rng.integers(2**31))
    information = code_information(rows, discrete_codes, neighbours, seed)
    entropies = np.array([entropy(column) for column in rows.factors.T])
    nmi = (information / entropies).T  # (factors, codes)
    if pruning == "information":
        active = information.sum(axis=1) > _by_chance(rows, discrete_codes, neighbours, rng)
    else:
        active = _wide(rows.codes, discrete_codes, pruning)
    infom, infoc = _modularity_and_compactness(nmi[:, active], mode, note)
    infoe, held_out = _explicitness(rows, discrete_codes, mode, note, rng)
    breakdown = {
        "infoc": infoc,
        "infoe": infoe,
        "active": named(active, rows.code_names),
        "nmi": named_matrix(nmi, rows.factor_names, rows.code_names),
    }
    if mode == "strict":
        breakdown["infoe_held_out"] = held_out
    return infom, breakdown


def code_information(rows: Rows, discrete_codes: bool, neighbours: int, seed: int) -> FloatArray:
    """I(code; factor) in nats: (codes, factors); nearest neighbours unless the codes are levels."""
    from sklearn.feature_selection import mutual_info_classif

    if discrete_codes:
        return mutual_information_matrix(rows.codes, rows.factors)
    varies = np.ptp(rows.codes, axis=0) > 0
    result = np.zeros((rows.codes.shape[1], rows.factors.shape[1]))
    if varies.any():
        (z,) = standardised(rows.codes[:, varies])
        for f, labels in enumerate(rows.factors.T):
            result[varies, f] = mutual_info_classif(
                z, labels, discrete_features=False, n_neighbors=neighbours, random_state=seed
            )
    return result


def _by_chance(
    rows: Rows, discrete_codes: bool, neighbours: int, rng: np.random.Generator
) -> FloatArray:
    """95th percentile, per code, of what its row-permuted copies say about all factors."""
    totals = [
        code_information(
            rows.shuffled(rng), discrete_codes, neighbours, int(rng.integers(2**31))
        ).sum(axis=1)
        for _ in range(PERMUTATIONS)
    ]
    return np.asarray(np.percentile(totals, 95, axis=0))


def _wide(codes: FloatArray, discrete_codes: bool, pruning: str) -> np.ndarray:
    """The published pruning: codes of enough range, or of enough interquartile range."""
    if pruning == "range":
        spread = np.ptp(codes, axis=0)
        return spread > (0 if discrete_codes else spread.max() / 20)
    spread = np.subtract(*np.percentile(codes, [75, 25], axis=0))
    return spread > (0.1 if discrete_codes else spread.max() / 10)


def _modularity_and_compactness(nmi: FloatArray, mode: Mode, note: Note) -> tuple[float, float]:
    """InfoM and InfoC from NMI (factors, active codes)."""
    factors, codes = nmi.shape
    if not codes:
        note("no code is active: 0 returned")
        return 0.0, 0.0
    if factors == 1:
        note("one factor: InfoM is 1 by convention")
    if codes == 1:
        note("one active code: InfoC is 1 by convention")
    infom = _concentration(nmi.T, "a code that knows no factor", mode, note)
    infoc = _concentration(nmi, "a factor that no code knows", mode, note)
    return infom, infoc


def _concentration(shares: FloatArray, empty: str, mode: Mode, note: Note) -> float:
    """How far the largest entry of each row exceeds an even share, 0 to 1; mean over rows."""
    even = 1 / shares.shape[1]
    if even == 1:
        return 1.0
    total = shares.sum(axis=1)
    if (total == 0).any() and mode == "reference":
        note(f"undefined (NaN), as published: {empty}")
        return float("nan")
    if (total == 0).any():
        note(f"{empty} counts as spread evenly")
    ratio = np.divide(shares.max(axis=1), total, out=np.full(len(shares), even), where=total > 0)
    return float((ratio.mean() - even) / (1 - even))


def _explicitness(
    rows: Rows, discrete_codes: bool, mode: Mode, note: Note, rng: np.random.Generator
) -> tuple[float, float]:
    """InfoE on the rows it was fitted on, and on a held-out half."""
    z = _one_hot(rows.codes) if discrete_codes else standardised(rows.codes)[0]
    everything = np.arange(len(rows))
    on_all = np.mean([_gain(z, y, everything, everything, mode, note) for y in rows.factors.T])
    if mode == "reference":
        return float(on_all), float("nan")
    half, rest = np.array_split(rng.permutation(len(rows)), 2)
    held_out = np.mean([_gain(z, y, half, rest, mode, note) for y in rows.factors.T])
    return float(on_all), float(held_out)


def _gain(
    z: FloatArray, y: FloatArray, fit: IntArray, judge: IntArray, mode: Mode, note: Note
) -> float:
    """(CE₀ − CE) / CE₀ of a balanced, unpenalised logistic regression; CE₀ = log classes."""
    from sklearn.metrics import log_loss

    classes = np.unique(y[fit])
    judge = judge[np.isin(y[judge], classes)]
    if len(classes) == 1 or not len(judge):
        note("a half of the rows has one class only: its gain counts as 0")
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = logistic_regression(
            z[fit], y[fit], mode="reference", note=note, penalty=0, balanced=True
        )
    loss = log_loss(y[judge], model.predict_proba(z[judge]), labels=classes)
    return float(1 - loss / np.log(len(classes)))


def _one_hot(codes: FloatArray) -> FloatArray:
    from sklearn.preprocessing import OneHotEncoder

    return np.asarray(OneHotEncoder(sparse_output=False).fit_transform(codes))
