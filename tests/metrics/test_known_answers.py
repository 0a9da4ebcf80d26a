"""Answers known in advance: a perfect representation, a useless one, a copied one, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan import metrics as ev
from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.disentanglement.mig_sampled import posterior_entropy

SIZES = (3, 4)
GRID = np.stack(np.meshgrid(*map(np.arange, SIZES), indexing="ij"), -1).reshape(-1, 2)
WORLD = ev.CodeTable(GRID, SIZES)
POINTS = {"train_points": 200, "test_points": 100, "batch": 32}


def rows(count=300, seed=0):
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, SIZES, (count, 2))
    return factors + 0.01 * rng.normal(size=(count, 2)), factors


def test_a_table_is_read_in_c_order():
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(
        WORLD.encode(np.array([[0, 0], [1, 0], [2, 3]]), rng), GRID[[0, 4, 11]]
    )


def test_a_generator_that_obeys_is_perfect_and_one_that_does_not_is_at_chance():
    obeys = ev.Generated(lambda v, rng: v + 0.01 * rng.normal(size=v.shape), SIZES)
    ignores = ev.Generated(lambda v, rng: rng.normal(size=v.shape), SIZES)
    for metric in (ev.factor_vae, ev.beta_vae):
        assert metric(obeys, **POINTS).value > 0.97
        assert metric(ignores, **POINTS).value == pytest.approx(0.5, abs=0.2)


def test_fixed_rows_hold_a_factor_by_drawing_rows_that_have_it():
    codes, factors = rows()
    world = ev.FixedRows(codes, factors)
    rng = np.random.default_rng(0)
    held = world.hold(world.sample_factors(50, rng), 1, np.full(50, 2), rng)
    np.testing.assert_array_equal(held[:, 1], 2)
    np.testing.assert_allclose(world.encode(held, rng)[:, 1], 2, atol=0.1)
    assert ev.factor_vae(world, **POINTS).value == 1.0


def test_fairness_of_separate_codes_is_perfect_and_of_mixed_codes_is_not():
    fair = ev.fairness(WORLD, train_rows=100, factor_names=["hair", "age"])
    assert fair.value == 0.0
    assert fair.breakdown["mean"]["hair"]["age"] == 0.0
    mixed = ev.CodeTable(GRID.sum(axis=1, keepdims=True), SIZES)
    assert ev.fairness(mixed, train_rows=100).value > 0.1


def test_strong_generalisation_fails_where_a_code_mixes_factors():
    kept = ev.strong_generalisation(WORLD, train_rows=100, test_rows=100, repeats=2)
    assert (kept.value, kept.breakdown["gap"]) == (1.0, 0.0)
    mixed = ev.CodeTable(GRID @ [[1.0, 0.3], [1.0, -0.2]], SIZES)
    lost = ev.strong_generalisation(mixed, train_rows=100, test_rows=100, repeats=2)
    assert lost.breakdown["gap"] > 0.05


def test_deleting_a_factors_code_loses_that_factor_only():
    codes, factors = rows()
    result = ev.reduced_downstream(codes[:200], factors[:200], codes[200:], factors[200:])
    assert result.value == 1.0
    assert result.breakdown["reduced_factor_test"] < 0.5
    assert result.breakdown["deleted_codes"] == {"factor_0": ["code_0"], "factor_1": ["code_1"]}
    everything = ev.reduced_downstream(
        codes[:200], factors[:200], codes[200:], factors[200:], deleted=2
    )
    assert everything.value < 0.5


@pytest.mark.parametrize("predictor", ["gbt", "gbt_sklearn", "forest"])
def test_every_predictor_sees_a_perfect_code(predictor):
    codes, factors = rows()
    parts = (codes[:200], factors[:200], codes[200:], factors[200:])
    result = ev.dci(*parts, predictor=predictor)
    assert result.breakdown["informativeness_test"] > 0.95
    # a forest looks at one random code per split: it spreads importance even here
    assert result.value > (0.3 if predictor == "forest" else 0.95)
    assert result.parameters["predictor"] == predictor


def test_factors_fitted_in_parallel_give_the_same_values():
    codes, factors = rows(120)
    one, two = (ev.dci(codes, factors, jobs=jobs, mode="reference") for jobs in (1, 2))
    assert one.breakdown == two.breakdown


def test_dead_codes_raise_completeness_but_not_that_of_active_codes():
    factor = np.random.default_rng(0).integers(0, 4, (300, 1))
    codes = np.hstack([factor // 2, factor % 2, np.zeros((300, 6))])
    two = np.hstack([factor, factor[::-1]])
    result = ev.dci(codes[:200], two[:200], codes[200:], two[200:])
    assert result.breakdown["completeness_active"] < result.breakdown["completeness"]


def test_entropy_of_a_gaussian_posterior():
    means = np.zeros((50, 2))
    entropy = posterior_entropy(means, np.log([[1.0, 4.0]] * 50), 4000, np.random.default_rng(0))
    expected = 0.5 * np.log(2 * np.pi * np.e * np.array([1.0, 4.0]))
    np.testing.assert_allclose(entropy, expected, atol=0.05)


def test_sampled_gap_of_a_perfect_and_a_copied_posterior():
    _, factors = rows(200)
    sharp = np.full((200, 2), -8.0)
    perfect = ev.mig_sampled(10.0 * factors, sharp, factors, samples=500)
    assert perfect.value == pytest.approx(1, abs=0.05)
    copied = ev.mig_sampled(10.0 * factors[:, [0, 0]], sharp, factors, samples=500)
    assert copied.value < 0.05
    with pytest.raises(MetricError, match="log_variances"):
        ev.mig_sampled(factors, sharp[:, :1], factors)
    flat = ev.mig_sampled(factors, sharp, np.ones((200, 1)), samples=50)
    assert (flat.value, "constant" in flat.warnings[-1]) == (0.0, True)


def test_support_is_factorised_when_every_combination_occurs():
    full = np.tile(GRID, (3, 1))
    assert ev.factorised_support(full).value == 0.0
    diagonal = np.repeat(np.arange(4.0), 9)[:, None] * [1, 1]
    # in standard units the corner (0, 3) lies 3 / std away along one axis, √½ of it from the line
    assert ev.factorised_support(diagonal).value > 1
    assert ev.factorised_support(full[:, :1]).value == 0.0
    assert ev.factorised_support(10 * diagonal, mode="reference").value > 10


def test_flatness_of_a_straight_and_a_folded_walk():
    straight = ev.CodeTable(np.arange(5.0)[:, None], (5,))
    assert ev.flatness(straight, repeats=1).value == pytest.approx(1.0)
    folded = ev.CodeTable(np.array([[0.0], [1], [2], [1], [0]]), (5,))
    assert ev.flatness(folded, repeats=1).value == pytest.approx(0.5)
    assert ev.flatness(ev.CodeTable(np.zeros((5, 1)), (5,)), repeats=1).value == 0.0
    assert (
        "too few steps" in ev.flatness(ev.CodeTable(np.zeros((2, 1)), (2,)), repeats=1).warnings[0]
    )
    with pytest.raises(MetricError, match="cannot be traversed"):
        ev.flatness(ev.FixedRows(*rows()))


def test_public_names_resolve_and_unknown_ones_say_so():
    assert "mig" in dir(ev)
    for name in dir(ev):
        assert getattr(ev, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'miig'"):
        _ = ev.miig


@pytest.mark.parametrize("pruning", ["range", "tripod"])
def test_published_pruning_of_infomec_drops_codes_of_little_spread(pruning):
    codes, factors = rows()
    faint = np.hstack([codes, 1e-3 * np.random.default_rng(0).normal(size=(300, 1))])
    result = ev.infomec(faint, factors, pruning=pruning, mode="reference")
    assert list(result.breakdown["active"].values()) == [True, True, False]
    assert result.value > 0.9


def test_infomec_of_codes_that_know_nothing():
    _, factors = rows()
    nothing = ev.infomec(np.ones((300, 2)), factors)
    assert (nothing.value, nothing.breakdown["infoc"]) == (0.0, 0.0)
    assert "no code is active" in " ".join(nothing.warnings)


def test_a_factor_that_no_code_knows_counts_as_spread_evenly_but_is_undefined_as_published():
    """Every combination equally often, in powers of two, so that information is exactly 0."""
    factors = np.stack(np.meshgrid([0, 1], [0, 1, 2, 3], range(8)), -1).reshape(-1, 3)[:, :2]
    both_about_the_first = factors[:, [0, 0]].astype(float)
    strict, published = (
        ev.infomec(both_about_the_first, factors, discrete_codes=True, mode=mode)
        for mode in ("strict", "reference")
    )
    assert (strict.value, strict.breakdown["infoc"]) == (1.0, 0.0)
    assert "a factor that no code knows" in " ".join(strict.warnings)
    assert published.value == 1.0
    assert np.isnan(published.breakdown["infoc"])


def test_a_set_of_models_is_compared_by_udr():
    from interpretable_gan.metrics.representations import representation_metrics

    model = np.random.default_rng(0).normal(size=(200, 3))
    twins = np.stack([model, -model[:, [2, 0, 1]]])
    available = representation_metrics({"reps": twins, "kl": np.ones((2, 3))})
    assert list(available) == ["udr_lasso", "udr_spearman"]
    assert available["udr_spearman"]().value > 0.7
