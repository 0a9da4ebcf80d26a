"""Range coverage: does the synthetic column reach as far as the real one?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.per_column import per_column
from interpretable_gan.metrics.tables.typed_table import NUMBERS, TypedColumn


@measured(0, 1)
def range_coverage(
    real: Any, synthetic: Any, *, metadata: Mapping[str, Any] | None = None, mode: Mode = "strict"
) -> Result:
    """Share of each numeric column's real range that the synthetic one spans, averaged.

    In [0, 1], higher is better; both modes agree. Undefined for a constant real column.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
    """
    return per_column("range_coverage", _coverage, NUMBERS, real, synthetic, metadata, mode)


def _coverage(real: TypedColumn, synthetic: TypedColumn, found: list[str]) -> float:
    if real.constant or not len(synthetic.present):
        found.append(f"column {real.name!r} is constant or empty: it has no range to cover.")
        return math.nan
    low, high = real.present.min(), real.present.max()
    short = max(0.0, synthetic.present.min() - low) + max(0.0, high - synthetic.present.max())
    return float(np.maximum(0, 1 - short / (high - low)))
