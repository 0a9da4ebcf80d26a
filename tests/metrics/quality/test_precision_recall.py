"""Precision, recall, density and coverage by hand, on ties, and with honest intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality import subsamples
from interpretable_gan.metrics.quality.density_coverage import density_coverage
from interpretable_gan.metrics.quality.precision_recall import precision_recall

REAL = np.random.default_rng(5).normal(size=(120, 3))
FAKE = np.random.default_rng(6).normal(0.5, 1.3, size=(90, 3))


def by_hand(real, fake, k, inside):
    """All four scores straight from their definitions."""
    across = cdist(real, fake, "sqeuclidean")
    radii = [np.sort(cdist(x, x, "sqeuclidean"), axis=1)[:, k] for x in (real, fake)]
    in_real, in_fake = inside(across, radii[0][:, None]), inside(across, radii[1][None])
    return {
        "precision": in_real.any(axis=0).mean(),
        "recall": in_fake.any(axis=1).mean(),
        "density": in_real.sum(axis=0).mean() / k,
        "coverage": in_real.any(axis=1).mean(),
    }


def scores(real, fake, k, **settings):
    parts = [metric(real, fake, k=k, **settings) for metric in (precision_recall, density_coverage)]
    merged = {**parts[0].breakdown, **parts[1].breakdown}
    return {name: merged[name] for name in ("precision", "recall", "density", "coverage")}


@pytest.mark.parametrize(("comparison", "inside"), [("<", np.less), ("<=", np.less_equal)])
@pytest.mark.parametrize("k", [1, 4])
def test_scores_are_those_of_the_definition_on_ties_too(comparison, inside, k):
    real, fake = (np.random.default_rng(i).integers(0, 4, (80, 3)).astype(float) for i in (6, 7))
    got = scores(real, fake, k, comparison=comparison, mode="reference")
    assert got == pytest.approx(by_hand(real, fake, k, inside), abs=1e-15)


def test_reference_density_and_coverage_leave_the_surface_out():
    grid = np.arange(6.0)[:, None]  # every neighbour sits on a surface
    reference, strict = (
        density_coverage(grid, grid + 1, k=1, mode=mode) for mode in ("reference", "strict")
    )
    assert reference.breakdown["density"] < strict.breakdown["density"]
    assert precision_recall(grid, grid + 1, k=1, mode="reference").breakdown["precision"] == 1


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-10, 10), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_scale_shift_order_and_column_order_change_nothing(scale, shift, seed):
    columns = np.random.default_rng(seed).permutation(3)
    rows = np.random.default_rng(seed).permutation(len(REAL))
    moved = [(x[:, columns] + shift) * scale for x in (REAL[rows], FAKE)]
    assert scores(*moved, 3) == pytest.approx(scores(REAL, FAKE, 3), abs=0.02)
    assert scores(REAL[rows], FAKE, 3) == scores(REAL, FAKE, 3)


def test_perfect_collapsed_and_alien_samples_have_known_scores():
    same = scores(REAL, REAL.copy(), 3)
    assert same["precision"] == same["recall"] == same["coverage"] == 1
    alien = scores(REAL, REAL + 1000, 3)
    assert alien == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}
    assert precision_recall(REAL, REAL + 1000).value == 0
    collapsed = scores(REAL, np.repeat(REAL[:1], 50, axis=0), 3)
    assert collapsed["precision"] == 1
    assert collapsed["recall"] == pytest.approx(1 / 120)


def test_strict_removes_real_duplicates_and_says_how_many():
    twice = np.concatenate([REAL, REAL[:7]])
    result = precision_recall(twice, FAKE)
    assert result.breakdown["precision"] == precision_recall(REAL, FAKE).breakdown["precision"]
    assert "7 exact duplicates" in result.warnings[0]
    assert result.data["real_rows"] == 120
    assert not precision_recall(twice, FAKE, mode="reference").warnings


def test_a_k_without_a_neighbour_is_refused_with_the_maximum():
    with pytest.raises(MetricError, match="maximum is 89"):
        precision_recall(REAL, FAKE, k=90)


@pytest.mark.long
def test_intervals_hold_what_fresh_samples_score(monkeypatch):
    """Mean over fresh samples inside the 95 % interval in 93 to 97 % of 120 simulations."""
    monkeypatch.setattr(subsamples, "PERMUTATIONS", 1)  # the chance level is not asked about

    def sample(seed):
        generator = np.random.default_rng(seed)
        return generator.normal(size=(100, 4)), generator.normal(0.6, 1.1, size=(100, 4))

    results = [
        precision_recall(*sample(seed), uncertainty=True, seed=seed, jobs=1).breakdown
        for seed in range(120)
    ]
    for name in ("precision", "recall"):
        truth = np.mean([result[name] for result in results])
        intervals = [result["intervals"][name] for result in results]
        covered = np.mean([low <= truth <= high for low, high in intervals])
        assert 0.93 <= covered <= 0.97, name


def test_chance_is_what_equal_sets_would_score():
    result = precision_recall(REAL, REAL[:60] + 1000, uncertainty=True)
    assert result.value == 0
    assert result.breakdown["chance"]["precision"] > 0.6
    assert result.chance == result.breakdown["chance"]["f_score"]
