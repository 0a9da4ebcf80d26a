"""New rows: how many synthetic rows are no copies of real ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.neighbours import blocks
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.typed_table import TypedTable, describe_tables


@measured(0, 1)
def new_rows(
    real: Any,
    synthetic: Any,
    *,
    tolerance: float = 0.01,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
) -> Result:
    """Share of synthetic rows without a match among the real ones; both modes agree.

    In [0, 1], higher is better. A row matches if every number is within ``tolerance`` of the
    synthetic value, relatively, and all else is equal; missing matches missing.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        tolerance: of numbers, as a share of the synthetic value.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
    """
    if tolerance < 0:
        raise MetricError(f"tolerance is {tolerance:g}; a share of a value is not negative.")
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    matched = np.concatenate(
        [_matches(s, part, r, tolerance).any(axis=1) for part in blocks(len(s), 256)]
    )
    return Result(
        metric="new_rows",
        value=float(1 - matched.mean()),
        mode=mode,
        breakdown={"matched_rows": int(matched.sum()), "new_rows": int((~matched).sum())},
        parameters={"tolerance": tolerance},
        data=describe_tables(real=r, synthetic=s),
        warnings=(*r.warnings, *s.warnings),
    )


def _matches(
    synthetic: TypedTable, part: slice, real: TypedTable, tolerance: float
) -> NDArray[np.bool_]:
    """Which pairs of rows agree in every column, ``(synthetic, real)``."""
    matching = np.ones((part.stop - part.start, len(real)), bool)
    for name, column in synthetic.columns.items():
        a, b = column.values[part, None], real.columns[name].values[None]
        near = tolerance * np.abs(a) if column.kind == "numerical" else 0
        equal = np.abs(a - b) <= near if column.numeric else a == b
        if column.numeric:
            equal |= np.isnan(a) & np.isnan(b)
        matching &= equal
    return matching
