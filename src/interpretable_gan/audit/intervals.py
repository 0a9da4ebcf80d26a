"""95 % intervals of the card. Simulations in the tests show that they cover the truth 93 to 97 %
of the time.

Shares of successes have Wilson's, of fewer trials where they go together; means and paired
differences Student's, shares of a variance the delta method's. Statistics of many edits of the same
samples are resampled sample by sample, since edits of one sample go together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.claim import Interval
from interpretable_gan.metrics.uncertainty import wilson

Floats = NDArray[np.float64]

UNKNOWN = (math.nan, math.nan)


def effective(hits: NDArray[np.bool_], clusters: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Successes and trials, ``(columns,)`` each, of as many independent trials as say no more than
    these (Rao & Scott 1992): the variance between clusters over that of a binomial, at least 1,
    divides both.

    Args:
        hits: ``(trials, columns)``.
        clusters: to which each trial belongs, ``(trials,)``; equal where they go together.
    """
    if not len(hits):
        return np.zeros(hits.shape[1]), np.zeros(hits.shape[1])
    number, sizes = np.unique(clusters, return_inverse=True, return_counts=True)[1:]
    sums = np.zeros((len(sizes), hits.shape[1]))
    np.add.at(sums, number, hits)
    trials, count = len(hits), max(len(sizes), 2)
    share = sums.sum(axis=0) / trials
    between = count / (count - 1) * ((sums - sizes[:, None] * share) ** 2).sum(axis=0) / trials**2
    alone = share * (1 - share) / trials
    whole = (sizes**2).sum() / trials  # as if all of a cluster were one, where nothing varies
    design = np.maximum(
        np.divide(between, alone, out=np.full_like(share, whole), where=alone > 0), 1
    )
    return share * trials / design, trials / design


def mean_of(shares: Sequence[float], intervals: Sequence[Interval]) -> Interval:
    """Of the mean of independent proportions, from their intervals (Zou & Donner 2008). Unlike a
    bootstrap it does not collapse where every share is 0 or 1."""
    low = math.sqrt(sum((p - low) ** 2 for p, (low, _) in zip(shares, intervals, strict=True)))
    high = math.sqrt(sum((high - p) ** 2 for p, (_, high) in zip(shares, intervals, strict=True)))
    centre = sum(shares)
    return (centre - low) / len(shares), (centre + high) / len(shares)


def mean(values: NDArray[Any], clusters: NDArray[np.int64] | None = None) -> Interval:
    """Of a mean of rows, such as paired differences (Student 1908).

    Args:
        values: ``(rows,)``.
        clusters: to which each row belongs, counted from 0; rows of one go together (Taylor
            linearisation, Woodruff 1971). By default each row is alone.
    """
    from scipy.stats import t

    count = len(values) if clusters is None else int(clusters.max(initial=-1)) + 1
    if count < 2:
        return UNKNOWN
    centre = float(np.mean(values))
    apart: NDArray[Any] = values - centre
    if clusters is not None:
        apart = np.bincount(clusters, apart) * (count / len(values))
    half = float(t.ppf(0.975, count - 1) * np.std(apart, ddof=1) / math.sqrt(count))
    return centre - half, centre + half


def variance_share(
    part: NDArray[Any], whole: NDArray[Any], clusters: NDArray[np.int64] | None = None
) -> tuple[float, Interval]:
    """Cov(part, whole) / Var(whole), and its interval by the delta method; ``clusters`` as for a
    mean."""
    x, y = part - part.mean(), whole - whole.mean()
    variance = float((y**2).mean())
    if not variance:
        return math.nan, UNKNOWN
    share = float((x * y).mean()) / variance
    influence = (x * y - share * y**2) / variance
    low, high = mean(influence, clusters)
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


def corrected(p: NDArray[Any]) -> Floats:
    """p-values of many tests, corrected so that of those below a level at most that share is
    expected to be so by luck (Benjamini & Hochberg 1995); nan where nothing was tested."""
    from scipy.stats import false_discovery_control

    adjusted, tested = np.full(p.shape, np.nan), np.isfinite(p)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested])
    return adjusted
