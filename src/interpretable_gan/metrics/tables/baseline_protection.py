"""Baseline protection: are synthetic rows as far from real ones as random rows are?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.closest_record import closest_distances
from interpretable_gan.metrics.tables.typed_table import TypedColumn, TypedTable, describe_tables


@measured(0, 1)
def baseline_protection(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    seed: int = 0,
    jobs: int | None = None,
) -> Result:
    """min(1, median closest distance of synthetic rows over that of random rows).

    In [0, 1]: 0 if most rows are copies, 1 if no nearer than noise, which realistic rows never
    are; both modes agree. Random rows are uniform in each real column's range, whole numbers where
    the real ones are, categories uniform, with the real share of missing cells.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
        seed: of the random rows.
        jobs: threads; one per core if None.
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    found = [*r.warnings, *s.warnings]
    generator = np.random.default_rng(seed)
    random = TypedTable({n: _random(c, len(s), generator) for n, c in r.columns.items()})
    ours, theirs = (
        float(np.median(closest_distances(table, r, jobs=jobs))) for table in (s, random)
    )
    if theirs == 0:
        found.append("random rows coincide with real ones: the score is undefined.")
    return Result(
        metric="baseline_protection",
        value=min(1.0, ours / theirs) if theirs else math.nan,
        mode=mode,
        breakdown={"median_synthetic": ours, "median_random": theirs},
        data=describe_tables(real=r, synthetic=s),
        seed=seed,
        warnings=tuple(found),
    )


def _random(column: TypedColumn, rows: int, generator: np.random.Generator) -> TypedColumn:
    """A column of random values like these in range and share of missing."""
    gone = generator.random(rows) < column.missing.mean()
    present = column.present
    values: NDArray[Any]
    if column.numeric:
        if not len(present):
            return column.take(generator.integers(0, len(column.values), rows))
        low, high = present.min(), present.max()
        values = generator.uniform(low, high, rows)
        if column.kind == "numerical" and np.array_equal(present, np.round(present)):
            values = np.floor(low + (high - low + 1) * generator.random(rows))
        return TypedColumn(column.name, column.kind, np.where(gone, np.nan, values))
    levels = np.array([*sorted(set(present.tolist())), None], object)
    choice = generator.integers(0, max(len(levels) - 1, 1), rows)
    choice[gone] = len(levels) - 1
    return TypedColumn(column.name, column.kind, levels[choice])
