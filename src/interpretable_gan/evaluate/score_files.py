"""Every quality and table metric on plain files, for anyone who wants to score anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import DataError, MetricError, did_you_mean
from interpretable_gan.evaluate.quality.authenticity import authenticity
from interpretable_gan.evaluate.quality.density_coverage import density_coverage
from interpretable_gan.evaluate.quality.features import Extractor
from interpretable_gan.evaluate.quality.frechet import frechet_distance, frechet_infinity
from interpretable_gan.evaluate.quality.kid import kid
from interpretable_gan.evaluate.quality.mmd import mmd
from interpretable_gan.evaluate.quality.precision_recall import precision_recall
from interpretable_gan.evaluate.quality.realism import realism
from interpretable_gan.evaluate.quality.sliced_wasserstein import (
    monge_inception_distance,
    sliced_wasserstein,
)
from interpretable_gan.evaluate.quality.vendi import vendi_score
from interpretable_gan.evaluate.result import Mode, Result
from interpretable_gan.evaluate.tables.baseline_protection import baseline_protection
from interpretable_gan.evaluate.tables.boundary_adherence import boundary_adherence
from interpretable_gan.evaluate.tables.category_coverage import category_coverage
from interpretable_gan.evaluate.tables.closest_record import closest_record
from interpretable_gan.evaluate.tables.column_shapes import column_shapes
from interpretable_gan.evaluate.tables.detection import detection
from interpretable_gan.evaluate.tables.nearest_ratio import nearest_ratio
from interpretable_gan.evaluate.tables.new_rows import new_rows
from interpretable_gan.evaluate.tables.overfitting_protection import overfitting_protection
from interpretable_gan.evaluate.tables.pair_trends import pair_trends
from interpretable_gan.evaluate.tables.quality_report import quality_report
from interpretable_gan.evaluate.tables.range_coverage import range_coverage
from interpretable_gan.evaluate.tables.statistic_similarity import statistic_similarity
from interpretable_gan.evaluate.tables.table import read_csv, read_metadata

Progress = Callable[[str], None]
"""Hears the name of each metric before it is measured."""

FEATURE_METRICS: dict[str, Callable[..., Result]] = {
    "frechet_distance": frechet_distance,
    "frechet_infinity": frechet_infinity,
    "kernel_distance": kid,
    "mmd": mmd,
    "precision_recall": precision_recall,
    "density_coverage": density_coverage,
    "realism": realism,
    "authenticity": authenticity,
    "vendi_score": vendi_score,
    "sliced_wasserstein": sliced_wasserstein,
    "sorted_projection_distance": monge_inception_distance,
}
"""Metrics of real and generated features; all but the Vendi score take both sides."""

TABLE_METRICS: dict[str, Callable[..., Result]] = {
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
    "overfitting_protection": overfitting_protection,
}
"""Metrics of a real and a synthetic table; the last one needs a holdout too."""

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def score_features(
    real: NDArray[Any],
    fake: NDArray[Any],
    *,
    mode: Mode = "strict",
    only: Sequence[str] = (),
    seed: int = 0,
    jobs: int | None = None,
    extractor: Extractor | None = None,
    progress: Progress | None = None,
) -> dict[str, Result]:
    """Every quality metric of real ``(n, d)`` and generated ``(m, d)`` features, by name."""
    results = {}
    for name in _chosen(only, FEATURE_METRICS):
        if progress:
            progress(name)
        metric = FEATURE_METRICS[name]
        sides = (fake,) if metric is vendi_score else (real, fake)
        offered = {"seed": seed, "jobs": jobs}
        results[name] = metric(*sides, mode=mode, extractor=extractor, **_accepted(metric, offered))
    return results


def score_features_file(path: str | Path, **settings: Any) -> dict[str, Result]:
    """``score_features`` of an ``.npz`` file with the arrays ``real`` and ``fake``."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in ("real", "fake") if name not in arrays]
            if missing:
                raise MetricError(
                    f"{path} has no array {missing[0]!r}; it has {', '.join(arrays) or 'none'}."
                )
            real, fake = arrays["real"], arrays["fake"]
    except (OSError, ValueError) as broken:
        if isinstance(broken, MetricError):
            raise
        raise MetricError(f"{path} cannot be read as an .npz file: {broken}.") from broken
    return score_features(real, fake, **settings)


def score_folders(
    real: str | Path, fake: str | Path, *, extractor: Extractor, **settings: Any
) -> dict[str, Result]:
    """``score_features`` of two folders of images, seen through an extractor."""
    progress = settings.get("progress")
    sides = []
    for folder in (real, fake):
        if progress:
            progress(f"features of {folder}")
        sides.append(folder_features(folder, extractor))
    return score_features(*sides, extractor=extractor, **settings)


def folder_features(folder: str | Path, extractor: Extractor) -> NDArray[np.float32]:
    """Features of every picture in a folder and its subfolders, in order of name."""
    from PIL import Image, UnidentifiedImageError

    files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES)
    if not files:
        raise DataError(f"{folder} has no pictures ({', '.join(PICTURES)}).")
    features = []
    for file in files:
        try:
            with Image.open(file) as picture:
                pixels = np.asarray(picture.convert("RGB"))
        except (OSError, UnidentifiedImageError) as broken:
            raise DataError(f"{file} cannot be read as a picture: {broken}.") from broken
        features.append(extractor(pixels[None]))
    return np.concatenate(features)


def score_tables(
    real: Any,
    synthetic: Any,
    *,
    holdout: Any = None,
    metadata: str | Path | Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    only: Sequence[str] = (),
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Result]:
    """Every table metric by name; overfitting protection where there is a holdout.

    Args:
        real: the training table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table.
        holdout: real rows that training never saw.
        metadata: kinds of columns, or the JSON file that holds them.
        mode: passed on.
        only: names of the metrics to measure; all if empty.
        seed: passed on.
        jobs: threads of the distances.
        progress: hears the name of each metric before it is measured.
    """
    read = [
        read_csv(table) if isinstance(table, str | Path) else table
        for table in (real, synthetic, holdout)
    ]
    kinds = read_metadata(metadata) if isinstance(metadata, str | Path) else metadata
    if holdout is None and "overfitting_protection" in only:
        raise MetricError("overfitting_protection needs a holdout table (--holdout h.csv).")
    results = {}
    for name in _chosen(only, TABLE_METRICS):
        if holdout is None and name == "overfitting_protection":
            continue
        if progress:
            progress(name)
        metric = TABLE_METRICS[name]
        tables = read if metric is overfitting_protection else read[:2]
        offered = {"seed": seed, "jobs": jobs}
        results[name] = metric(*tables, metadata=kinds, mode=mode, **_accepted(metric, offered))
    return results


def _chosen(only: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """The named metrics, or all."""
    for name in only:
        if name not in known:
            raise MetricError(
                f"no metric {name!r} for this kind of file.{did_you_mean(name, list(known))} "
                f"There are: {', '.join(known)}."
            )
    return list(only or known)


def _accepted(metric: Callable[..., Result], offered: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the offered settings that a metric has."""
    has = signature(metric).parameters
    return {name: value for name, value in offered.items() if name in has}
