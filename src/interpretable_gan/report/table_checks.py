"""How drawn rows compare with test rows, and whether they give training rows away."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.privacy import closest_share, membership

MOST = 5000
"""Test rows that are compared with drawn ones."""

FEWEST = 20
"""Rows below which nothing is measured."""

Array = NDArray[np.float64]


class Check(NamedTuple):
    """A measure of drawn rows, beside the same of real ones that the model never saw."""

    what: str
    drawn: str
    real: str
    best: str


def checks(model: TableModel, data: TableData) -> list[Check]:
    """Fidelity and privacy of drawn rows, with validation rows in their place for comparison."""
    train, real, test = (data.cells[data.rows(s)] for s in ("train", "validation", "test"))
    if min(len(train), len(real), len(test)) < FEWEST:
        return []
    drawn = model.sampler.draw(len(train), seed=model.config.seed + 4).cells
    sides = [_of(rows, train, test, data) for rows in (drawn, real)]
    told = (
        ("agreement of pairs of columns with test rows", "1"),
        ("drawn rows closer to a training row than to a test row", "as real rows"),
        ("attack that guesses training rows, area under the ROC curve", "0.5"),
    )
    return [
        Check(what, mine, theirs, best)
        for (what, best), mine, theirs in zip(told, *sides, strict=True)
    ]


def _of(rows: Array, train: Array, test: Array, data: TableData) -> list[str]:
    """The measures of some rows, in words."""
    names = [attribute.name for attribute in data.schema.named]
    n = min(len(rows), len(test), MOST)
    tables = [dict(zip(names, each[:n].T, strict=True)) for each in (test, rows)]
    closer = closest_share(data.schema, rows, train, test)
    truth, said = membership(data.schema, rows, train, test)
    return [
        f"{pair_trends(*tables).value:.3f}",
        _told(lambda chosen: closer[chosen].mean(), len(closer)),
        _told(lambda chosen: roc_auc_score(truth[chosen], said[chosen]), len(truth)),
    ]


def _told(measure: Any, count: int) -> str:
    value, interval = resampled_interval(measure, count, np.random.default_rng(0))
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")
