"""What `tables.py` measures of drawn rows; the docstring there says it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.closest_record import closest_distances
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.schema.conditions import Condition

MOST = 5000
"""Test rows that drawn ones are compared with."""

NEAR = 2000
"""Drawn rows of which the closest real row is looked for, and rows whose membership is guessed."""

SETS, MATCHING, GIVEN = 200, 30, 500
"""Sets of conditions, test rows that must match each, and rows drawn for each."""

TRIES = 20_000
"""Random sets, after which there are as many as were found."""

Asked = dict[int, Condition]


def trees(data: TableData, seed: int, kind: Any = HistGradientBoostingClassifier) -> Any:
    """Boosted trees that take levels for levels."""
    levels = [not a.has_order and len(a.values) < 250 for a in data.schema.named]
    return kind(max_iter=100, categorical_features=levels, random_state=seed)


def logistic(data: TableData) -> Any:
    """Logistic regression on scaled numbers and one column per level."""
    numbers = [k for k, a in enumerate(data.schema.named) if a.has_order]
    levels = [k for k in range(len(data.schema.named)) if k not in numbers]
    columns = make_column_transformer(
        (make_pipeline(StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), levels),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000))


def filled(cells: Any) -> Any:
    """Cells that are not known as −1, a value of their own, where a model takes no nan."""
    return np.nan_to_num(cells, nan=-1.0)


def _measured(measure: Any, truth: Any, said: Any) -> dict[str, Any]:
    """A measure with its 95 % interval over rows."""
    value, interval = resampled_interval(
        lambda rows: measure(truth[rows], said[rows]), len(truth), np.random.default_rng(0)
    )
    return {"value": value, "interval": interval}


def detection(real: Any, drawn: Any, data: TableData, seed: int) -> dict[str, Any]:
    """How well trees and logistic regression tell drawn rows from real ones, 3 folds."""
    n = min(len(real), len(drawn))
    rows, truth = np.concatenate([real[:n], drawn[:n]]), np.repeat([1, 0], n)
    found = {}
    for name, model, given in (
        ("detection_trees", trees(data, seed), rows),
        ("detection_logistic", logistic(data), filled(rows)),
    ):
        said = cross_val_predict(model, given, truth, cv=3, method="predict_proba")[:, 1]
        found[name] = _measured(roc_auc_score, truth, said)
    return found


def trends(real: Any, drawn: Any, data: TableData) -> dict[str, Any]:
    """Agreement of pairs of columns, with the standard error over 100 resamples of drawn rows left
    out: only seeds say how it varies."""
    tables = [
        {a.name: cells[:, k] for k, a in enumerate(data.schema.named)} for cells in (real, drawn)
    ]
    return {"pair_trends": {"value": float(pair_trends(*tables).value)}}


def utility(
    learn: Any, test: Any, data: TableData, seed: int, config: TableConfig
) -> dict[str, Any]:
    """Boosted trees that learned the target from some rows, on test rows."""
    column = data.schema.names.index(data.schema.target or "")
    truth, link = target_numbers(data.schema, learn, config)
    true, _ = target_numbers(data.schema, test, config)
    hidden = [np.where(np.arange(learn.shape[1]) == column, 0.0, each) for each in (learn, test)]
    known, there = ~np.isnan(truth), ~np.isnan(true)
    is_number = link != "logit"
    if len(np.unique(truth[known])) < 2:
        return {"utility": {"value": 0.0 if is_number else 0.5, "interval": None}}
    kind = HistGradientBoostingRegressor if is_number else HistGradientBoostingClassifier
    model = trees(data, seed, kind).fit(hidden[0][known], truth[known])
    rows, true = hidden[1][there], true[there]
    if is_number:
        return {"utility": _measured(r2_score, true, model.predict(rows))}
    return {"utility": _measured(roc_auc_score, true, model.predict_proba(rows)[:, 1])}


def privacy(drawn: Any, train: Any, test: Any, data: TableData, seed: int) -> dict[str, Any]:
    """Share of drawn rows that are closer to a training than to a test row, and how well the
    distance to the closest drawn row tells training rows from test rows."""
    luck = np.random.default_rng([seed, 4])
    size = min(len(train), len(test))
    members, others = (rows[luck.permutation(len(rows))[:size]] for rows in (train, test))
    sides = {"members": members, "others": others, "drawn": drawn[: len(train)]}
    names = data.schema.named
    kinds = {a.name: "numerical" if a.has_order else "categorical" for a in names}
    tables = as_tables(
        {
            side: {
                a.name: [None if np.isnan(c) else c if a.has_order else str(c) for c in column]
                for a, column in zip(names, rows.T.tolist(), strict=True)
            }
            for side, rows in sides.items()
        },
        kinds,
    )
    member, other, made = tables
    some = made.take(np.arange(min(NEAR, len(made))))
    near, far = (closest_distances(some, side, jobs=1)[:, 0] for side in (member, other))
    closer = np.where(near == far, 0.5, near < far)
    share, interval = resampled_interval(
        lambda rows: closer[rows].mean(), len(closer), np.random.default_rng(0)
    )
    asked = [side.take(np.arange(min(NEAR, size))) for side in (member, other)]
    distance = [closest_distances(side, made, jobs=1)[:, 0] for side in asked]
    truth = np.repeat([1, 0], len(distance[0]))
    return {
        "closest_share": {"value": share, "interval": interval},
        "membership": _measured(roc_auc_score, truth, -np.concatenate(distance)),
        "exact_copies": {"value": float((near == 0).mean())},
    }


def condition_sets(test: Any, data: TableData, seed: int) -> list[Asked]:
    """Random conditions that enough test rows hold, each taken from a test row."""
    luck, found = np.random.default_rng([seed, 2]), []
    for _ in range(TRIES):
        if len(found) == SETS:
            break
        row = test[luck.integers(len(test))]
        asked = {}
        for k in luck.permutation(test.shape[1])[: luck.integers(1, 6)].tolist():
            cell = row[k]
            if np.isnan(cell):
                asked[k] = Condition(np.nan, np.nan)
            elif data.schema.named[k].has_order:
                spread = 0.25 * np.nanstd(test[:, k])
                asked[k] = Condition(cell - spread, cell + spread)
            else:
                asked[k] = Condition(cell, cell)
        if matching(test, asked).sum() >= MATCHING:
            found.append(asked)
    return found


def matching(rows: Any, asked: Asked) -> Any:
    """Which rows hold all conditions."""
    return np.logical_and.reduce([c.holds(rows[:, k]) for k, c in asked.items()])


def distance(a: Any, b: Any, skip: Asked, data: TableData) -> float:
    """Mean total variation distance of columns, numbers in ten bins of the second rows."""
    found = []
    for k in range(a.shape[1]):
        if k in skip:
            continue
        x, y = filled(a[:, k]), filled(b[:, k])
        if data.schema.named[k].has_order and len(np.unique(y)) > 10:
            cuts = np.quantile(y, np.linspace(0.1, 0.9, 9))
            x, y = np.searchsorted(cuts, x), np.searchsorted(cuts, y)
        values = np.union1d(x, y)
        shares = [[(side == value).mean() for value in values] for side in (x, y)]
        found.append(0.5 * np.abs(np.subtract(*shares)).sum())
    return float(np.mean(found))


def conditions(
    test: Any, sets: list[Asked], data: TableData, ways: list[Callable[[Asked], Any]]
) -> dict[str, Any]:
    """Of each set the best of several ways to draw. ``held``: share of drawn rows that are as
    asked; ``few``: share of sets for which fewer than 30 rows were found; ``distance``: mean over
    sets, 1 where no row was found."""
    if not sets:
        return {}
    held, few, far = [], [], []
    for asked in sets:
        real, best = test[matching(test, asked)], (1.0, 0, 1.0)
        for way in ways:
            rows = way(asked)
            if len(rows):
                found = distance(rows, real, asked, data)
                best = min(best, (found, len(rows), float(matching(rows, asked).mean())))
        far.append(best[0])
        few.append(best[1] < MATCHING)
        held.append(best[2])
    value, interval = resampled_interval(
        lambda chosen: np.mean(np.asarray(far)[chosen]), len(far), np.random.default_rng(0)
    )
    return {
        "conditions_held": {"value": float(np.mean(held))},
        "conditions_few": {"value": float(np.mean(few))},
        "conditions_distance": {
            "value": value,
            "interval": interval,
            "sets": len(far),
            "each": np.round(far, 4).tolist(),
        },
    }
