"""Every quality metric on plain files: two arrays of features, or two folders of images."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import DataError
from interpretable_gan.metrics.extractors import extractor_named
from interpretable_gan.metrics.quality.authenticity import authenticity
from interpretable_gan.metrics.quality.density_coverage import density_coverage
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import frechet_distance, frechet_infinity
from interpretable_gan.metrics.quality.kid import kid
from interpretable_gan.metrics.quality.mmd import mmd
from interpretable_gan.metrics.quality.precision_recall import precision_recall
from interpretable_gan.metrics.quality.realism import realism
from interpretable_gan.metrics.quality.sliced_wasserstein import (
    monge_inception_distance,
    sliced_wasserstein,
)
from interpretable_gan.metrics.quality.vendi import vendi_score
from interpretable_gan.metrics.result import Mode, Result

Measurements = dict[str, Callable[[], Result]]

METRICS: dict[str, Callable[..., Result]] = {
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
"""Metrics of real and generated features; the Vendi score looks at the generated ones only."""

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def feature_metrics(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    jobs: int | None = None,
) -> Measurements:
    """What can be measured on features ``(n, d)`` and ``(m, d)``, by name."""
    return _measurements(lambda: real, lambda: fake, mode, seed, uncertainty, jobs, None)


def folder_metrics(
    real: str | Path,
    fake: str | Path,
    *,
    extractor: str = "mobilenet_v2",
    weights: str | Path | None = None,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    jobs: int | None = None,
) -> Measurements:
    """What can be measured on two folders of images seen through a named extractor, by name.

    Features are computed once, when the first metric asks for them.
    """
    through = extractor_named(extractor, weights)
    seen = cache(partial(folder_features, extractor=through))
    return _measurements(
        lambda: seen(real), lambda: seen(fake), mode, seed, uncertainty, jobs, through
    )


def _measurements(
    real: Callable[[], ArrayLike],
    fake: Callable[[], ArrayLike],
    mode: Mode,
    seed: int,
    uncertainty: bool,
    jobs: int | None,
    extractor: Extractor | None,
) -> Measurements:
    offered: dict[str, Any] = {
        "mode": mode,
        "seed": seed,
        "uncertainty": uncertainty,
        "jobs": jobs,
        "extractor": extractor,
    }

    def measurement(metric: Callable[..., Result]) -> Callable[[], Result]:
        has = signature(metric).parameters
        settings = {name: value for name, value in offered.items() if name in has}
        if "real" not in has:
            return lambda: metric(fake(), **settings)
        return lambda: metric(real(), fake(), **settings)

    return {name: measurement(metric) for name, metric in METRICS.items()}


def folder_features(folder: str | Path, extractor: Extractor) -> NDArray[np.float32]:
    """Features of every picture in a folder and its subfolders, in order of name."""
    from PIL import Image

    files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES)
    if not files:
        raise DataError(f"{folder} has no pictures ({', '.join(PICTURES)}).")
    features = []
    for file in files:
        try:
            with Image.open(file) as picture:
                pixels = np.array(picture.convert("RGB"))
        except (OSError, ValueError) as broken:
            raise DataError(f"{file} cannot be read as a picture: {broken}.") from broken
        features.append(extractor(pixels[None]))
    return np.concatenate(features)
