"""New rows: how many synthetic rows are no copies of real ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.neighbours import blocks
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.typed_table import NUMBERS, Kind, TypedColumn, describe_tables


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
    columns = [
        _Pair(column.kind, *_comparable(column, r.columns[name]))
        for name, column in s.columns.items()
    ]
    matched = np.concatenate(
        [_matches(columns, part, tolerance).any(axis=1) for part in blocks(len(s), 256)]
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


class _Pair(NamedTuple):
    """One column of both tables, as numbers: values, or for names their place among all names."""

    kind: Kind
    synthetic: NDArray[Any]
    real: NDArray[Any]


def _comparable(synthetic: TypedColumn, real: TypedColumn) -> tuple[NDArray[Any], NDArray[Any]]:
    if synthetic.numeric:
        return synthetic.values, real.values
    places: dict[Any, int] = {}
    sides = [
        np.array([places.setdefault(cell, len(places)) for cell in column.values], np.int32)
        for column in (synthetic, real)
    ]
    return sides[0], sides[1]


def _matches(columns: list[_Pair], part: slice, tolerance: float) -> NDArray[np.bool_]:
    """Which pairs of rows agree in every column, ``(synthetic, real)``."""
    matching = np.ones((part.stop - part.start, len(columns[0].real)), bool)
    for kind, synthetic, real in columns:
        a, b = synthetic[part, None], real[None]
        if kind not in NUMBERS:
            matching &= a == b
            continue
        near = tolerance * np.abs(a) if kind == "numerical" else 0
        matching &= (np.abs(a - b) <= near) | (np.isnan(a) & np.isnan(b))
    return matching
