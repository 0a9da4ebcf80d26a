"""Every table metric on CSV files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables, read_metadata
from interpretable_gan.metrics.tables.baseline_protection import baseline_protection
from interpretable_gan.metrics.tables.boundary_adherence import boundary_adherence
from interpretable_gan.metrics.tables.category_coverage import category_coverage
from interpretable_gan.metrics.tables.closest_record import closest_record
from interpretable_gan.metrics.tables.column_shapes import column_shapes
from interpretable_gan.metrics.tables.detection import detection
from interpretable_gan.metrics.tables.nearest_ratio import nearest_ratio
from interpretable_gan.metrics.tables.new_rows import new_rows
from interpretable_gan.metrics.tables.overfitting_protection import overfitting_protection
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.metrics.tables.quality_report import quality_report
from interpretable_gan.metrics.tables.range_coverage import range_coverage
from interpretable_gan.metrics.tables.statistic_similarity import statistic_similarity

Measurements = dict[str, Callable[[], Result]]

METRICS: dict[str, Callable[..., Result]] = {
    "column_shapes": column_shapes,
    "pair_trends": pair_trends,
    "quality_report": quality_report,
    "range_coverage": range_coverage,
    "category_coverage": category_coverage,
    "boundary_adherence": boundary_adherence,
    "statistic_similarity": statistic_similarity,
    "new_rows": new_rows,
    "detection": detection,
    "closest_record": closest_record,
    "nearest_ratio": nearest_ratio,
    "baseline_protection": baseline_protection,
}
"""Metrics of a real and a synthetic table; a holdout adds ``overfitting_protection``."""


def table_metrics(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    metadata: str | Path | Mapping[str, Any] | None = None,
    *,
    mode: Mode = "strict",
    seed: int = 0,
    jobs: int | None = None,
) -> Measurements:
    """What can be measured on tables, by name.

    Args:
        real: the training table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table.
        holdout: real rows that training never saw.
        metadata: kinds of columns, or the JSON file that holds them.
        mode: of every metric.
        seed: of every metric that has one.
        jobs: threads of the distances.
    """
    kinds = read_metadata(metadata) if isinstance(metadata, str | Path) else metadata
    given = {"real": real, "synthetic": synthetic}
    if holdout is not None:
        given["holdout"] = holdout
    tables = as_tables(given, kinds)  # read once, refused once
    offered = {"mode": mode, "seed": seed, "jobs": jobs}

    def measurement(metric: Callable[..., Result], count: int) -> Callable[[], Result]:
        has = signature(metric).parameters
        settings = {name: value for name, value in offered.items() if name in has}
        return lambda: metric(*tables[:count], **settings)

    available = {name: measurement(metric, 2) for name, metric in METRICS.items()}
    if holdout is not None:
        available["overfitting_protection"] = measurement(overfitting_protection, 3)
    return available
