"""SAP: how much better than the next does the best single code predict a factor?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.disentanglement.information import top_two
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    check_rows,
    named,
    named_matrix,
    train_and_test,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

VARIANCE_FLOOR = 1e-12
PENALTY = 0.01


@measured(-1, 1)
def sap(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    continuous: bool = False,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Separated attribute predictability (Kumar et al. 2018, https://arxiv.org/abs/1711.00848).

    Range [−1, 1], higher is better: mean over factors of the best minus the second-best score of a
    single code. With ``continuous`` a score is the squared correlation; otherwise the test
    accuracy of a linear classifier, which can only name the extreme classes of an ordinal factor:
    a perfect code then scores about 0.45, so do not read it as a fraction of perfect. A single
    code is compared with always saying the commonest class, and can fall below 0.

    Args:
        codes: (rows, codes). factors: (rows, factors).
        test_codes, test_factors: rows to test the classifier on; half of the rows if not given.
        mode: *strict* standardises each code first, so that its scale and offset do not matter.

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    names = {"code_names": code_names, "factor_names": factor_names}
    parts: Parts = (check_rows(codes, factors, **names),)
    if not continuous:
        parts = train_and_test(
            codes, factors, test_codes, test_factors, mode=mode, seed=seed, **names
        )
    settings: dict[str, Any] = {"continuous": continuous}
    return measure(
        "sap",
        partial(_score, mode=mode, **settings),
        parts,
        mode=mode,
        seed=seed,
        parameters=settings if continuous else settings | {"C": PENALTY},
        uncertainty=uncertainty,
        refits=not continuous,
    )


def _score(
    parts: Parts, rng: np.random.Generator, note: Note, *, continuous: bool, mode: Mode
) -> Score:
    if not continuous:
        parts = with_discrete_factors(parts, mode=mode, note=note)
    parts = without_constant_factors(parts, note)
    rows = parts[0]
    if not rows.factor_names:
        note("every factor is constant: nothing to predict, 0 returned")
        return 0.0, {}
    if continuous:
        matrix = squared_correlations(rows)
    else:
        matrix = np.array(
            [
                [_accuracy(parts, k, f, mode, rng) for f in range(len(rows.factor_names))]
                for k in range(len(rows.code_names))
            ]
        )
    best, second = top_two(matrix)
    if len(rows.code_names) == 1 and not continuous:
        second = _majority(parts)
        note("one code: compared with always saying the commonest class")
    gaps = best - second
    return float(gaps.mean()), {
        "per_factor": named(gaps, rows.factor_names),
        "matrix": named_matrix(matrix, rows.code_names, rows.factor_names),
    }


def squared_correlations(rows: Rows) -> FloatArray:
    """cov² / (var · var) of every code and factor, 0 for a constant code: (codes, factors)."""
    count = len(rows.code_names)
    cov = np.cov(rows.codes, rows.factors, rowvar=False)
    variance = np.diag(cov)
    spread = np.outer(variance[:count], variance[count:])
    varies = np.broadcast_to(variance[:count, None] > VARIANCE_FLOOR, spread.shape)
    shared = cov[:count, count:] ** 2
    return np.divide(shared, spread, out=np.zeros_like(shared), where=varies)


def _accuracy(parts: Parts, code: int, factor: int, mode: Mode, rng: np.random.Generator) -> float:
    """Test accuracy of a linear support vector machine that sees one code."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    train, test = parts
    x, unseen = train.codes[:, [code]], test.codes[:, [code]]
    if mode == "strict":
        center, scale = x.mean(), x.std() or 1.0
        x, unseen = (x - center) / scale, (unseen - center) / scale
    machine = LinearSVC(C=PENALTY, class_weight="balanced", random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(x, train.factors[:, factor])
    return float(machine.score(unseen, test.factors[:, factor]))


def _majority(parts: Parts) -> FloatArray:
    """Test accuracy of always saying the commonest training class, per factor."""
    train, test = parts
    scores = []
    for f in range(train.factors.shape[1]):
        values, counts = np.unique(train.factors[:, f], return_counts=True)
        scores.append(np.mean(test.factors[:, f] == values[counts.argmax()]))
    return np.array(scores)
