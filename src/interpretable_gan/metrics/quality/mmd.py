"""Maximum mean discrepancy of all rows, by three estimators and two kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.neighbours import blocks
from interpretable_gan.metrics.result import Mode, Result

Kernel = Literal["polynomial", "gaussian"]
Estimator = Literal["unbiased", "biased", "u-statistic"]
Floats = NDArray[np.float64]

REFERENCE_SIGMA = 10.0
"""One package's default width; useless unless features have that scale."""


@measured()
def mmd(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    kernel: Kernel = "polynomial",
    estimator: Estimator = "unbiased",
    sigma: float | None = None,
    mode: Mode = "strict",
    extractor: Extractor | None = None,
) -> Result:
    """Squared maximum mean discrepancy over all rows (Gretton et al. 2012).

    Lower is better: 0 in expectation for samples of one distribution (unbiased and u-statistic,
    which may be slightly negative), above 0 for the biased estimator. No upper end.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        kernel: ``"polynomial"`` is KID's (xᵀy/d + 1)³, ``"gaussian"`` exp(−‖x − y‖²/2σ²).
        estimator: which pairs count; ``"u-statistic"`` leaves out i = j between the sets too
            and needs n = m.
        sigma: width of the Gaussian; without it *strict* takes the median distance between rows,
            *reference* 10.
        mode: decides the default ``sigma`` only.
        extractor: where the features come from; its description enters the result.
    """
    real_rows, fake_rows = feature_pair(real, fake)
    if estimator == "u-statistic" and len(real_rows) != len(fake_rows):
        raise MetricError(
            f"the u-statistic pairs rows one to one, but there are {len(real_rows)} real and "
            f"{len(fake_rows)} generated rows; use estimator='unbiased'."
        )
    x, y = real_rows.astype(np.float64), fake_rows.astype(np.float64)
    found: list[str] = []
    function: Callable[[Floats, Floats], Floats]
    if kernel == "polynomial":
        sigma, function = None, polynomial
    else:
        sigma = sigma or (median_distance(x, y, found) if mode == "strict" else REFERENCE_SIGMA)
        function = gaussian(sigma)
    sums = [kernel_sums(function, a, b) for a, b in ((x, x), (y, y), (x, y))]
    return Result(
        metric="mmd",
        value=_estimate(sums, len(x), len(y), estimator),
        mode=mode,
        chance=None if estimator == "biased" else 0.0,
        parameters={
            "kernel": kernel,
            "estimator": estimator,
            "sigma": sigma,
            **describe_extractor(extractor),
        },
        data=describe_pair(real_rows, fake_rows),
        warnings=tuple(found),
    )


def _estimate(sums: list[tuple[float, float]], n: int, m: int, estimator: Estimator) -> float:
    """The three mean kernel values put together; each sum comes with its diagonal's."""
    (xx, xx_own), (yy, yy_own), (xy, xy_own) = sums
    if estimator == "biased":
        return xx / n**2 + yy / m**2 - 2 * xy / (n * m)
    within = (xx - xx_own) / (n * (n - 1)) + (yy - yy_own) / (m * (m - 1))
    if estimator == "u-statistic":
        return within - 2 * (xy - xy_own) / (n * (n - 1))
    return within - 2 * xy / (n * m)


def kernel_sums(
    kernel: Callable[[Floats, Floats], Floats], x: Floats, y: Floats
) -> tuple[float, float]:
    """Sum of the kernel over all pairs, and over pairs of equal index, in blocks."""
    total = own = 0.0
    for part in blocks(len(x)):
        values = kernel(x[part], y)
        total += float(values.sum())
        own += float(np.diagonal(values, part.start).sum()) if part.start < len(y) else 0.0
    return total, own


def polynomial(x: Floats, y: Floats) -> Floats:
    """(xᵀy/d + 1)³ for all pairs."""
    values: Floats = x @ y.T / x.shape[1] + 1
    return values**3


def gaussian(sigma: float) -> Callable[[Floats, Floats], Floats]:
    """exp(−‖x − y‖²/2σ²) for all pairs."""
    if sigma <= 0:
        raise MetricError(f"sigma is {sigma:g}; the width of a Gaussian kernel is above 0.")

    def kernel(x: Floats, y: Floats) -> Floats:
        return np.exp(-squared_distances(x, y) / (2 * sigma**2))

    return kernel


def squared_distances(x: Floats, y: Floats) -> Floats:
    """‖x − y‖² for all pairs."""
    from scipy.spatial.distance import cdist

    distances: Floats = cdist(x, y, "sqeuclidean")
    return distances


def median_distance(x: Rows, y: Rows, found: list[str], most: int = 500) -> float:
    """Median distance between rows of both sets, at most ``most`` evenly chosen of each."""
    pool = np.concatenate([rows[:: -(-len(rows) // most)] for rows in (x, y)])
    squares = squared_distances(pool, pool)[np.triu_indices(len(pool), 1)]
    median = float(np.sqrt(np.median(squares)))
    if median == 0:
        found.append("more than half of the row pairs are equal: sigma is 1.")
    return median or 1.0
