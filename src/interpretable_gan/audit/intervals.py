"""95 % intervals of the card, which know that some rows go together.

A *cluster* is a group of the data (a person, a patient) or, where there are none, one row of
labels: its images, samples and edits go together. Shares of successes have Wilson's interval, of as
many independent trials as say the same; means and paired differences Student's, shares of a
variance the delta method's, each over clusters. Other statistics are computed again on resampled
clusters. `COVERAGE` says how often they hold the truth in simulations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.claims.base import Interval

Floats = NDArray[np.float64]

UNKNOWN = (math.nan, math.nan)

FEW_GROUPS = 50
"""With fewer groups intervals hold the truth less often than they say."""
COVERAGE = {22: (0.92, 0.95), 100: (0.93, 0.95), 1000: (0.93, 0.96)}
"""Groups → lowest and highest share of simulated audits whose 95 % interval holds the truth, shares
of 50 to 90 % and means, 30, 5 and 3 images a group: tests/audit/test_group_intervals.py."""


def caution(groups: int) -> str:
    """A sentence on how sure intervals over so few groups are; empty where there are enough."""
    if groups >= FEW_GROUPS:
        return ""
    fewest = min(COVERAGE)
    low, high = COVERAGE[fewest]
    return (
        f"Intervals over {groups} groups are less sure than they say: in simulations with {fewest} "
        f"groups, 95 % intervals held the truth {100 * low:.0f} to {100 * high:.0f} % of the time."
    )


def effective(hits: NDArray[np.bool_], clusters: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Successes and trials, ``(columns,)`` each, of as many independent trials as say no more than
    these: the variance between clusters over that of a binomial, at least 1, divides both (Rao &
    Scott 1992), and so does what Student's interval over as many clusters is wider than the normal
    one, squared (Korn & Graubard 1998).

    Args:
        hits: ``(trials, columns)``.
        clusters: to which each trial belongs, ``(trials,)``; equal where they go together.
    """
    from scipy.stats import norm, t

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
    if len(sizes) < trials:
        design = design * (t.ppf(0.975, count - 1) / norm.ppf(0.975)) ** 2
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
        clusters: to which each row belongs; rows of one go together (Taylor
            linearisation, Woodruff 1971). By default each row is alone.
    """
    from scipy.stats import t

    if clusters is not None:
        clusters = np.unique(clusters, return_inverse=True)[1]
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


def percentiles(again: NDArray[Any], clusters: int) -> Interval:
    """The middle 95 % of a statistic's resamples ``(resamples,)``, and as much more as Student's
    interval over ``clusters`` is wider than that of resampling (Hesterberg 2015, section 5.4);
    unknown where any is nan."""
    from scipy.stats import norm, t

    if np.isnan(again).any() or clusters < 2:
        return UNKNOWN
    wider = math.sqrt(clusters / (clusters - 1)) * t.ppf(0.975, clusters - 1)
    tail = 100 * float(norm.sf(wider))
    low, high = np.percentile(again, [tail, 100 - tail])
    return float(low), float(high)


PARTS = 10
"""Parts of the clusters left out one after the other by a jackknife."""


def parts(clusters: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A part from 0 to 9 for each row, ``(rows,)``, at random; rows of a cluster are in one."""
    names, number = np.unique(clusters, return_inverse=True)
    return rng.permutation(np.arange(len(names)) % PARTS)[number]


def jackknife(without: NDArray[Any]) -> float:
    """Half of the interval of a statistic from its values with one part left out, ``(parts,)``
    (Student's, over parts); nan with fewer than two."""
    from scipy.stats import t

    count = len(without)
    if count < 2:
        return math.nan
    error = math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    return float(t.ppf(0.975, count - 1)) * error


def corrected(p: NDArray[Any]) -> Floats:
    """p-values of many tests, corrected so that of those below a level at most that share is
    expected to be so by chance (Benjamini & Hochberg 1995); nan where nothing was tested."""
    from scipy.stats import false_discovery_control

    adjusted, tested = np.full(p.shape, np.nan), np.isfinite(p)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested])
    return adjusted
