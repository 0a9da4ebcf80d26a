"""How often intervals over groups hold the truth, simulated: 22, 100 and 1,000 groups.

The figures in `intervals.COVERAGE` are those of the long test; the quick one sees that nothing
covers much less. A user with few groups reads the same figures on the card.
"""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.audit import intervals
from interpretable_gan.metrics.uncertainty import wilson

SIZES = {22: 30, 100: 5, 1000: 3}
"""Groups → images a group has on average, as in subsets of CelebA."""


def groups_of(rng, count):
    """Group of every image; sizes differ as people's do."""
    sizes = 1 + rng.poisson(rng.gamma(4, (SIZES[count] - 1) / 4, count))
    return np.repeat(np.arange(count), sizes)


def successes(rng, clusters, truth, likeness=0.1):
    """Images of one group succeed or fail together: ``likeness`` is their correlation."""
    count, rest = clusters[-1] + 1, 1 / likeness - 1
    return rng.random(len(clusters)) < rng.beta(truth * rest, (1 - truth) * rest, count)[clusters]


def share(rng, count, truth):
    """Of a share of edits that reach their target, as `steerable` has it of one value."""
    clusters = groups_of(rng, count)
    hits = successes(rng, clusters, truth)
    (found,), (trials,) = intervals.effective(hits[:, None], clusters)
    return truth, wilson(found, trials)


def resampled(rng, count, truth):
    """Of the mean share of three attributes read in the same images, as `accurate` has it."""
    clusters = groups_of(rng, count)
    right = np.mean([successes(rng, clusters, truth) for _ in range(3)], axis=0)
    weights = intervals.draws(count, 200, int(rng.integers(2**31)))
    sums, sizes = (np.bincount(clusters, each, count) for each in (right, None))
    return truth, intervals.percentiles((weights @ sums) / (weights @ sizes), count)


def mean(rng, count, truth):
    """Of a mean difference between pairs, as `not vacuous` has it."""
    clusters = groups_of(rng, count)
    values = truth + rng.normal(size=count)[clusters] / 3 + rng.normal(size=len(clusters))
    return truth, intervals.mean(values, clusters)


def variance(rng, count, truth):
    """Of a share of a variance, as `not vacuous` has it."""
    clusters = groups_of(rng, count)
    part, rest = (
        rng.normal(size=count)[clusters] / 3 + rng.normal(size=len(clusters)) for _ in range(2)
    )
    part, rest = part * truth**0.5, rest * (1 - truth) ** 0.5
    return truth, intervals.variance_share(part, part + rest, clusters)[1]


KINDS = [
    (share, 0.5),
    (share, 0.9),
    (resampled, 0.5),
    (resampled, 0.9),
    (mean, 0.5),
    (variance, 0.2),
]


def coverage(kind, truth, count, audits):
    """Share of simulated audits whose interval holds the truth."""
    rng = np.random.default_rng([count, round(100 * truth)])
    found = [kind(rng, count, truth) for _ in range(audits)]
    return float(np.mean([low <= truth <= high for truth, (low, high) in found]))


@pytest.mark.parametrize(
    ("kind", "truth", "count"),
    [  # resampling a thousand groups takes seconds: the long test has it
        (*each, count) for each in KINDS for count in SIZES if (each[0], count) != (resampled, 1000)
    ],
)
def test_intervals_over_groups_hold_the_truth_about_as_often_as_the_card_says(kind, truth, count):
    audits = 100
    low, high = intervals.COVERAGE[count]
    noise = 2.6 * (low * (1 - low) / audits) ** 0.5
    assert low - noise <= coverage(kind, truth, count, audits) <= min(high + noise, 1)


@pytest.mark.long
@pytest.mark.parametrize("count", SIZES)
def test_the_coverage_that_the_card_states_is_what_simulations_find(count):
    """To a hundredth, twice the standard error of 2,000 simulations."""
    found = [coverage(kind, truth, count, 2000) for kind, truth in KINDS]
    assert (min(found), max(found)) == pytest.approx(intervals.COVERAGE[count], abs=0.01)


def test_intervals_over_rows_would_be_far_too_sure():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(200):
        clusters = groups_of(rng, 100)
        hits = successes(rng, clusters, 0.5, likeness=0.5)
        low, high = wilson(hits.sum(), len(hits))
        held.append(low <= 0.5 <= high)
    assert np.mean(held) < 0.85


def test_few_groups_are_said_and_many_are_not():
    assert "22 groups, 95 % intervals held the truth" in intervals.caution(22)
    assert intervals.caution(1000) == ""
