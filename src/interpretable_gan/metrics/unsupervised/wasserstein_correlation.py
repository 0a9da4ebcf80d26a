"""Gaussian Wasserstein correlation: the distance of the codes from independent ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, Note, check_rows
from interpretable_gan.metrics.uncertainty import Score, measure
from interpretable_gan.metrics.unsupervised.covariance import scored_on_covariance


@measured(0)
def wasserstein_correlation(
    codes: ArrayLike,
    *,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Squared 2-Wasserstein distance of N(0, Σ) from N(0, diag Σ), Σ the codes' covariance.

    Range [0, ∞), lower is more independent; grows with the scale of the codes, so the breakdown
    also has ``normalised`` = value / tr Σ, in [0, 2]. Says nothing about meaning: noise scores
    best. Used as a score by Locatello et al. 2019 (https://arxiv.org/abs/1811.12359).

    Args:
        codes: (rows, codes). A constant code adds nothing to either trace, in both modes.

    Raises:
        MetricError: NaN or infinity.
    """
    return measure(
        "wasserstein_correlation",
        scored_on_covariance(_of_covariance, mode, undefined=False),
        (check_rows(codes, code_names=code_names),),
        mode=mode,
        seed=seed,
        parameters={},
        uncertainty=uncertainty,
        chance=False,
    )


def _of_covariance(cov: FloatArray, note: Note) -> Score:
    scale = np.sqrt(np.diag(cov))
    # tr (D^½ Σ D^½)^½ from the eigenvalues of a symmetric matrix: no complex round-off
    eigenvalues = np.linalg.eigvalsh(cov * np.outer(scale, scale))
    total = float(np.trace(cov))
    distance = max(0.0, 2 * total - 2 * float(np.sqrt(np.maximum(eigenvalues, 0)).sum()))
    return distance, {"normalised": distance / total}
