"""Fréchet distance between Gaussians fitted to features; FID only when the features are FID's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    feature_pair,
    feature_rows,
)
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import as_array
from interpretable_gan.metrics.uncertainty import checksum

Matrix = NDArray[np.float64]

BLOCK = 4096  # rows converted to float64 at a time
UNBIASED_ROWS = 2048  # below this many rows a 2,048-feature FID is mostly bias


class Moments:
    """Count, mean and scatter of features: all a Fréchet distance needs, and they merge exactly.

    Sums are kept around the mean (Chan, Golub, LeVeque 1983), so that features far from 0 lose no
    digits. Rows in any order and any split over processes give the same moments.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.mean: Matrix = np.zeros(0)
        self.scatter: Matrix = np.zeros((0, 0))  # Σ (x − mean)(x − mean)ᵀ

    @classmethod
    def of(cls, features: ArrayLike) -> Moments:
        """The moments of a matrix of features ``(n, d)``."""
        moments = cls()
        moments.update(features)
        return moments

    def update(self, features: ArrayLike) -> None:
        """Add a batch ``(n, d)``."""
        rows = feature_rows(features, "streamed", at_least=0)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK].astype(np.float64)
            batch = Moments()
            batch.rows, batch.mean = len(block), block.mean(axis=0)
            block -= batch.mean
            batch.scatter = block.T @ block
            self.merge(batch)

    def merge(self, other: Moments) -> None:
        """Add the moments of other rows."""
        if other.rows == 0:
            return
        if self.rows == 0:
            self.rows, self.mean = other.rows, other.mean.copy()
            self.scatter = other.scatter.copy()
            return
        if self.mean.shape != other.mean.shape:
            raise MetricError(
                f"features have {len(self.mean)} and {len(other.mean)} columns; "
                "use the same extractor for all."
            )
        rows = self.rows + other.rows
        shift = other.mean - self.mean
        self.scatter += other.scatter + np.outer(shift, shift) * (self.rows * other.rows / rows)
        self.mean += shift * (other.rows / rows)
        self.rows = rows

    def reset(self) -> None:
        """Forget every row."""
        self.__init__()  # type: ignore[misc]

    @property
    def covariance(self) -> Matrix:
        """Covariance ``(d, d)``, divided by ``rows − 1``."""
        return self.scatter / (self.rows - 1)


@measured(0)
def frechet_distance(
    real: ArrayLike | Moments,
    fake: ArrayLike | Moments,
    *,
    extractor: Extractor | None = None,
    mode: Mode = "strict",
) -> Result:
    """Squared Fréchet distance ‖μ−μ'‖² + tr(Σ + Σ' − 2(ΣΣ')^½) (Heusel et al. 2017).

    Lower is better: 0 for equal means and covariances, no upper end. Biased upwards by O(1/n), so
    compare only sets of equal size. Called ``fid`` only on the Inception features of FID.

    The interval is the delta method's, from the influence of each row (Rippl, Munk, Sturm 2016);
    it holds the noise of the sample, not its bias, and needs the rows, not just their moments.

    Args:
        real: features ``(n, d)``, or their ``Moments``.
        fake: generated features ``(m, d)``, or their ``Moments``.
        extractor: where the features come from; its description enters the result.
        mode: both modes agree.
    """
    moments = [_moments(side, name) for side, name in ((real, "real"), (fake, "generated"))]
    x, y = moments
    if x.mean.shape != y.mean.shape:
        raise MetricError(
            f"real features have {len(x.mean)} columns, generated ones {len(y.mean)}; "
            "use the same extractor for both."
        )
    rows = [None if isinstance(side, Moments) else as_array(side) for side in (real, fake)]
    gap, distance = _distance(x, y, rows)
    return Result(
        metric=_name(extractor),
        value=distance,
        mode=mode,
        interval=_interval(distance, x, y, rows),
        breakdown={"means": gap, "covariances": distance - gap},
        parameters=describe_extractor(extractor),
        data={
            "real_rows": x.rows,
            "fake_rows": y.rows,
            "features": len(x.mean),
            "sha256": checksum(x.mean, x.scatter, y.mean, y.scatter),
        },
        warnings=_warnings(x, y, extractor),
    )


def _name(extractor: Extractor | None) -> str:
    """``fid`` on the features that made FID, ``frechet_distance`` on all others."""
    published = extractor.published if extractor else None
    return published.lower() if published else "frechet_distance"


def _moments(side: ArrayLike | Moments, name: str) -> Moments:
    moments = side if isinstance(side, Moments) else Moments.of(feature_rows(side, name))
    if moments.rows < 2:
        raise MetricError(f"{name} features have {moments.rows} rows; at least 2 are needed.")
    return moments


def _distance(
    x: Moments, y: Moments, rows: Sequence[Rows | None], root: Matrix | None = None
) -> tuple[float, float]:
    """The gap of the means and the whole distance; ``root`` is Σ^½ where it is known already."""
    gap = float(np.sum((x.mean - y.mean) ** 2))
    scale = float(np.trace(x.covariance) + np.trace(y.covariance))
    real, fake = rows
    if real is not None and fake is not None and max(x.rows, y.rows) <= 2 * len(x.mean):
        cross = _cross_from_rows(real, fake)
    else:
        cross = _cross_from_moments(x, y, root)
    distance = gap + scale - 2 * cross
    if -1e-6 * (gap + scale) < distance < 0:
        distance = 0.0
    return gap, distance


def _cross_from_rows(real: Rows, fake: Rows) -> float:
    """tr((ΣΣ')^½) as a nuclear norm of centred rows: exact for singular covariances too.

    XᵀX = RᵀR for the triangular factor R, so no more than d × d numbers enter the SVD.
    """
    factors = [
        linalg.qr(side - side.mean(axis=0), mode="r", check_finite=False)[0][: min(side.shape)]
        for side in (real.astype(np.float64), fake.astype(np.float64))
    ]
    spread = np.sqrt((len(real) - 1) * (len(fake) - 1))
    return float(linalg.svdvals(factors[0] @ factors[1].T).sum() / spread)


def _cross_from_moments(x: Moments, y: Moments, root: Matrix | None = None) -> float:
    """tr((ΣΣ')^½) = ‖Σ^½ Σ'^½‖ in the nuclear norm, so no root of a tiny eigenvalue is taken."""
    root = _power(x.covariance, 0.5) if root is None else root
    return float(linalg.svdvals(root @ _power(y.covariance, 0.5)).sum())


def _power(covariance: Matrix, power: float) -> Matrix:
    """A power of a positive semidefinite matrix; directions without variance stay without."""
    values, vectors = linalg.eigh(covariance)
    kept = values > max(values[-1], 0) * len(values) * np.finfo(float).eps
    return (vectors[:, kept] * values[kept] ** power) @ vectors[:, kept].T


def _interval(
    distance: float, x: Moments, y: Moments, rows: list[Rows | None]
) -> tuple[float, float] | None:
    """95 % interval from the rows' influence 2(x−μ)ᵀ(μ−μ') + (x−μ)ᵀ(I − T)(x−μ).

    T = Σ^−½ (Σ^½ Σ' Σ^½)^½ Σ^−½ carries one Gaussian onto the other.
    """
    if rows[0] is None or rows[1] is None or min(x.rows, y.rows) <= len(x.mean):
        return None
    variance = 0.0
    for side, here, there in ((rows[0], x, y), (rows[1], y, x)):
        root, inverse = _power(here.covariance, 0.5), _power(here.covariance, -0.5)
        carried = inverse @ _power(root @ there.covariance @ root, 0.5) @ inverse  # T
        moved = np.eye(len(here.mean)) - carried
        centred = side - here.mean
        influence = 2 * centred @ (here.mean - there.mean)
        influence += np.einsum("ij,ij->i", centred @ moved, centred)
        variance += float(influence.var(ddof=1)) / here.rows
    half = 1.959963984540054 * math.sqrt(variance)
    return max(distance - half, 0.0), distance + half


def _warnings(x: Moments, y: Moments, extractor: Extractor | None) -> tuple[str, ...]:
    columns, fewest = len(x.mean), min(x.rows, y.rows)
    found = []
    if fewest < columns:
        found.append(
            f"{fewest} rows for {columns} features: the covariance is rank deficient and the "
            "distance mostly bias; compare only sets of the same size."
        )
    if extractor and extractor.published and fewest < UNBIASED_ROWS:
        found.append(f"{fewest} rows: FID is unreliable below {UNBIASED_ROWS}.")
    if x.rows != y.rows:
        found.append(f"{x.rows} real and {y.rows} generated rows: the bias depends on both sizes.")
    if not np.diag(x.scatter).any() or not np.diag(y.scatter).any():
        found.append("all rows of a side are equal: only the means and one spread are compared.")
    return tuple(found)


@measured()
def frechet_infinity(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    extractor: Extractor | None = None,
    seed: int = 0,
    sizes: int = 15,
    mode: Mode = "strict",
) -> Result:
    """Fréchet distance extrapolated to an infinite generated sample (Chong & Forsyth 2020).

    Lower is better. The distance at ``sizes`` sample sizes, from max(2, min(5000, m/10)) to m,
    is fitted by a line in 1/size, whose value at 0 is returned; it can be slightly negative.
    """
    real_rows, rows = feature_pair(real, fake)
    total = len(rows)
    real_moments = _moments(real_rows, "real")
    steps = np.linspace(max(2, min(5000, total // 10)), total, sizes).astype(int)
    if len(np.unique(steps)) < 2:
        raise MetricError(f"{total} generated rows allow one sample size; at least 4 are needed.")
    generator = np.random.default_rng(seed)
    from_rows = max(len(real_rows), total) <= 2 * rows.shape[1]
    root = None if from_rows else _power(real_moments.covariance, 0.5)
    distances = []
    for size in steps:
        some = rows[generator.choice(total, size, replace=False)]
        distances.append(_distance(real_moments, Moments.of(some), (real_rows, some), root)[1])
    fit, spread = np.polyfit(1 / steps, distances, 1, cov="unscaled")
    residual = np.array(distances) - np.polyval(fit, 1 / steps)
    return Result(
        metric=f"{_name(extractor)}_infinity",
        value=float(fit[1]),
        mode=mode,
        breakdown={
            "sizes": steps.tolist(),
            "distances": distances,
            "slope": float(fit[0]),
            "standard_error_of_fit": float(
                np.sqrt(spread[1, 1] * (residual**2).sum() / max(len(steps) - 2, 1))
            ),
        },
        parameters={"sizes": sizes, **describe_extractor(extractor)},
        data={"real_rows": real_moments.rows, "fake_rows": total, "features": rows.shape[1]},
        seed=seed,
    )
