"""The usual one-number report on a table: column shapes and pair trends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.column_shapes import column_shapes
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.metrics.tables.typed_table import mean_of


@measured(0, 1)
def quality_report(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    thresholds: tuple[float, float] | None = None,
    mode: Mode = "strict",
) -> Result:
    """Mean of the column-shapes and pair-trends scores, an undefined one skipped.

    In [0, 1], higher is better. It says nothing on copied rows: read it beside
    ``closest_record`` and ``overfitting_protection``.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        thresholds: of the pair trends.
        mode: of the pair trends.
    """
    shapes = column_shapes(real, synthetic, metadata=metadata, mode=mode)
    trends = pair_trends(real, synthetic, metadata=metadata, thresholds=thresholds, mode=mode)
    found = list(dict.fromkeys([*shapes.warnings, *trends.warnings]))
    properties = {"column_shapes": shapes.value, "pair_trends": trends.value}
    return Result(
        metric="quality_report",
        value=mean_of(properties, found, "the report"),
        mode=mode,
        breakdown={
            "properties": properties,
            "column_shapes": shapes.breakdown["per_column"],
            "pair_trends": trends.breakdown["per_pair"],
            "strongly_associated": trends.breakdown["strongly_associated"],
        },
        parameters=trends.parameters,
        data=shapes.data,
        warnings=tuple(found),
    )
