"""Boundary adherence: do synthetic values stay within what was seen?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.per_column import per_column
from interpretable_gan.metrics.tables.typed_table import NUMBERS, TypedColumn


@measured(0, 1)
def boundary_adherence(
    real: Any, synthetic: Any, *, metadata: Mapping[str, Any] | None = None, mode: Mode = "strict"
) -> Result:
    """Share of synthetic rows between the real minimum and maximum, averaged over columns.

    In [0, 1], higher is better; both modes agree. A missing value counts as outside where the
    real column has none missing, and is ignored otherwise.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
    """
    return per_column("boundary_adherence", _adherence, NUMBERS, real, synthetic, metadata, mode)


def _adherence(real: TypedColumn, synthetic: TypedColumn, found: list[str]) -> float:
    values = synthetic.present if real.missing.any() else synthetic.values
    if not len(real.present) or not len(values):
        found.append(f"column {real.name!r} has no value on one side: nothing to bound.")
        return math.nan
    return float(((real.present.min() <= values) & (values <= real.present.max())).mean())
