"""What may not matter, does not: order, scale, relabelling, appended noise, dead codes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan import metrics as ev

SEEDS = st.integers(0, 2**16)
FEW = settings(max_examples=15, deadline=None)

INFORMATION = [ev.mig, ev.axis_alignment, ev.mig_sup, ev.jemmig, ev.dcimig, ev.modularity]


def representation(seed: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Codes that know factors to different degrees, on a grid so that scaling moves no edge."""
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, (2, 3, 5), size=(rows, 3))
    mixed = factors @ rng.integers(-2, 3, size=(3, 4)) + rng.integers(-1, 2, size=(rows, 4))
    return mixed.astype(float), factors


def name(metric):
    return metric.__name__


@pytest.mark.parametrize("metric", [*INFORMATION, ev.irs], ids=name)
@FEW
@given(seed=SEEDS)
def test_order_of_rows_codes_and_factors_does_not_matter(metric, seed):
    codes, factors = representation(seed)
    rng = np.random.default_rng(seed)
    rows, k, f = rng.permutation(300), rng.permutation(4), rng.permutation(3)
    moved = metric(codes[rows][:, k], factors[rows][:, f], mode="reference")
    assert moved.value == pytest.approx(metric(codes, factors, mode="reference").value, abs=1e-9)


@pytest.mark.parametrize("metric", INFORMATION, ids=name)
@FEW
@given(seed=SEEDS, scale=st.sampled_from([0.25, 2.0, 1024.0]), shift=st.integers(-8, 8))
def test_scale_and_offset_of_codes_do_not_matter(metric, seed, scale, shift):
    codes, factors = representation(seed)
    stretched = metric(codes * [scale, 1, 1, 2] + shift, factors, mode="reference")
    assert stretched.value == pytest.approx(metric(codes, factors, mode="reference").value)


@pytest.mark.parametrize("metric", INFORMATION, ids=name)
@FEW
@given(seed=SEEDS)
def test_what_the_levels_of_a_factor_are_called_does_not_matter(metric, seed):
    codes, factors = representation(seed)
    called = np.random.default_rng(seed).permutation(100)[factors]
    renamed = metric(codes, called, mode="reference").value
    assert renamed == pytest.approx(metric(codes, factors, mode="reference").value)


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_a_dead_code_changes_no_information_score_in_strict_mode(seed):
    codes, factors = representation(seed)
    with_dead = np.hstack([codes, np.full((300, 1), 7.0)])
    for metric in INFORMATION:
        assert metric(with_dead, factors).value == pytest.approx(
            metric(codes, factors).value, abs=1e-9
        ), metric.__name__


@FEW
@given(seed=SEEDS)
def test_a_copied_code_ends_the_gap_but_not_modularity(seed):
    codes, factors = representation(seed)
    doubled = np.hstack([codes, codes])
    assert ev.mig(doubled, factors).value == pytest.approx(0, abs=1e-12)
    plain, twice = (ev.modularity(z, factors, mode="reference").value for z in (codes, doubled))
    assert twice == pytest.approx(plain)


@FEW
@given(seed=SEEDS)
def test_noise_codes_move_modularity_as_published_but_not_in_strict_mode(seed):
    factors = np.random.default_rng(seed).integers(0, (3, 4), size=(1500, 2))
    noise = np.random.default_rng(seed + 1).normal(size=(1500, 6))
    noisy = np.hstack([factors.astype(float), noise])
    assert ev.modularity(noisy, factors).value > 0.98
    assert ev.modularity(noisy, factors, mode="reference").value < 0.93


@FEW
@given(seed=SEEDS)
def test_squared_correlations_survive_any_straight_line(seed):
    codes, factors = representation(seed)
    moved = ev.sap(-3.7 * codes + 11, factors, continuous=True).value
    assert moved == pytest.approx(ev.sap(codes, factors, continuous=True).value)


@FEW
@given(seed=SEEDS)
def test_independence_scores_ignore_sign_and_order(seed):
    codes, _ = representation(seed)
    turned = -codes[:, [2, 0, 3, 1]]
    for metric in (ev.total_correlation, ev.wasserstein_correlation):
        assert metric(turned).value == pytest.approx(metric(codes).value, rel=1e-9, abs=1e-9)
    assert ev.total_correlation(codes * [1e-3, 1, 1, 50]).value == pytest.approx(
        ev.total_correlation(codes).value
    )


@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_scale_and_offset_do_not_matter_where_codes_are_standardised(seed):
    codes, factors = representation(seed)
    train, test = slice(200), slice(200, 300)
    parts = (codes[train], factors[train], codes[test], factors[test])
    scaled = (100 * codes[train] + 9, factors[train], 100 * codes[test] + 9, factors[test])
    assert ev.sap(*scaled).value == pytest.approx(ev.sap(*parts).value, abs=0.02)
    assert ev.explicitness(*scaled).value == pytest.approx(ev.explicitness(*parts).value, abs=1e-3)
    assert ev.dci_lasso(*scaled).value == pytest.approx(ev.dci_lasso(*parts).value, abs=1e-6)


@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_trees_see_only_the_order_of_codes(seed):
    codes, factors = representation(seed, rows=150)
    factors = factors[:, :2]
    parts = (codes[:100], factors[:100], codes[100:], factors[100:])
    bent = (np.exp(codes[:100] / 4), factors[:100], np.exp(codes[100:] / 4), factors[100:])
    assert ev.dci(*bent).value == pytest.approx(ev.dci(*parts).value, abs=0.03)


SMALL = {"train_points": 300, "test_points": 150, "batch": 32}


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_interventional_scores_of_a_scaled_and_permuted_grid_stay_perfect(seed):
    rng = np.random.default_rng(seed)
    sizes = (3, 4, 5)
    grid = np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), -1).reshape(-1, 3)
    table = (grid * np.exp(rng.normal(size=3)) + rng.normal(size=3))[:, rng.permutation(3)]
    world = ev.CodeTable(table, sizes)
    for metric in (ev.beta_vae, ev.factor_vae):
        assert metric(world, seed=seed, **SMALL).value > 0.97, metric.__name__


@FEW
@given(seed=SEEDS)
def test_udr_ignores_order_sign_and_scale(seed):
    z = np.random.default_rng(seed).normal(size=(200, 3))
    same = ev.udr([z, -5 * z[:, [2, 0, 1]] + 1], method="spearman").value
    assert same == pytest.approx(ev.udr([z, z], method="spearman").value)
    assert ev.udr([z, -5 * z[:, [2, 0, 1]] + 1]).value > 0.7
