"""95 % intervals of the card. Simulations in the tests show that they cover the truth 93 to 97 %
of the time.

Shares of successes have Wilson's, means and paired differences Student's, shares of a variance the
delta method's. Statistics of many edits of the same samples are resampled sample by sample, since
edits of one sample go together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.evaluate.card.claim import Interval

Floats = NDArray[np.float64]

UNKNOWN = (math.nan, math.nan)


def wilson(successes: float, trials: float, *, level: float = 0.95) -> Interval:
    """Of a proportion (Wilson 1927), exact enough down to a handful of trials and up to 100 %."""
    from scipy.stats import norm

    if trials <= 0:
        return UNKNOWN
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    half /= 1 + z**2 / trials
    return max(centre - half, 0.0), min(centre + half, 1.0)


def mean_of(shares: Sequence[float], intervals: Sequence[Interval]) -> Interval:
    """Of the mean of independent proportions, from their intervals (Zou & Donner 2008). Unlike a
    bootstrap it does not collapse where every share is 0 or 1."""
    low = math.sqrt(sum((p - low) ** 2 for p, (low, _) in zip(shares, intervals, strict=True)))
    high = math.sqrt(sum((high - p) ** 2 for p, (_, high) in zip(shares, intervals, strict=True)))
    centre = sum(shares)
    return (centre - low) / len(shares), (centre + high) / len(shares)


def mean(values: NDArray[Any]) -> Interval:
    """Of a mean of independent rows, such as paired differences (Student 1908)."""
    from scipy.stats import t

    count = len(values)
    if count < 2:
        return UNKNOWN
    half = float(t.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count))
    centre = float(np.mean(values))
    return centre - half, centre + half


def variance_share(part: NDArray[Any], whole: NDArray[Any]) -> tuple[float, Interval]:
    """Cov(part, whole) / Var(whole), and its interval by the delta method."""
    x, y = part - part.mean(), whole - whole.mean()
    variance = float((y**2).mean())
    if not variance:
        return math.nan, UNKNOWN
    share = float((x * y).mean()) / variance
    influence = (x * y - share * y**2) / variance
    low, high = mean(influence)
    return share, (share + low, share + high)


def draws(clusters: int, resamples: int, seed: int) -> Floats:
    """How often each cluster counts in each bootstrap resample, ``(resamples, clusters)``."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), resamples).astype(np.float64)


def percentiles(again: NDArray[Any]) -> Interval:
    """The middle 95 % of a statistic's resamples ``(resamples,)``; unknown where any is nan."""
    if np.isnan(again).any():
        return UNKNOWN
    low, high = np.percentile(again, [2.5, 97.5])
    return float(low), float(high)
