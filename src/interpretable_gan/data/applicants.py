"""Drawn applicants for a loan: a table whose rule is known, so that explanations can be checked.

Eight columns and three pairs of them decide, four columns do not. Of these, ``telephone`` goes with
income and ``letters`` with the duration, so that they look useful. Nobody is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

TARGET, WANTED = "risk", "good"

USELESS = ("telephone", "letters", "region", "weekday")
"""Columns without an effect."""

PAIRS = (("income", "months"), ("age", "purpose"), ("debt", "home"))
"""Pairs of columns with an effect beyond those of their columns."""

BIAS = 0.8
"""Log-odds of ``good`` for a typical applicant."""

PURPOSES = {"car": 0.3, "furniture": 0.0, "business": -0.8, "education": 0.5}
WORK = {"none": -0.9, "temporary": -0.3, "permanent": 0.5}
HOMES = {"rents": -0.4, "owns": 0.4}
REGIONS = ("north", "south", "east", "west")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

Array = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]


def applicants(rows: int = 6000, *, seed: int = 0) -> dict[str, list[str]]:
    """A table of applicants as texts, column by column; empty cells are not known.

    Args:
        rows: how many.
        seed: of every choice; the same gives the same table.
    """
    columns = _drawn(rows, np.random.default_rng([seed, 1]))
    score = BIAS + sum(true_terms(columns).values())
    luck = np.random.default_rng([seed, 2]).random(rows)
    columns[TARGET] = np.where(luck < 1 / (1 + np.exp(-score)), WANTED, "bad")
    return {name: _texts(name, values) for name, values in columns.items()}


def as_numbers(table: Mapping[str, list[str]]) -> dict[str, NDArray[Any]]:
    """The columns of `applicants` as `true_terms` takes them, nan where not known."""
    numbers = ("income", "debt", "months", "age", "late", "letters")
    return {
        name: np.array([float(cell) if cell else np.nan for cell in cells])
        if name in numbers
        else np.array(cells)
        for name, cells in table.items()
    }


def true_terms(columns: Columns) -> dict[tuple[str, ...], Array]:
    """What each column and pair adds to the log-odds of ``good``, (rows,) each. Over many
    applicants the mean of each is about 0, and so is that of a pair given either of its columns.
    """
    income = np.log(columns["income"] / 2400) / 0.5
    missing = np.isnan(columns["late"])
    late = np.where(missing, -0.6, 0.7 - 0.9 * np.nan_to_num(columns["late"]).clip(0, 3))
    purpose = _said(columns["purpose"], PURPOSES)
    home = _said(columns["home"], HOMES)
    is_business = np.where(columns["purpose"] == "business", 1.2, -0.4)
    debt = np.minimum(columns["debt"] / 8000, 1.5) - 0.39
    age = (columns["age"] - 44.0) / 13
    months = (columns["months"] - 35.5) / 17
    income = np.where(np.isnan(income), 0.0, income)
    return {
        ("income",): 0.8 * np.tanh(income),
        ("debt",): -1.1 * debt,
        ("months",): -0.7 * months,
        ("age",): 0.6 * np.sin(age),
        ("work",): _said(columns["work"], WORK),
        ("purpose",): purpose,
        ("home",): home,
        ("late",): late,
        ("income", "months"): 0.7 * np.tanh(income) * months,
        ("age", "purpose"): 0.8 * np.tanh(age) * is_business,
        ("debt", "home"): 1.6 * debt * home,
    }


def _drawn(rows: int, luck: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Columns that do not depend on each other, but for the two that only look useful."""
    income = np.exp(np.log(2400) + 0.5 * luck.normal(size=rows)).round(2)
    months = luck.integers(6, 66, rows).astype(float)
    late = np.minimum(luck.poisson(0.8, rows), 4).astype(float)
    columns: dict[str, NDArray[Any]] = {
        "age": luck.integers(21, 68, rows).astype(float),
        "income": income,
        "debt": np.where(luck.random(rows) < 0.4, 0, luck.gamma(1.5, 3500, rows)).round(),
        "months": months,
        "purpose": luck.choice(list(PURPOSES), rows),
        "work": luck.choice(list(WORK), rows, p=[0.2, 0.3, 0.5]),
        "home": luck.choice(list(HOMES), rows),
        "late": np.where(luck.random(rows) < 0.12, np.nan, late),
        "telephone": np.where(income * luck.random(rows) > 1200, "yes", "no"),
        "letters": np.round(months / 12 + luck.gamma(2, 1, rows)),
        "region": luck.choice(REGIONS, rows),
        "weekday": luck.choice(DAYS, rows),
    }
    columns["income"] = np.where(luck.random(rows) < 0.05, np.nan, income)
    return columns


def _said(cells: NDArray[Any], effects: Mapping[str, float]) -> Array:
    return np.array([effects[cell] for cell in cells.tolist()])


def _texts(name: str, values: NDArray[Any]) -> list[str]:
    """The cells as a table writes them."""
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    form = ".2f" if name == "income" else ".0f"
    return ["" if np.isnan(value) else format(value, form) for value in values.tolist()]
