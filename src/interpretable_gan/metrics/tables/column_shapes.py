"""Column shapes: does each column by itself look like the real one?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.typed_table import TypedColumn, describe_tables, mean_of


@measured(0, 1)
def column_shapes(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
) -> Result:
    """Mean over columns of 1 − Kolmogorov–Smirnov distance, or 1 − total variation distance.

    In [0, 1], higher is better, 1 for equal distributions. Missing values are dropped, so read
    ``missing_value_similarity`` beside it.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: both modes agree (a reference differs by some 1e-9 on unseen categories).
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    found = [*r.warnings, *s.warnings]
    scores = {name: shape(r.columns[name], s.columns[name], found) for name in r.columns}
    missing = {
        name: 1 - abs(float(r.columns[name].missing.mean() - s.columns[name].missing.mean()))
        for name in r.columns
    }
    return Result(
        metric="column_shapes",
        value=mean_of(scores, found, "the column-shapes score"),
        mode=mode,
        breakdown={
            "per_column": scores,
            "missing_value_similarity": missing,
            "kinds": {name: column.kind for name, column in r.columns.items()},
        },
        data=describe_tables(real=r, synthetic=s),
        warnings=tuple(found),
    )


def shape(real: TypedColumn, synthetic: TypedColumn, found: list[str]) -> float:
    """One column's similarity in [0, 1]; NaN with a warning where a side has no value."""
    if not len(real.present) or not len(synthetic.present):
        found.append(f"column {real.name!r} has no value on one side: its shape is undefined.")
        return math.nan
    if real.numeric:
        return 1 - kolmogorov_smirnov(real.present, synthetic.present)
    return 1 - total_variation(shares(real.present.tolist()), shares(synthetic.present.tolist()))


def kolmogorov_smirnov(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Largest gap of two empirical distribution functions, values rounded to 14 decimals."""
    a, b = np.sort(np.round(a, 14)), np.sort(np.round(b, 14))
    points = np.concatenate([a, b])
    below = [np.searchsorted(side, points, side="right") / len(side) for side in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def shares(cells: list[Any]) -> dict[Any, float]:
    """Share of every value that occurs."""
    counts: dict[Any, int] = {}
    for cell in cells:
        counts[cell] = counts.get(cell, 0) + 1
    return {value: count / len(cells) for value, count in counts.items()}


def total_variation(p: Mapping[Any, float], q: Mapping[Any, float]) -> float:
    """Half the summed differences over the union of categories."""
    return sum(abs(p.get(key, 0) - q.get(key, 0)) for key in {**p, **q}) / 2
