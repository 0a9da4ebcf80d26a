"""What other columns tell of a column that should not count: leaving it out hides it from nobody
who can guess it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.subgroups import FEW, MOST

ROWS = 6000
"""Training rows that are looked at, at most; a third of them is guessed."""

COLUMNS = 12
"""Columns that are guessed, at most: those that are declared unused first."""

NAMED, LOST = 3, 0.01
"""Columns that tell most are named, so many and with more than this of the area lost."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Leak:
    """How well a column is guessed from all others but the target.

    ``auroc``: area under the ROC curve, mean over its levels; 0.5 is a blind guess. ``by``: the
    columns that tell most, each with how much of the area is lost where it is shuffled.
    """

    column: str
    declared: bool
    auroc: float
    by: tuple[tuple[str, float], ...]


def leaks(data: TableData, *, seed: int = 0) -> list[Leak]:
    """Columns of few levels, guessed by boosted trees; those declared unused (``effect: none``)
    first, then the best guessed."""
    named, target = data.schema.named, data.schema.target
    few = [
        (number, attribute)
        for number, attribute in enumerate(named)
        if attribute.name != target and 2 <= len(attribute.values) <= MOST
    ]
    few.sort(key=lambda pair: pair[1].effect != "none")
    rows = data.rows("train")
    rows = rows[np.random.default_rng([seed, 5]).permutation(len(rows))[:ROWS]]
    found = []
    for number, attribute in few[:COLUMNS]:
        others = [k for k, a in enumerate(named) if k != number and a.name != target]
        known = data.cells[rows][~np.isnan(data.cells[rows, number])]
        guess = _guessed(known[:, others], known[:, number], seed)
        if guess is not None:
            area, lost = guess
            order = np.argsort(-lost)[:NAMED]
            by = tuple((named[others[k]].name, float(lost[k])) for k in order if lost[k] > LOST)
            found.append(Leak(attribute.name, attribute.effect == "none", area, by))
    return sorted(found, key=lambda leak: (not leak.declared, -leak.auroc))


def _guessed(others: Array, levels: Array, seed: int) -> tuple[float, Array] | None:
    """The area under the curve, and what of it is lost where each column is shuffled; None where a
    level has too few rows."""
    kept = np.unique(levels, return_counts=True)
    levels_left = kept[0][kept[1] >= FEW]
    within = np.isin(levels, levels_left)
    if len(levels_left) < 2 or not others.shape[1]:
        return None
    learn, test, truth, true = train_test_split(
        others[within], levels[within], test_size=1 / 3, random_state=seed, stratify=levels[within]
    )
    trees = HistGradientBoostingClassifier(max_iter=50, random_state=seed).fit(learn, truth)

    def area(rows: Array) -> float:
        said = trees.predict_proba(rows)
        sides = [(true == level, said[:, k]) for k, level in enumerate(trees.classes_)]
        return float(np.mean([roc_auc_score(*side) for side in sides]))

    whole, luck = area(test), np.random.default_rng([seed, 6])
    lost = []
    for k in range(test.shape[1]):
        shuffled = test.copy()
        shuffled[:, k] = luck.permutation(shuffled[:, k])
        lost.append(whole - area(shuffled))
    return whole, np.array(lost)
