"""Gaussian total correlation: how far codes are from independent, were they Gaussian."""

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
def total_correlation(
    codes: ArrayLike,
    *,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Gaussian total correlation ½(Σ log Σ_kk − log det Σ), in nats, of the codes' covariance Σ.

    Range [0, ∞], lower is more independent: 0 for uncorrelated codes, infinite when one code is a
    linear function of others. Says nothing about meaning: noise scores best. Used as a score by
    Locatello et al. 2019 (https://arxiv.org/abs/1811.12359).

    Args:
        codes: (rows, codes). Constant codes are dropped (*strict*) or make it undefined.

    Raises:
        MetricError: NaN or infinity.
    """
    return measure(
        "total_correlation",
        scored_on_covariance(_of_covariance, mode, undefined=True),
        (check_rows(codes, code_names=code_names),),
        mode=mode,
        seed=seed,
        parameters={},
        uncertainty=uncertainty,
        chance=False,
    )


def _of_covariance(cov: FloatArray, note: Note) -> Score:
    scale = np.sqrt(np.diag(cov))
    correlation = cov / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)  # whatever rounding made of it
    eigenvalues = np.linalg.eigvalsh(correlation)
    if eigenvalues[0] <= len(cov) * np.finfo(float).eps:
        note("codes are linearly dependent: infinite")
        return float("inf"), {}
    return float(-0.5 * np.log(eigenvalues).sum()), {}
