"""Detection: can a classifier tell synthetic rows from real ones?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.encode import Encoder
from interpretable_gan.metrics.tables.typed_table import NAMES, TypedTable, describe_tables

FOLDS = 3
REPEATS = 5
"""Repetitions of the folds in *strict* mode."""
PERMUTATIONS = 200
"""Permutations of the held-out labels behind the p-value."""

Model = Callable[[int], Any]


def _logistic(seed: int, most: int = 10_000) -> Any:
    return make_pipeline(RobustScaler(), LogisticRegression(max_iter=most))


def _logistic_reference(seed: int) -> Any:
    return _logistic(seed, 100)


def _trees(seed: int) -> Any:
    return HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=15, random_state=seed)


@measured(0, 1)
def detection(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    seed: int = 0,
) -> Result:
    """1 − mean of 2·max(½, AUC) − 1 over held-out folds (Lopez-Paz & Oquab 2017).

    In [0, 1], higher is better: 1 when no classifier can tell, 0 when it always can.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: *reference* has one logistic regression on 3 folds without boolean columns. *strict*
            keeps them, repeats 5 times, and reports the better of logistic regression and boosted
            trees at telling the tables apart, with AUC and permutation p-value of each.
        seed: of folds, trees and permutations.
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    found = [*r.warnings, *s.warnings]
    if min(len(r), len(s)) < FOLDS:
        raise MetricError(
            f"{len(r)} real and {len(s)} synthetic rows: {FOLDS} folds need {FOLDS} of each."
        )
    found += _unseen(r, s)
    if mode == "reference" and len(r.columns) > len(r.named("boolean")):
        r, s = r.without(*r.named("boolean")), s.without(*s.named("boolean"))
    encode = Encoder.fit(r, names_from=(s,))
    found += encode.notes
    rows = np.concatenate([encode(r), encode(s)])
    labels = np.repeat([1, 0], [len(r), len(s)])
    models: dict[str, Model] = {"logistic_regression": _logistic_reference}
    if mode == "strict":
        models = {"logistic_regression": _logistic, "boosted_trees": _trees}
    repeats = REPEATS if mode == "strict" else 1
    each = {
        name: _told_apart(model, rows, labels, repeats, seed, found)
        for name, model in models.items()
    }
    best = min(each, key=lambda name: float(each[name]["score"]))
    return Result(
        metric="detection",
        value=each[best]["score"],
        mode=mode,
        interval=each[best].get("interval"),
        chance=1 - each[best]["excess_by_chance"],
        breakdown={"per_classifier": each, "best_classifier": best},
        parameters={"folds": FOLDS, "repeats": repeats, "permutations": PERMUTATIONS},
        data=describe_tables(real=r, synthetic=s),
        seed=seed,
        warnings=tuple(dict.fromkeys(found)),
    )


def _unseen(real: TypedTable, synthetic: TypedTable) -> list[str]:
    """Columns of names with categories that the real table lacks."""
    found = []
    for name in real.named(*NAMES):
        unseen = set(synthetic.columns[name].present) - set(real.columns[name].present)
        if unseen:
            found.append(
                f"column {name!r} has categories that the real one lacks, which give rows away: "
                f"{', '.join(sorted(unseen)[:5])}."
            )
    return found


def _told_apart(
    model: Model,
    rows: NDArray[Any],
    labels: NDArray[Any],
    repeats: int,
    seed: int,
    found: list[str],
) -> dict[str, Any]:
    """Score, AUC and p-value of one classifier."""
    areas, scores = [], []
    generator = np.random.default_rng([seed, 1])
    permuted = np.zeros(PERMUTATIONS)
    by_chance = 0.0
    for repeat in range(repeats):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat)
        excess = []
        for train, test in folds.split(rows, labels):
            guess = _guesses(model(seed + repeat), rows[train], labels[train], rows[test], found)
            areas.append(float(roc_auc_score(labels[test], guess)))
            excess.append(2 * max(0.5, areas[-1]) - 1)
            torn = np.array(
                [_area(generator.permutation(labels[test]), guess) for _ in range(PERMUTATIONS)]
            )
            permuted += torn / (repeats * FOLDS)
            by_chance += float((2 * np.maximum(0.5, torn) - 1).mean()) / (repeats * FOLDS)
        scores.append(1 - float(np.mean(excess)))
    result: dict[str, Any] = {
        "score": float(np.mean(scores)),
        "auc": float(np.mean(areas)),
        "p_value": float((1 + (permuted >= np.mean(areas)).sum()) / (1 + PERMUTATIONS)),
        "excess_by_chance": by_chance,
    }
    if repeats > 1:
        half = 2.776 * float(np.std(scores, ddof=1))  # t of 4 degrees of freedom, one repetition
        result["interval"] = (max(0.0, result["score"] - half), min(1.0, result["score"] + half))
    return result


def _area(labels: NDArray[Any], guess: NDArray[Any]) -> float:
    """Area under the curve from ranks; ties count half."""
    from scipy.stats import rankdata

    positive = int(labels.sum())
    ranks = rankdata(guess)[labels == 1].sum() - positive * (positive + 1) / 2
    return float(ranks / (positive * (len(labels) - positive)))


def _guesses(
    model: Any, rows: NDArray[Any], labels: NDArray[Any], test: NDArray[Any], found: list[str]
) -> NDArray[Any]:
    """Probability of being real; a solver that stopped early is told."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(rows, labels)
    if caught:
        found.append("logistic regression stopped before it converged.")
    probabilities: NDArray[Any] = model.predict_proba(test)[:, 1]
    return probabilities
