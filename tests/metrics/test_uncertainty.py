"""Intervals cover the truth about as often as they claim; chance is what torn-apart rows score."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interpretable_gan import metrics as ev
from interpretable_gan.metrics import uncertainty
from interpretable_gan.metrics.uncertainty import (
    bootstrap_interval,
    refit_interval,
    seed_interval,
)


@pytest.fixture
def quick_chance(monkeypatch):
    """One permutation: the chance level is not what an interval's coverage depends on."""
    monkeypatch.setattr(uncertainty, "PERMUTATIONS", 1)


def share_covered(intervals, truth):
    return np.mean([low <= truth <= high for low, high in intervals])


def test_bootstrap_interval_reflects_the_percentiles_and_so_takes_off_the_bias():
    """Resampling shifted the value up by 1, as sampling had: the truth lies below the value."""
    low, high = bootstrap_interval(10.0, np.linspace(10, 12, 201))
    assert (low, high) == (pytest.approx(8.05), pytest.approx(9.95))


def test_refits_use_students_t():
    low, high = refit_interval(1.0, [0.0, 1.0, 2.0, 3.0, 4.0])
    half = 2.7764451 * math.sqrt(2.5)
    assert (low, high) == (pytest.approx(1 - half), pytest.approx(1 + half))


def test_seed_interval_is_that_of_the_mean():
    low, high = seed_interval([0.0, 1.0, 2.0, 3.0, 4.0])
    half = 2.7764451 * math.sqrt(2.5) / math.sqrt(5)
    assert (low, high) == (pytest.approx(2 - half), pytest.approx(2 + half))


@pytest.mark.parametrize("interval", [bootstrap_interval, refit_interval])
def test_no_interval_without_values(interval):
    assert interval(math.nan, [1.0, 2.0]) is None
    assert interval(1.0, [math.nan, 2.0]) is None


def test_seed_interval_needs_two_values():
    assert seed_interval([1.0, math.nan]) is None


def noisy(rng, rows):
    factors = rng.integers(0, 3, size=(rows, 2))
    return (factors + rng.integers(-1, 2, size=(rows, 2))).astype(float), factors


def test_equal_seed_equal_result_and_another_seed_another_interval():
    codes, factors = noisy(np.random.default_rng(0), 100)
    first, again, other = (
        ev.mig(codes, factors, seed=seed, uncertainty=True) for seed in (0, 0, 1)
    )
    assert (first.value, first.interval, first.chance) == (
        again.value,
        again.interval,
        again.chance,
    )
    assert first.interval != other.interval
    assert first.value == other.value


def test_chance_is_near_nothing_for_codes_that_know_something():
    codes, factors = noisy(np.random.default_rng(0), 400)
    result = ev.mig(codes, factors, uncertainty=True)
    assert 0 <= result.chance < 0.02 < result.value
    assert result.normalised == pytest.approx((result.value - result.chance) / (1 - result.chance))


def test_chance_of_a_prediction_is_the_guessing_rate():
    codes, factors = noisy(np.random.default_rng(0), 300)
    result = ev.downstream_accuracy(
        codes, factors, predictor="logistic", sizes=[150], mode="reference", uncertainty=True
    )
    assert result.chance == pytest.approx(1 / 3, abs=0.1)
    assert result.interval[0] < result.value < result.interval[1]


def test_interventional_value_is_the_mean_of_its_seeds():
    noisy_world = ev.Generated(lambda v, rng: v + rng.normal(size=v.shape), (3, 4))
    settings = {"train_points": 100, "test_points": 100, "batch": 4, "variance_rows": 200}
    result = ev.factor_vae(noisy_world, uncertainty=True, **settings)
    assert result.value == pytest.approx(np.mean(result.breakdown["per_seed"]))
    assert result.chance == 0.5
    assert len(set(result.breakdown["per_seed"])) > 1


@pytest.mark.long
def test_factor_vae_interval_covers_the_long_run_mean():
    mix = np.array([[1, 0.5], [0.4, 1.0]])
    world = ev.Generated(lambda v, rng: v @ mix + 0.5 * rng.normal(size=v.shape), (3, 4))
    settings = {"train_points": 200, "test_points": 200, "batch": 5, "variance_rows": 500}
    # mean of 300 independent seeds of this world and these settings; its standard error is 0.001
    truth = np.mean([ev.factor_vae(world, seed=10**6 + s, **settings).value for s in range(300)])
    intervals = [
        ev.factor_vae(world, seed=s, uncertainty=True, **settings).interval for s in range(200)
    ]
    assert 0.93 <= share_covered(intervals, truth) <= 0.97


@pytest.mark.long
def test_mig_interval_covers_the_value_of_endless_rows(quick_chance):
    def draw(rng, rows):
        factor = rng.integers(0, 4, size=(rows, 1))
        noise = [rng.integers(-1, 2, rows), rng.integers(-3, 4, rows)]
        return factor + np.column_stack(noise), factor

    rng = np.random.default_rng(0)
    truth = ev.mig(*draw(rng, 400_000), mode="reference").value
    intervals = [
        ev.mig(*draw(rng, 1000), mode="reference", seed=s, uncertainty=True).interval
        for s in range(100)
    ]
    assert 0.93 <= share_covered(intervals, truth) <= 0.97


@pytest.mark.long
def test_dci_interval_covers_the_value_of_endless_rows(quick_chance):
    def draw(rng, rows):
        factors = rng.normal(size=(rows, 2))
        codes = factors @ np.array([[1, 0.6], [0.4, 1]]) + 0.3 * rng.normal(size=(rows, 2))
        return codes, factors

    rng = np.random.default_rng(2)
    truth = ev.dci_lasso(*draw(rng, 400_000), mode="reference").value
    intervals = [
        ev.dci_lasso(*draw(rng, 800), mode="reference", seed=s, uncertainty=True).interval
        for s in range(300)
    ]
    assert 0.93 <= share_covered(intervals, truth) <= 0.97
