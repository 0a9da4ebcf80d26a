"""Golden keys of tables → our metric, its parameters, the fields compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from golden_case import Case, Family, Row

from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.tables.as_tables import read_metadata
from interpretable_gan.metrics.tables.baseline_protection import baseline_protection
from interpretable_gan.metrics.tables.boundary_adherence import boundary_adherence
from interpretable_gan.metrics.tables.category_coverage import category_coverage
from interpretable_gan.metrics.tables.closest_record import closest_record
from interpretable_gan.metrics.tables.column_shapes import column_shapes
from interpretable_gan.metrics.tables.detection import detection
from interpretable_gan.metrics.tables.new_rows import new_rows
from interpretable_gan.metrics.tables.overfitting_protection import overfitting_protection
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.metrics.tables.quality_report import quality_report
from interpretable_gan.metrics.tables.range_coverage import range_coverage
from interpretable_gan.metrics.tables.statistic_similarity import statistic_similarity
from interpretable_gan.metrics.tables.train_synthetic import train_synthetic_test_real
from interpretable_gan.schema.table import read_table

REFERENCE: dict[str, Any] = {"mode": "reference"}
SEEDS = range(3)
"""Random metrics are compared by their mean over a few seeds, as the published values are."""


def load(folder: Path, case: str) -> Case:
    place = folder / "tables" / case if (folder / "tables" / case).is_dir() else folder / case
    files = {role: place / f"{role}.csv" for role in ("real", "synthetic", "holdout")}
    kinds = read_metadata(place / "metadata.json")["columns"]
    return {role: read_table(file) for role, file in files.items()} | {"kinds": kinds}


def both(case: Case) -> tuple[Any, Any]:
    return case["real"], case["synthetic"]


def settings(case: Case) -> dict[str, Any]:
    return {"metadata": case["kinds"], **REFERENCE}


def without_rare_cities(case: Case, *dropped: str) -> Case:
    """The tables without rows of city F or G, and without some columns."""
    cut = dict(case)
    for role in ("real", "synthetic", "holdout"):
        rows = [i for i, city in enumerate(case[role]["city"]) if city not in ("F", "G")]
        cut[role] = {
            name: [cells[i] for i in rows]
            for name, cells in case[role].items()
            if name not in dropped
        }
    cut["kinds"] = {name: kind for name, kind in case["kinds"].items() if name not in dropped}
    return cut


def only(case: Case, columns: list[str]) -> Case:
    cut = dict(case)
    for role in ("real", "synthetic", "holdout"):
        cut[role] = {name: case[role][name] for name in columns}
    cut["kinds"] = {name: case["kinds"][name] for name in columns}
    return cut


def per_column(result: Result) -> Any:
    return result.breakdown["per_column"]


def per_pair(result: Result) -> Any:
    return result.breakdown["per_pair"]


def value(result: Result) -> float:
    return result.value


def over_seeds(results: list[Result]) -> Result:
    """One result with the mean value and the mean of each number in the breakdown."""
    numbers = {
        name: float(np.mean([result.breakdown[name] for result in results]))
        for name, part in results[0].breakdown.items()
        if isinstance(part, float)
    }
    mean = float(np.mean([result.value for result in results]))
    return replace(results[0], value=mean, breakdown=numbers)


def report(case: Case) -> Result:
    given = case["parameters"]
    limits = (given["real_correlation_threshold"], given["real_association_threshold"])
    return quality_report(*both(case), thresholds=limits, **settings(case))


def read_report(result: Result) -> dict[str, Any]:
    properties = result.breakdown["properties"]
    return {
        "overall": result.value,
        "column_shapes": result.breakdown["column_shapes"],
        "pair_scores": result.breakdown["pair_trends"],
        "properties": {
            "Column Shapes": properties["column_shapes"],
            "Column Pair Trends": properties["pair_trends"],
        },
    }


def correlations(case: Case) -> Result:
    kind = case["key"].removeprefix("correlation_similarity_").lower()
    return pair_trends(*both(case), correlation=kind, thresholds=(0, 0), **settings(case))


def read_correlations(result: Result) -> dict[str, Any]:
    parts = result.breakdown
    return {
        name: {
            "score": score,
            "real": parts["strength_in_real"][name],
            "synthetic": parts["strength_in_synthetic"][name],
        }
        for name, score in parts["per_pair"].items()
    }


def detected(case: Case) -> Result:
    return over_seeds([detection(*both(case), seed=seed, **settings(case)) for seed in SEEDS])


def efficacy(case: Case) -> Result:
    target, columns = case["parameters"]["target"], case["parameters"].get("columns")
    cut = only(case, columns) if columns else without_rare_cities(case, "joined")
    return train_synthetic_test_real(
        *both(cut),
        cut["holdout"],
        target=target,
        model="tree" if "dtree" in case["key"] else "linear",
        **settings(cut),
    )


def read_efficacy(trained_on: str, score: str) -> Any:
    return lambda result: result.breakdown[f"trained_on_{trained_on}"][score]


TABLES = Family(
    load=load,
    rows={
        "ks_complement": Row(lambda case: column_shapes(*both(case), **settings(case)), per_column),
        "tv_complement": Row(lambda case: column_shapes(*both(case), **settings(case)), per_column),
        "missing_value_similarity": Row(
            lambda case: column_shapes(*both(case), **settings(case)),
            lambda r: r.breakdown["missing_value_similarity"],
        ),
        "contingency_similarity*": Row(
            lambda case: pair_trends(*both(case), metadata=case["kinds"], mode="strict"), per_pair
        ),
        "correlation_similarity_*": Row(correlations, read_correlations),
        "quality_report_*": Row(report, read_report),
        "range_coverage": Row(
            lambda case: range_coverage(*both(case), **settings(case)), per_column
        ),
        "category_coverage": Row(
            lambda case: category_coverage(*both(case), **settings(case)), per_column
        ),
        "boundary_adherence": Row(
            lambda case: boundary_adherence(*both(case), **settings(case)), per_column
        ),
        "new_row_synthesis": Row(
            lambda case: new_rows(*both(case), **settings(case)),
            lambda r: {
                "score": r.value,
                "num_matched_rows": r.breakdown["matched_rows"],
                "num_new_rows": r.breakdown["new_rows"],
            },
        ),
        "statistic_similarity_*": Row(
            lambda case: statistic_similarity(
                *both(case), statistic=case["key"].rpartition("_")[2], **settings(case)
            ),
            per_column,
        ),
        "logistic_detection": Row(detected, value),
        "logistic_detection_without_city_F_G": Row(
            lambda case: detected(without_rare_cities(case)), value
        ),
        "dcr_to_real_first20": Row(
            lambda case: closest_record(*both(case), **settings(case)),
            lambda r: r.breakdown["per_row"][:20],
        ),
        "dcr_to_real_summary": Row(
            lambda case: closest_record(*both(case), **settings(case)), lambda r: r.breakdown
        ),
        "dcr_overfitting": Row(
            lambda case: overfitting_protection(*both(case), case["holdout"], **settings(case)),
            lambda r: {"score": r.value, "synthetic_data_percentages": r.breakdown},
        ),
        "dcr_baseline": Row(
            lambda case: over_seeds(
                [baseline_protection(*both(case), seed=seed, **settings(case)) for seed in SEEDS]
            ),
            lambda r: {"score": r.value, **r.breakdown},
        ),
        "efficacy_linear_regression_train_on_real_r2": Row(efficacy, read_efficacy("real", "r2")),
        "efficacy_linear_regression_train_on_synthetic_r2": Row(
            efficacy, read_efficacy("synthetic", "r2")
        ),
        "efficacy_*_train_on_real_test_on_holdout_f1": Row(efficacy, read_efficacy("real", "f1")),
        "efficacy_*_train_on_synthetic_test_on_holdout_f1": Row(
            efficacy, read_efficacy("synthetic", "f1")
        ),
    },
)
