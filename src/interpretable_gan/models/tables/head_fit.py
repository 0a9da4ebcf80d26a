"""Fitting a head: boosting one column after the other in rounds, then pairs.

The fit is that of an explainable boosting machine (Lou et al. 2013; Nori et al. 2019) from the
library ``interpret``; what stays is our own table of numbers, which needs no library.
"""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.arithmetic import available_cores
from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import DataError, MissingExtraError, SchemaError
from interpretable_gan.models.tables.bins import Bins
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import AdditiveHead, Link, Term
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

FINE, COARSE = 256, 32
"""Most bins of a column of numbers, for its own term and for pairs."""

RATE = 0.05
"""Step of a round of boosting. On Adult a third of the time of the library's own 0.015, and the
same area under the curve on validation rows."""

MOST = 200_000
"""Training rows that a head learns from; of more these are taken at random."""

LEAST = 20
"""Training rows of each value of the target, below which no head is fitted."""

DIRECTIONS = {"increasing": 1, "decreasing": -1}

Array = NDArray[np.float64]


def fit_head(data: TableData, config: TableConfig, *, least: int = LEAST) -> AdditiveHead:
    """Fit an additive head for the target of the data's schema on its training rows.

    Args:
        data: with a target.
        config: settings.
        least: training rows of each value of the target, below which it is refused.

    Columns whose ``effect`` is ``none`` are left out. Those that may only increase or decrease the
    target are monotone, and are in no pair, so that this holds whatever else a row says.

    Raises:
        SchemaError: the schema names no target, no other column, or a target of many levels
            without the wanted one.
        DataError: too few rows with a known target, or all alike.
        MissingExtraError: ``interpret`` is not installed.
    """
    schema = data.schema
    if schema.target is None:
        names = ", ".join(schema.names)
        raise SchemaError(f"schema {schema.name!r} names no target: name one of {names}.")
    used = [a for a in schema.named if a.name != schema.target and a.effect != "none"]
    if not used:
        raise SchemaError(f"no other column than {schema.target!r} may be used to predict it.")
    chosen = data.rows("train")
    if len(chosen) > MOST:
        chosen = np.random.default_rng([config.seed, 7]).choice(chosen, MOST, replace=False)
    rows = data.cells[chosen]
    truth, link = target_numbers(schema, rows, config)
    known = ~np.isnan(truth)
    _enough(schema, truth[known], link, least)
    booster = _booster(used, link, config)
    cells = _for_booster(schema, used, rows[known])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of missing values, which are wanted
        booster.fit(cells, truth[known])
    return _taken(booster, schema, used, link, rows[known])


def target_numbers(schema: Schema, rows: Array, config: TableConfig) -> tuple[Array, Link]:
    """What a head learns, (rows,), nan where not known: 1 where the target is what is wanted and 0
    where it is not, or its number; and the link."""
    target, wanted = schema.aim(schema.target or "", schema.wanted)
    attribute = schema[target]
    cells = rows[:, schema.names.index(target)]
    if attribute.kind == "continuous":
        return cells, "log" if config.count else "identity"
    number = attribute.values.index(wanted)
    return np.where(np.isnan(cells), np.nan, cells == number), "logit"


def _enough(schema: Schema, truth: Array, link: Link, wanted: int) -> None:
    """Refuse what nothing can be learned from.

    Raises:
        DataError: too few rows, one value alone, or counts below 0.
    """
    target = schema.target
    if link == "logit":
        least = int(min((truth == 0).sum(), (truth == 1).sum()))
    else:
        least = len(truth) if len(np.unique(truth)) > 1 else 0
    if least < wanted:
        raise DataError(
            f"only {least} training rows tell {target!r} apart; a head needs {wanted} of each "
            "value."
        )
    if link == "log" and truth.min() < 0:
        raise DataError(f"{target!r} is {truth.min():g} in a row, and a count is never below 0.")


def _booster(used: list[Attribute], link: Link, config: TableConfig) -> Any:
    """An explainable boosting machine that has not learned yet."""
    try:
        from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
    except ImportError:
        raise MissingExtraError("a head for a target", "tables") from None
    bound = [DIRECTIONS.get(attribute.effect, 0) for attribute in used]
    free = [number for number, direction in enumerate(bound) if not direction]
    apart = [p for p in combinations(range(len(used)), 2) if not set(p) <= set(free)]
    most = len(free) * (len(free) - 1) // 2
    threads = config.threads or available_cores()
    kind = ExplainableBoostingClassifier if link == "logit" else ExplainableBoostingRegressor
    objective = {"logit": "log_loss", "identity": "rmse", "log": "poisson_deviance"}[link]
    return kind(
        feature_names=[attribute.name for attribute in used],
        feature_types=["continuous" if each.has_order else "nominal" for each in used],
        max_bins=FINE,
        max_interaction_bins=COARSE,
        interactions=min(config.pairs, most),
        exclude=apart or None,
        outer_bags=config.refits,
        learning_rate=RATE,
        monotone_constraints=bound,
        objective=objective,
        n_jobs=min(threads, config.refits),
        random_state=config.seed,
    )


def _for_booster(schema: Schema, used: list[Attribute], rows: Array) -> Any:
    """Cells as the library reads them: levels without an order as texts, None where not known."""
    columns = np.empty((len(rows), len(used)), object)
    for number, attribute in enumerate(used):
        cells = rows[:, schema.names.index(attribute.name)]
        if attribute.has_order:
            columns[:, number] = cells
        else:
            texts = [None if np.isnan(cell) else str(int(cell)) for cell in cells.tolist()]
            columns[:, number] = texts
    return columns


def _taken(
    booster: Any, schema: Schema, used: list[Attribute], link: Link, rows: Array
) -> AdditiveHead:
    """What a fitted booster holds, as tables of numbers."""
    names = [attribute.name for attribute in used]
    paired = {n for term in booster.term_features_ if len(term) == 2 for n in term}
    fine, coarse = {}, {}
    for number, attribute in enumerate(used):
        cells = rows[:, schema.names.index(attribute.name)]
        found = booster.bins_[number]
        fine[attribute.name] = _bins(attribute, found[0], cells)
        if number in paired:
            coarse[attribute.name] = _bins(attribute, found[min(1, len(found) - 1)], cells)
    scores: dict[Term, Tensor] = {}
    spreads: dict[Term, Tensor] = {}
    order = sorted(
        range(len(booster.term_features_)),
        key=lambda number: (len(booster.term_features_[number]), booster.term_features_[number]),
    )
    for number in order:
        term = tuple(names[each] for each in booster.term_features_[number])
        known = (slice(0, -1),) * len(term)  # the last bin is that of values never seen
        for kept, values in (
            (scores, booster.term_scores_[number]),
            (spreads, booster.standard_deviations_[number]),
        ):
            kept[term] = torch.tensor(values[known], dtype=torch.float64).contiguous()
    bias = torch.tensor(float(np.ravel(booster.intercept_)[0]), dtype=torch.float64)
    return AdditiveHead(schema, link, fine, coarse, scores, spreads, bias)


def _bins(attribute: Attribute, found: Any, cells: Array) -> Bins:
    """The library's bins of one column as ours."""
    low, high = float(np.nanmin(cells, initial=np.inf)), float(np.nanmax(cells, initial=-np.inf))
    low, high = (low, high) if low <= high else (0.0, 0.0)
    empty = torch.empty(0, dtype=torch.float64)
    if isinstance(found, dict):
        levels = [found.get(str(level), 0) for level in range(len(attribute.values))]
        return Bins(empty, torch.tensor(levels, dtype=torch.int64), low, high)
    cuts = torch.tensor(np.asarray(found), dtype=torch.float64)
    return Bins(cuts, torch.empty(0, dtype=torch.int64), low, high)
