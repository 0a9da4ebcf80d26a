"""Explicitness: can a linear classifier read each factor from the codes?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import logistic_regression, standardised
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    named,
    train_and_test,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure


@measured(0, 1)
def explicitness(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None = None,
    test_factors: ArrayLike | None = None,
    *,
    form: Literal["multinomial", "per_class"] = "multinomial",
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Explicitness (Ridgeway & Mozer 2018, https://arxiv.org/abs/1802.05312).

    Range [0, 1], higher is better, 0.5 for guessing; ``rescaled`` = 2·value − 1. The mean over
    classes and factors of the area under the one-against-rest ROC curve of a logistic regression
    on test rows. Blind to any invertible linear mixing of codes.

    Args:
        codes: (rows, codes). factors: (rows, factors).
        test_codes, test_factors: rows for the curve; half of the rows if not given.
        form: ``multinomial`` one softmax model per factor; ``per_class`` one balanced binary model
            per class on codes scaled to [0, 1] (the La Forge collection), which cannot name the
            middle classes of an ordinal factor. The two are not interchangeable.

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
        "explicitness",
        partial(_score, mode=mode, form=form),
        parts,
        mode=mode,
        seed=seed,
        parameters={"form": form},
        uncertainty=uncertainty,
        refits=True,
    )


def _score(parts: Parts, rng: np.random.Generator, note: Note, *, mode: Mode, form: str) -> Score:
    parts = with_discrete_factors(parts, mode=mode, note=note)
    parts = without_constant_factors(parts, note)
    train, test = _varying_codes(parts, note)
    if not train.factor_names or not train.code_names:
        note("no factor or no code varies: 0.5 returned, as for guessing")
        return 0.5, {"train": 0.5, "rescaled": 0.0}
    areas = np.array(
        [
            _areas(train, test, f, mode=mode, form=form, note=note)
            for f in range(len(train.factor_names))
        ]
    )
    on_train, on_test = areas.mean(axis=0)
    return float(on_test), {
        "train": float(on_train),
        "rescaled": float(2 * on_test - 1),
        "per_factor": named(areas[:, 1], train.factor_names),
    }


def _varying_codes(parts: Parts, note: Note) -> Parts:
    varies = np.ptp(parts[0].codes, axis=0) > 0
    for k in np.flatnonzero(~varies):
        note(f"code {parts[0].code_names[k]!r} is constant: dropped")
    return tuple(part.with_codes(varies) for part in parts)


def _areas(
    train: Rows, test: Rows, f: int, *, mode: Mode, form: str, note: Note
) -> tuple[float, float]:
    """Mean area over the classes of one factor, on training and on test rows."""
    y, y_test = train.factors[:, f], test.factors[:, f]
    classes = np.unique(y)
    seen = np.isin(classes, y_test) & (np.array([np.any(y_test != c) for c in classes]))
    if not seen.all():
        note(
            f"factor {train.factor_names[f]!r}: {int((~seen).sum())} classes cannot be judged on "
            "the test rows; averaged over the others"
        )
    read = _softmax_areas if form == "multinomial" else _binary_areas
    on_train, on_test = read(train.codes, y, test.codes, y_test, classes[seen], mode, note)
    return (float(np.mean(on_train)), float(np.mean(on_test))) if seen.any() else (0.5, 0.5)


def _softmax_areas(
    z: FloatArray,
    y: FloatArray,
    z_test: FloatArray,
    y_test: FloatArray,
    classes: FloatArray,
    mode: Mode,
    note: Note,
) -> tuple[list[float], list[float]]:
    z, z_test = standardised(z, z_test)
    model = logistic_regression(z, y, mode=mode, note=note)
    column = np.searchsorted(model.classes_, classes)
    on_train, on_test = model.predict_proba(z)[:, column], model.predict_proba(z_test)[:, column]
    return _one_against_rest(y, on_train, classes), _one_against_rest(y_test, on_test, classes)


def _binary_areas(
    z: FloatArray,
    y: FloatArray,
    z_test: FloatArray,
    y_test: FloatArray,
    classes: FloatArray,
    mode: Mode,
    note: Note,
) -> tuple[list[float], list[float]]:
    low, width = z.min(axis=0), np.ptp(z, axis=0)
    z, z_test = (z - low) / width, (z_test - low) / width
    on_train, on_test = np.empty((len(z), len(classes))), np.empty((len(z_test), len(classes)))
    for i, c in enumerate(classes):
        model = logistic_regression(z, y == c, mode=mode, note=note, balanced=True)
        on_train[:, i], on_test[:, i] = model.decision_function(z), model.decision_function(z_test)
    return _one_against_rest(y, on_train, classes), _one_against_rest(y_test, on_test, classes)


def _one_against_rest(y: FloatArray, scores: FloatArray, classes: FloatArray) -> list[float]:
    from sklearn.metrics import roc_auc_score

    return [float(roc_auc_score(y == c, scores[:, i])) for i, c in enumerate(classes)]
