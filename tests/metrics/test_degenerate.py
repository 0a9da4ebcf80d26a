"""Every odd input gives a defined value and says so, in both modes; never a silent NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interpretable_gan import metrics as ev
from interpretable_gan.errors import MetricError


def drawn():
    """Two factors, a code that follows each closely, and one that follows neither."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, (2, 3), size=(150, 2))
    return factors, np.column_stack(
        [factors + 0.05 * rng.normal(size=(150, 2)), rng.normal(size=150)]
    )


FACTORS, CODES = drawn()
CONSTANT = np.ones((150, 1))

ON_ROWS = [ev.mig, ev.axis_alignment, ev.mig_sup, ev.jemmig, ev.dcimig, ev.modularity, ev.irs,
           ev.infomec]  # fmt: skip
ON_SPLITS = [ev.sap, ev.dci, ev.dci_lasso, ev.explicitness, ev.reduced_downstream]
ON_CODES = [ev.total_correlation, ev.wasserstein_correlation, ev.mutual_information_score]
EVERY = ON_ROWS + ON_SPLITS


def measured(metric, codes, factors, **settings):
    if metric is ev.reduced_downstream:  # fits a model per pair of factors
        codes, factors = np.round(codes[::2], 1), factors[::2]
        return metric(codes[:50], factors[:50], codes[50:], factors[50:], **settings)
    if metric in ON_SPLITS:
        return metric(codes[:100], factors[:100], codes[100:], factors[100:], **settings)
    return metric(codes, factors, **settings)


def is_explained(result):
    return math.isfinite(result.value) or bool(result.warnings)


def name(metric):
    return metric.__name__


@pytest.mark.parametrize("metric", EVERY, ids=name)
@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_a_constant_code_is_explained_and_leaves_the_others_alone(metric, mode):
    result = measured(metric, np.hstack([CODES, CONSTANT]), FACTORS, mode=mode)
    assert is_explained(result)
    if mode == "strict":
        assert math.isfinite(result.value)
        plain = measured(metric, CODES, FACTORS, mode=mode).value
        allowed = {"infomec": 0.05}.get(metric.__name__, 0.02)
        if metric is not ev.dci:  # more codes to choose from, another base: C changes, D hardly
            assert result.value == pytest.approx(plain, abs=allowed)


@pytest.mark.parametrize("metric", EVERY, ids=name)
def test_only_constant_codes(metric):
    result = measured(metric, np.ones((150, 2)), FACTORS)
    assert math.isfinite(result.value)
    if metric not in (ev.jemmig, ev.sap, ev.reduced_downstream):  # defined without any code
        assert result.warnings


@pytest.mark.parametrize("metric", EVERY, ids=name)
@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_a_constant_factor_is_left_out_by_name(metric, mode):
    factors = np.hstack([FACTORS, CONSTANT])
    result = measured(metric, CODES, factors, mode=mode)
    assert math.isfinite(result.value)
    if metric not in (ev.irs, ev.reduced_downstream):
        assert any("factor_2" in warning for warning in result.warnings)
        assert result.value == pytest.approx(
            measured(metric, CODES, FACTORS, mode=mode).value, abs=0.02
        )


@pytest.mark.parametrize("metric", EVERY, ids=name)
def test_only_constant_factors(metric):
    result = measured(metric, CODES, np.ones((150, 2)))
    assert math.isfinite(result.value)
    assert result.warnings


@pytest.mark.parametrize("metric", EVERY, ids=name)
@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_one_code(metric, mode):
    assert is_explained(measured(metric, CODES[:, :1], FACTORS, mode=mode))


@pytest.mark.parametrize("metric", EVERY, ids=name)
@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_one_factor(metric, mode):
    assert is_explained(measured(metric, CODES, FACTORS[:, :1], mode=mode))


@pytest.mark.parametrize("metric", ON_SPLITS, ids=name)
@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_a_class_that_only_training_rows_have(metric, mode):
    factors = FACTORS.copy()
    factors[100:, 1] = np.minimum(factors[100:, 1], 1)
    assert is_explained(measured(metric, CODES, factors, mode=mode))


@pytest.mark.parametrize("metric", ON_SPLITS, ids=name)
def test_a_class_that_only_test_rows_have(metric):
    factors = FACTORS.copy()
    factors[:100, 1] = np.minimum(factors[:100, 1], 1)
    assert math.isfinite(measured(metric, CODES, factors).value)


@pytest.mark.parametrize("metric", EVERY, ids=name)
def test_duplicated_rows_and_tied_codes(metric):
    codes, factors = np.repeat(np.round(CODES), 2, axis=0), np.repeat(FACTORS, 2, axis=0)
    assert math.isfinite(measured(metric, codes, factors).value)


@pytest.mark.parametrize("metric", EVERY, ids=name)
def test_as_few_rows_as_one_can_split(metric):
    assert math.isfinite(metric(CODES[:12], FACTORS[:12]).value)


def test_a_heavy_tail_is_warned_about_and_quantile_bins_see_through_it():
    codes = CODES.copy()
    codes[0, 0] = 1e5
    result = ev.mig(codes, FACTORS, factor_names=["hair", "age"], code_names=["a", "b", "c"])
    assert any("'a'" in warning and "quantile" in warning for warning in result.warnings)
    assert result.breakdown["per_factor"]["hair"] < 0.2
    assert ev.mig(codes, FACTORS, binning="quantile").breakdown["per_factor"]["factor_0"] > 0.8


@pytest.mark.parametrize(
    "metric",
    [ev.mig, ev.axis_alignment, ev.mig_sup, ev.jemmig, ev.dcimig, ev.modularity],
    ids=name,
)
def test_quantile_bins_see_through_an_outlier_in_every_metric_that_has_them(metric):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 4, (400, 2))
    codes = factors + 0.05 * rng.normal(size=factors.shape)
    plain = metric(codes, factors, binning="quantile").value
    codes[0, 0] = 1e5
    stretched = metric(codes, factors, binning="quantile")
    assert stretched.value == pytest.approx(plain, abs=0.02)
    assert "outliers hide" in metric(codes, factors).warnings[0]
    assert not any("outliers hide" in warning for warning in stretched.warnings)


def test_known_answers_at_the_edges():
    one_factor = measured(ev.dci, CODES, FACTORS[:, :1])
    assert one_factor.value == 1.0
    assert "one factor" in one_factor.warnings[-1]
    one_code = measured(ev.dci, CODES[:, :1], FACTORS)
    assert one_code.breakdown["completeness"] == 1.0
    nothing = measured(ev.dci, np.ones((150, 2)), FACTORS)
    assert (nothing.value, nothing.breakdown["completeness"]) == (0.0, 0.0)
    assert ev.modularity(CODES, FACTORS[:, :1]).value == 1.0
    assert ev.irs(np.ones((150, 2)), FACTORS).value == 0.0
    assert ev.infomec(np.ones((150, 2)), FACTORS).value == 0.0
    assert ev.sap(CODES[:, :1], FACTORS, continuous=True).value == pytest.approx(
        np.corrcoef(CODES[:, 0], FACTORS[:, 0])[0, 1] ** 2 / 2
        + np.corrcoef(CODES[:, 0], FACTORS[:, 1])[0, 1] ** 2 / 2
    )


def test_few_rows_per_value_raise_irs_and_are_warned_about():
    factors = np.column_stack([FACTORS[:, 0], np.arange(150) % 75])
    result = ev.irs(CODES, factors, bins=None)
    assert any("fewer than 5 rows" in warning for warning in result.warnings)


@pytest.mark.parametrize("metric", ON_CODES, ids=name)
def test_independence_scores_at_the_edges(metric):
    dead = metric(np.hstack([CODES, CONSTANT]))
    assert dead.value == pytest.approx(metric(CODES).value)
    assert "code_3" in dead.warnings[0]
    assert metric(CODES[:, :1]).value == 0.0
    published = metric(np.hstack([CODES, CONSTANT]), mode="reference")
    assert is_explained(published)


def test_a_dead_code_adds_nothing_to_the_wasserstein_correlation_in_either_mode():
    """2 tr Σ − 2 tr (D^½ Σ D^½)^½ has a value where Σ is singular; only log det Σ has none."""
    dead = np.hstack([CODES, CONSTANT])
    for mode in ("strict", "reference"):
        result = ev.wasserstein_correlation(dead, mode=mode)
        plain = ev.wasserstein_correlation(CODES, mode=mode)
        assert result.value == pytest.approx(plain.value, rel=1e-12)
        assert result.breakdown == pytest.approx(plain.breakdown)
        alone = ev.wasserstein_correlation(dead[:, 2:], mode=mode)
        assert (alone.value, alone.breakdown["normalised"]) == (0, 0)
    assert math.isnan(ev.total_correlation(dead, mode="reference").value)


def test_linearly_dependent_codes_have_infinite_total_correlation():
    codes = np.column_stack([CODES, CODES[:, 0] - 2 * CODES[:, 1]])
    result = ev.total_correlation(codes)
    assert result.value == math.inf
    assert "linearly dependent" in result.warnings[0]
    assert '"value": null' in result.to_json()


def test_fewer_rows_than_codes():
    wide = np.random.default_rng(0).normal(size=(8, 20))
    assert ev.total_correlation(wide).value == math.inf
    assert ev.wasserstein_correlation(wide).value > 0


# worlds


def grid(sizes):
    return np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), -1).reshape(-1, len(sizes))


SMALL = {"train_points": 200, "test_points": 100, "batch": 16}
SIZES = (3, 4)
WORLD = ev.CodeTable(grid(SIZES), SIZES)


@pytest.mark.parametrize("mode", ["strict", "reference"])
def test_constant_code_in_a_world(mode):
    table = ev.CodeTable(np.hstack([grid(SIZES), np.ones((12, 1))]), SIZES)
    score = ev.factor_vae(table, mode=mode, **SMALL)
    if mode == "strict":
        assert score.value == 1.0
        assert score.breakdown["num_active_dims"] == 2
    else:  # as published: the constant code wins every vote
        assert score.value == pytest.approx(0.5, abs=0.15)
        assert "wins every vote" in score.warnings[0]
    assert ev.factor_vae(table, mode="reference", threshold=0.05, **SMALL).value == 1.0
    assert ev.beta_vae(table, mode=mode, **SMALL).value == 1.0


def test_small_scale_codes_count_in_strict_mode_only():
    table = ev.CodeTable(grid(SIZES) * [1, 1e-3], SIZES)
    assert ev.factor_vae(table, **SMALL).value == 1.0
    pruned = ev.factor_vae(table, mode="reference", threshold=0.05, **SMALL)
    assert pruned.breakdown["num_active_dims"] == 1


def test_a_dead_world_scores_zero():
    dead = ev.CodeTable(np.ones((12, 2)), SIZES)
    assert ev.factor_vae(dead, **SMALL).value == 0.0


def test_kl_decides_which_codes_are_active():
    result = ev.factor_vae(WORLD, average_kl=[1.0, 0.0], **SMALL)
    assert result.breakdown["num_active_dims"] == 1


@pytest.mark.parametrize("graded", ["real values", "whole numbers"])
def test_finely_graded_factors_are_held_within_bins(graded):
    """Perfect codes of an angle or an age in days: holding one exact value would hold one row."""
    factors = np.random.default_rng(0).random((1000, 2))
    if graded == "whole numbers":
        factors = np.floor(factors * 30_000)
    world = ev.FixedRows(factors, factors, factor_names=["angle", "age"])
    for metric in (ev.factor_vae, ev.beta_vae):
        result = metric(world, **SMALL)
        assert result.value > 0.95
        assert "angle, age were cut into 20 bins" in result.warnings[0]


def test_a_constant_factor_among_rows_is_not_asked_about():
    world = ev.FixedRows(CODES, np.hstack([FACTORS, CONSTANT]))
    result = ev.factor_vae(world, **SMALL)
    assert result.value == ev.factor_vae(ev.FixedRows(CODES, FACTORS), **SMALL).value
    assert "'factor_2' takes one value" in result.warnings[0]
    with pytest.raises(MetricError, match="nothing to hold"):
        ev.FixedRows(CODES, CONSTANT)


def test_one_factor_in_a_world():
    table = ev.CodeTable(np.arange(4)[:, None], (4,))
    assert ev.beta_vae(table, **SMALL).value == 1.0
    assert ev.factor_vae(table, **SMALL).value == 1.0
    assert ev.fairness(table, train_rows=50).value == 0.0
    shift = ev.strong_generalisation(table, train_rows=50, test_rows=50, repeats=1)
    assert "nothing to shift" in shift.warnings[0]


def test_a_table_must_have_every_combination():
    with pytest.raises(MetricError, match="needs 12 rows, got 11"):
        ev.CodeTable(grid(SIZES)[:11], SIZES)


def test_udr_refuses_one_model_and_other_rows():
    with pytest.raises(MetricError, match="at least two models"):
        ev.udr([CODES])
    with pytest.raises(MetricError, match="same rows"):
        ev.udr([CODES, CODES[:9]])
    with pytest.raises(MetricError, match="one entry per code"):
        ev.udr([CODES, CODES], [np.ones(2), np.ones(3)])


def test_udr_of_a_dead_model_is_zero_and_sizes_may_differ():
    result = ev.udr([CODES, CODES[:, ::-1], CODES[:, :2]], [np.ones(3), np.ones(3), np.zeros(2)])
    assert result.breakdown["per_model"]["model_2"] == 0.0
    assert "model_2" in result.warnings[0]
    pair = ev.udr([CODES, -CODES[:, ::-1]], method="spearman")
    assert pair.value > 0.8


def test_aggregations_refuse_negative_entries():
    with pytest.raises(MetricError, match="negative"):
        ev.aggregations([[1.0, -1.0]])
    assert "zero" in ev.aggregations(np.zeros((2, 2))).warnings[0]


def test_total_variation_leaves_out_empty_groups():
    result = ev.total_variation([[3, 0, 1], [1, 0, 3]])
    assert result.value == pytest.approx(0.25)
    assert "1 sensitive classes have no rows" in result.warnings[0]
    assert ev.total_variation(np.zeros((2, 2))).value == 0.0


def test_too_few_labels_fall_back_to_the_commonest_class():
    result = ev.downstream_accuracy(
        CODES[:100], FACTORS[:100] * [1, 0], CODES[100:], FACTORS[100:] * [1, 0],
        predictor="logistic", sizes=[3, 90],
    )  # fmt: skip
    assert any("one class" in warning for warning in result.warnings)
    assert result.breakdown["by_size"]["90"]["test_per_factor"]["factor_1"] == 1.0


def test_sizes_beyond_the_rows_are_left_out():
    result = ev.downstream_accuracy(
        CODES[:100], FACTORS[:100], CODES[100:], FACTORS[100:], predictor="logistic", sizes=[500]
    )
    assert list(result.breakdown["by_size"]) == ["100"]
    assert "100 training rows" in result.warnings[0]
