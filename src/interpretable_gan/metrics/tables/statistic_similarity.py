"""Statistic similarity: are mean, median and spread of each column near the real ones?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.per_column import per_column
from interpretable_gan.metrics.tables.typed_table import NUMBERS, TypedColumn

Statistic = Literal["mean", "median", "std"]


def _std(values: NDArray[Any]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


STATISTICS: dict[str, Callable[[NDArray[Any]], float]] = {
    "mean": np.mean,
    "median": np.median,
    "std": _std,
}


@measured(0, 1)
def statistic_similarity(
    real: Any,
    synthetic: Any,
    *,
    statistic: Statistic = "mean",
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
) -> Result:
    """max(0, 1 − |stat − stat'| / real range) of each numeric column, averaged.

    In [0, 1], higher is better; both modes agree. Undefined for a constant real column.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        statistic: ``"mean"``, ``"median"`` or ``"std"`` (ddof 1).
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
    """
    of = STATISTICS[statistic]

    def similarity(real: TypedColumn, synthetic: TypedColumn, found: list[str]) -> float:
        if real.constant or not len(synthetic.present):
            found.append(f"column {real.name!r} is constant or empty: no range to compare by.")
            return math.nan
        apart = abs(of(real.present) - of(synthetic.present)) / np.ptp(real.present)
        return max(0.0, 1 - float(apart))

    return per_column(
        "statistic_similarity",
        similarity,
        NUMBERS,
        real,
        synthetic,
        metadata,
        mode,
        {"statistic": statistic},
    )
