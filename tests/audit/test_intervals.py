"""Intervals of rows that stand alone cover the truth as often as they say, in 2,000 audits each."""

from statistics import NormalDist

import numpy as np
import pytest

from interpretable_gan.audit import intervals
from interpretable_gan.metrics.uncertainty import wilson

AUDITS = 2000


def covered(truth, ends):
    """How often intervals hold the truth."""
    return np.mean([low <= truth <= high for low, high in ends])


@pytest.mark.parametrize(("truth", "trials"), [(0.3, 200), (0.6, 400), (0.9, 40)])
def test_of_proportions(truth, trials, rng):
    ends = [wilson(k, trials) for k in rng.binomial(trials, truth, AUDITS)]
    assert 0.93 <= covered(truth, ends) <= 0.97


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda rng: rng.normal(2, 3, 200), id="normal"),
        pytest.param(lambda rng: rng.exponential(2, 200), id="skewed"),
    ],
)
def test_of_means(draw, rng):
    ends = [intervals.mean(draw(rng)) for _ in range(AUDITS)]
    assert 0.93 <= covered(2, ends) <= 0.97


@pytest.mark.long
def test_of_differences_of_paired_shares(rng):
    """The accuracy that deleting a part costs: wins with it minus wins without it, pair by pair."""
    ends = []
    for _ in range(AUDITS):
        strength = rng.normal(1, 1, 500)
        costs = (strength + rng.normal(0, 1, 500) > 0) - 1.0 * (rng.normal(0, 1, 500) > 0)
        ends.append(intervals.mean(costs))
    truth = NormalDist().cdf(1 / 2**0.5) - 0.5
    assert 0.93 <= covered(truth, ends) <= 0.97


@pytest.mark.long
def test_of_means_and_shares_of_pairs_that_go_together(rng):
    """A real image stands in several pairs, in some once more than others do."""
    images = np.arange(500) % 180
    means, shares, naive = [], [], []
    for _ in range(AUDITS):
        residual = rng.normal(size=180)[images] + rng.normal(size=500)
        whole = residual + 2 * (rng.normal(size=180)[images] + rng.normal(size=500))
        means.append(intervals.mean(whole, images))
        naive.append(intervals.mean(whole))
        shares.append(intervals.variance_share(residual, whole, images)[1])
    assert 0.93 <= covered(0, means) <= 0.97
    assert 0.93 <= covered(0.2, shares) <= 0.97
    assert covered(0, naive) < 0.85


@pytest.mark.long
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_of_shares_of_a_variance(share, rng):
    ends = []
    for _ in range(AUDITS):
        residual = np.sqrt(share) * rng.normal(size=500)
        whole = residual + np.sqrt(1 - share) * rng.normal(size=500)
        ends.append(intervals.variance_share(residual, whole)[1])
    assert 0.93 <= covered(share, ends) <= 0.97


@pytest.mark.long
def test_of_the_mean_of_several_proportions(rng):
    truths = np.array([0.5, 0.8, 0.95, 0.3])
    ends = []
    for _ in range(AUDITS):
        wins = rng.binomial(100, truths)
        each = [wilson(k, 100) for k in wins]
        ends.append(intervals.mean_of(wins / 100, each))
    assert 0.93 <= covered(truths.mean(), ends) <= 0.97


@pytest.mark.long
def test_of_edits_that_go_together(rng):
    """Edits of one sample succeed or fail together: resampling edits would be far too sure of
    itself, resampling samples is not."""
    clusters, each = 150, 4
    together, apart = [], []
    for audit in range(1000):
        chance = rng.beta(0.5, 0.5, clusters)  # mean 0.5
        wins = rng.binomial(1, chance[:, None], (clusters, each))
        by_sample = intervals.draws(clusters, 1000, audit)
        together.append(intervals.percentiles(by_sample @ wins.mean(axis=1) / clusters, clusters))
        apart.append(wilson(wins.sum(), wins.size))
    assert 0.93 <= covered(0.5, together) <= 0.97
    assert covered(0.5, apart) < 0.9


def of_clusters(rng, share, clusters=150, each=4):
    """Edits of one sample, mostly alike."""
    chance = rng.beta(share, 1 - share, clusters)
    hits = rng.binomial(1, chance[:, None], (clusters, each)).reshape(-1, 1) > 0
    return hits, np.repeat(np.arange(clusters), each)


@pytest.mark.parametrize("share", [0.2, pytest.param(0.5, marks=pytest.mark.long)])
def test_of_proportions_of_edits_that_go_together(share, rng):
    ends, naive = [], []
    for _ in range(AUDITS):
        hits, clusters = of_clusters(rng, share)
        (successes,), (trials,) = intervals.effective(hits, clusters)
        ends.append(wilson(successes, trials))
        naive.append(wilson(hits.sum(), len(hits)))
    assert 0.93 <= covered(share, ends) <= 0.97
    assert covered(share, naive) < 0.85


def test_edits_that_do_not_go_together_count_in_full():
    hits = np.array([[True], [False]] * 50)
    apart = intervals.effective(hits, np.arange(100))
    assert [counts.item() for counts in apart] == pytest.approx([50, 100], rel=0.02)
    alike = intervals.effective(hits, np.arange(100) % 2)
    assert alike[1].item() < 2.1
    never = intervals.effective(np.zeros((100, 1), bool), np.arange(100) // 4)
    assert [counts.item() for counts in never] == pytest.approx(
        [0, 25 * (1.96 / 2.064) ** 2], rel=1e-3
    )
    assert [counts.tolist() for counts in intervals.effective(hits[:0], np.zeros(0))] == [[0], [0]]


def test_p_values_are_corrected_where_something_was_tested():
    p = np.array([[np.nan, 0.01], [0.04, 0.9]])
    np.testing.assert_allclose(intervals.corrected(p), [[np.nan, 0.03], [0.06, 0.9]])


def test_certainty_is_never_claimed_from_a_few_successes():
    low, high = intervals.mean_of([1.0, 1.0], [wilson(5, 5)] * 2)
    assert low < 0.8
    assert high == 1
    assert np.isnan(wilson(0, 0)).all()
    assert np.isnan(intervals.mean(np.ones(1))).all()
