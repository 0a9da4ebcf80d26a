"""What the metrics share that score one column at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.typed_table import Kind, TypedColumn, describe_tables, mean_of

ColumnScore = Callable[[TypedColumn, TypedColumn, list[str]], float]
"""Real and synthetic column to a score; NaN and a warning where there is none."""


def per_column(
    metric: str,
    score: ColumnScore,
    kinds: tuple[Kind, ...],
    real: Any,
    synthetic: Any,
    metadata: Mapping[str, Any] | None,
    mode: Mode,
    parameters: Mapping[str, Any] | None = None,
) -> Result:
    """The mean of a score over the columns of some kinds, with each column's."""
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    found = [*r.warnings, *s.warnings]
    scores = {name: score(r.columns[name], s.columns[name], found) for name in r.named(*kinds)}
    return Result(
        metric=metric,
        value=mean_of(scores, found, metric),
        mode=mode,
        breakdown={"per_column": scores},
        parameters=parameters or {},
        data=describe_tables(real=r, synthetic=s),
        warnings=tuple(found),
    )
