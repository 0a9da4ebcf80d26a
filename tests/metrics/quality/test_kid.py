"""KID: its draws, its chance level and an interval that covers."""

import numpy as np
import pytest

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.quality.kid import kid
from interpretable_gan.metrics.quality.mmd import mmd

SIMULATIONS = 300
REAL = np.random.default_rng(8).normal(size=(150, 6))
FAKE = np.random.default_rng(9).normal(0.2, 1.1, size=(150, 6))


def test_one_subset_of_all_rows_is_the_unbiased_discrepancy():
    result = kid(REAL, FAKE, subset_size=150)
    assert result.parameters["subsets"] == 1
    assert result.value == pytest.approx(mmd(REAL, FAKE).value, rel=1e-6)
    assert "subsets hold 150 rows" not in result.warnings


def test_features_far_from_zero_lose_no_digits():
    far = kid(REAL + 1000, FAKE + 1000, subset_size=150)
    assert far.value == pytest.approx(mmd(REAL + 1000, FAKE + 1000).value, rel=1e-5)


def test_threads_and_repetition_change_nothing():
    one, three = (kid(REAL, FAKE, subsets=9, subset_size=60, jobs=jobs) for jobs in (1, 3))
    assert one.value == three.value
    assert one.breakdown["std"] == three.breakdown["std"]
    assert kid(REAL, FAKE, subsets=9, subset_size=60, seed=1).value != one.value


def test_a_smaller_side_shrinks_the_subsets_and_is_told():
    result = kid(REAL, FAKE[:40], subsets=5)
    assert result.parameters["subset_size"] == 40
    assert "subsets hold 40 rows, not 1000" in result.warnings[0]


@pytest.mark.parametrize("settings", [{"subsets": 0}, {"subset_size": 1}])
def test_subsets_without_pairs_are_refused(settings):
    with pytest.raises(MetricError, match=r"at least 1|no pairs"):
        kid(REAL, FAKE, **settings)


def test_constant_features_are_at_distance_zero():
    result = kid(np.ones((20, 3)), np.ones((20, 3)))
    assert result.value == 0
    assert result.interval == (0, 0)


def test_it_is_called_kid_on_inception_features_only():
    inception = FeatureExtractor("inception", "0", lambda x: x, published="FID")
    assert kid(REAL, FAKE, subsets=1).metric == "kernel_distance"
    assert kid(REAL, FAKE, subsets=1, extractor=inception).metric == "kid"


@pytest.mark.long
@pytest.mark.parametrize(
    ("rows", "subset_size"),
    [pytest.param(200, 1000, id="all rows"), pytest.param(200, 50, id="subsets")],
)
def test_the_interval_covers_the_truth(rows, subset_size):
    """KID of N(0, I) and N(½, I) in three dimensions: the truth inside 93 to 97 % of the time."""
    big = np.random.default_rng(0).normal(size=(2, 6000, 3))
    truth = mmd(big[0], big[1] + 0.5).value
    covered = 0
    for seed in range(SIMULATIONS):
        x, y = np.random.default_rng([1, seed]).normal(size=(2, rows, 3))
        result = kid(x, y + 0.5, subsets=10, subset_size=subset_size, seed=seed, jobs=1)
        covered += result.interval[0] <= truth <= result.interval[1]
    assert 0.93 <= covered / SIMULATIONS <= 0.97


def test_chance_is_the_mean_over_permutations():
    pool = np.concatenate([REAL, FAKE + 1])
    values = []
    for seed in range(60):
        order = np.random.default_rng(seed).permutation(300)
        values.append(kid(pool[order[:150]], pool[order[150:]], subset_size=150).value)
    chance = kid(REAL, FAKE).chance
    assert abs(np.mean(values) - chance) < 3 * np.std(values) / np.sqrt(60)
