"""Every quality metric on plain files: two arrays of features, or two folders of images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.data.decoding import Picture, Values, eight_bits
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import files_below, read_all
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
    return _measurements(lambda: real, lambda: fake, mode, seed, uncertainty, jobs, None, [])


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

    Features are computed once, when the first metric asks for them. Pictures that cannot be used
    are left out, and the results' warnings name them.
    """
    through = extractor_named(extractor, weights)
    intakes: list[Intake] = []

    @cache
    def seen(folder: str | Path) -> NDArray[np.float32]:
        intakes.append(Intake(str(folder)))
        return folder_features(folder, through, intakes[-1])

    return _measurements(
        lambda: seen(real), lambda: seen(fake), mode, seed, uncertainty, jobs, through, intakes
    )


def _measurements(
    real: Callable[[], ArrayLike],
    fake: Callable[[], ArrayLike],
    mode: Mode,
    seed: int,
    uncertainty: bool,
    jobs: int | None,
    extractor: Extractor | None,
    intakes: Sequence[Intake],
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
        sides = (real, fake) if "real" in has else (fake,)

        def measure() -> Result:
            result = metric(*(side() for side in sides), **settings)
            said = tuple(intake.sentence() for intake in intakes if intake.found or intake.remarks)
            return replace(result, warnings=(*result.warnings, *said))

        return measure

    return {name: measurement(metric) for name, metric in METRICS.items()}


def folder_features(
    folder: str | Path, extractor: Extractor, intake: Intake | None = None
) -> NDArray[np.float32]:
    """Features of every picture in a folder and its subfolders, in order of name.

    Pictures are read as training reads them: upright, transparency over white. Hidden ones and what
    cannot be read are left out and noted in ``intake``.

    Raises:
        DataError: no pictures, or none that can be read.
    """
    intake = intake or Intake(str(folder))

    def features(picture: Picture, values: Values | None) -> NDArray[np.float32]:
        pixels = np.array(eight_bits(picture.image, values).convert("RGB"))
        return extractor(pixels[None])

    files, remark = files_below(Path(folder))
    if not files.names:
        raise DataError(f"{folder} has no pictures{f' ({remark})' if remark else ''}.")
    rows = [row for _, row in read_all(files, intake, features)]
    intake.remarks += [remark] if remark else []
    intake.settle(len(rows), strict=False)
    return np.concatenate(rows)
