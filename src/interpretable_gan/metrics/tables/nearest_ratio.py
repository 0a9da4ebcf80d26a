"""Nearest-neighbour distance ratio: is a synthetic row much nearer to one real row than to all?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.closest_record import closest_distances, summary
from interpretable_gan.metrics.tables.typed_table import describe_tables


@measured(0, 1)
def nearest_ratio(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    jobs: int | None = None,
) -> Result:
    """Median of closest over second closest real distance; both modes agree.

    In [0, 1]; near 0 a synthetic row singles out one real row, near 1 it lies among many. Where
    both are 0 (a copy of repeated rows, which single out nobody) the ratio is 1.

    Args:
        real: a table: CSV path, mapping of columns, or data frame, at least two rows.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
        jobs: threads; one per core if None.
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    if len(r) < 2:
        raise MetricError("the real table has one row; a ratio of distances needs two.")
    first, second = closest_distances(s, r, nearest=2, jobs=jobs).T
    ratios = np.divide(first, second, out=np.ones_like(first), where=second > 0)
    repeated = int((second == 0).sum())
    return Result(
        metric="nearest_ratio",
        value=float(np.median(ratios)),
        mode=mode,
        breakdown={**summary(ratios), "per_row": ratios},
        data=describe_tables(real=r, synthetic=s),
        warnings=(
            *r.warnings,
            *s.warnings,
            *([f"{repeated} rows equal two real rows: their ratio is 1."] if repeated else []),
        ),
    )
