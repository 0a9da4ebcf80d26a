"""Shapes, trends and the report: hand-made tables with known scores, and every odd column."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.tables.boundary_adherence import boundary_adherence
from interpretable_gan.metrics.tables.category_coverage import category_coverage
from interpretable_gan.metrics.tables.column_shapes import column_shapes
from interpretable_gan.metrics.tables.new_rows import new_rows
from interpretable_gan.metrics.tables.pair_trends import cramers_v, pair_trends
from interpretable_gan.metrics.tables.quality_report import quality_report
from interpretable_gan.metrics.tables.range_coverage import range_coverage
from interpretable_gan.metrics.tables.statistic_similarity import statistic_similarity

X, NOISE = np.random.default_rng(12).normal(size=(2, 200))
REAL = {
    "x": X,
    "y": 2 * X + 0.1 * NOISE,
    "c": np.where(X > 0, "up", "down"),
    "b": X > 1,
}
PER_COLUMN = [range_coverage, category_coverage, boundary_adherence, statistic_similarity]


def shape_of(real, synthetic, **settings):
    return column_shapes({"a": real}, {"a": synthetic}, **settings)


@pytest.mark.parametrize(
    ("real", "synthetic", "expected"),
    [
        pytest.param([1, 2, 3, 4], [3, 4, 5, 6], 0.5, id="half of the numbers shifted out"),
        pytest.param([1, 2], [7, 8], 0, id="numbers apart"),
        pytest.param([1, 1, 2], [1, 1, 2, None], 1, id="missing is dropped"),
        pytest.param(["p", "q"], ["p", "r"], 0.5, id="a category replaced"),
        pytest.param([True, True], [True, False], 0.5, id="truth"),
    ],
)
def test_shapes_are_one_minus_the_distance_of_distributions(real, synthetic, expected):
    assert shape_of(real, synthetic).value == pytest.approx(expected)


def test_missing_shares_are_compared_beside_shapes():
    result = shape_of([1, None], [1, 2, 3, None])
    assert result.breakdown["missing_value_similarity"]["a"] == 0.75


def test_an_empty_column_is_undefined_not_silent_nan():
    result = column_shapes({"a": [1, 2], "b": ["p", "q"]}, {"a": [None, None], "b": ["p", "q"]})
    assert math.isnan(result.breakdown["per_column"]["a"])
    assert result.value == 1
    assert "column 'a' has no value on one side" in result.warnings[0]
    nothing = shape_of([1, 2], [None, None])
    assert math.isnan(nothing.value)
    assert "no column has a value" in nothing.warnings[-1]


def test_equal_tables_score_one_everywhere():
    for metric in (column_shapes, pair_trends, quality_report, *PER_COLUMN):
        result = metric(REAL, REAL)
        assert result.value == pytest.approx(1), metric.__name__
        assert not result.warnings
    assert new_rows(REAL, REAL).value == 0


@given(seed=st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_order_of_rows_and_columns_changes_nothing(seed):
    generator = np.random.default_rng(seed)
    made = {name: generator.permutation(column) for name, column in REAL.items()}
    rows = generator.permutation(200)
    names = generator.permutation(list(REAL))
    moved = {str(name): np.asarray(made[name])[rows] for name in names}
    for metric in (column_shapes, pair_trends, quality_report, new_rows, *PER_COLUMN):
        assert metric(REAL, moved).value == pytest.approx(metric(REAL, made).value, abs=1e-12)


@given(scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
@settings(max_examples=10, deadline=None)
def test_units_of_a_column_change_nothing(scale, shift):
    made = {"x": X[::-1] * 1.2, "y": REAL["y"]}
    real = {"x": X, "y": REAL["y"]}
    for metric in (column_shapes, pair_trends, range_coverage, statistic_similarity):
        turned = [{**table, "x": table["x"] * scale + shift} for table in (real, made)]
        assert metric(*turned).value == pytest.approx(metric(real, made).value, abs=1e-6)


def test_a_lost_correlation_costs_half():
    real = {"x": [0.0, 1, 2, 3], "y": [0.0, 1, 2, 3]}
    made = {"x": [0.0, 1, 0, 1], "y": [0.0, 0, 1, 1]}
    assert pair_trends(real, made).value == 0.5
    assert pair_trends(real, {"x": real["x"], "y": real["y"][::-1]}).value == 0


def test_spearman_sees_ranks_only():
    real = {"x": [1.0, 2, 3, 4], "y": [1.0, 2, 3, 4]}
    made = {"x": [1.0, 2, 3, 4], "y": [1.0, 10, 100, 1000]}
    assert pair_trends(real, made, correlation="spearman").value == 1
    assert pair_trends(real, made).value < 0.95
    with pytest.raises(MetricError, match="there is no correlation"):
        pair_trends(real, made, correlation="kendall")


def test_strict_bins_with_real_edges_where_the_reference_forgives_any_rescaling():
    real = {"x": X, "c": REAL["c"]}
    made = {"x": X * 9 + 50, "c": REAL["c"]}
    assert pair_trends(real, made, thresholds=(0, 0), mode="reference").value == 1
    assert pair_trends(real, made).value < 0.6


def test_thresholds_hide_invented_trends_and_are_named(rng):
    independent = {"x": X, "y": rng.permutation(X)}
    invented = {"x": X, "y": X}
    assert pair_trends(independent, invented).value < 0.6
    hidden = pair_trends(independent, invented, mode="reference")
    assert math.isnan(hidden.value)
    assert hidden.parameters["thresholds"] == [0.5, 0.3]
    assert "no column has a value" in hidden.warnings[-1]
    strong = pair_trends(REAL, REAL).breakdown["strong_pairs"]
    assert "x|y" in strong
    assert "x|c" in strong


def test_a_constant_column_leaves_its_correlation_undefined():
    real = {"x": X, "k": np.ones(200), "c": REAL["c"]}
    result = pair_trends(real, real)
    assert math.isnan(result.breakdown["per_pair"]["x|k"])
    assert "x and k: a column is constant" in result.warnings[0]
    assert result.value == 1
    assert result.breakdown["strength_in_real"]["k|c"] == 0


def test_missing_is_a_category_of_pairs():
    real = {"c": ["p", None, "p", None], "d": ["q", "q", "q", "q"]}
    made = {"c": ["p", "p", "p", "p"], "d": ["q", "q", "q", "q"]}
    assert pair_trends(real, made).value == 0.5
    mixed = {"x": [0.0, None, 0.0, None], "d": ["q"] * 4}
    assert pair_trends(mixed, {"x": [0.0] * 4, "d": ["q"] * 4}).value == 0.5


def test_cramers_v_is_one_for_a_copy_and_zero_for_independence():
    assert cramers_v([("a", 1), ("b", 2), ("c", 3)]) == pytest.approx(1)
    assert cramers_v([(a, b) for a in "ab" for b in "xyz"]) == pytest.approx(0)
    assert cramers_v([("a", "x"), ("a", "y")]) == 0


def test_a_report_without_pairs_is_its_shapes():
    result = quality_report({"a": [1, 2]}, {"a": [1, 2]})
    assert result.value == 1
    assert "pair-trends score is undefined" in result.warnings[0]


@pytest.mark.parametrize(
    ("metric", "real", "synthetic", "expected"),
    [
        pytest.param(range_coverage, [0, 10], [2, 7], 0.5, id="range covered by half"),
        pytest.param(range_coverage, [0, 10], [50, 60], 0, id="range missed"),
        pytest.param(range_coverage, [0, 10], [-5, 15], 1, id="range exceeded"),
        pytest.param(category_coverage, ["a", "b"], ["a", "z"], 0.5, id="category lost"),
        pytest.param(boundary_adherence, [0, 10], [0, 5, 10, 11], 0.75, id="one beyond"),
        pytest.param(boundary_adherence, [0, 10], [5, None], 0.5, id="missing never seen"),
        pytest.param(boundary_adherence, [0, 10, None], [5, None], 1, id="missing seen"),
        pytest.param(statistic_similarity, [0, 10], [7, 8], 0.75, id="mean a quarter off"),
        pytest.param(statistic_similarity, [0, 10], [70, 80], 0, id="mean far off"),
    ],
)
def test_coverage_by_hand(metric, real, synthetic, expected):
    result = metric({"a": real}, {"a": synthetic})
    assert result.value == pytest.approx(expected)
    assert result.breakdown["per_column"]["a"] == pytest.approx(expected)


def test_statistics_by_name():
    real, made = {"a": [0, 1, 10]}, {"a": [2, 2, 2]}
    assert statistic_similarity(real, made, statistic="median").value == pytest.approx(0.9)
    spread = np.std([0, 1, 10], ddof=1)
    assert statistic_similarity(real, made, statistic="std").value == pytest.approx(1 - spread / 10)
    one_row = statistic_similarity(real, {"a": [2]}, statistic="std")
    assert one_row.value == pytest.approx(1 - spread / 10)
    with pytest.raises(MetricError, match="there is no statistic"):
        statistic_similarity(real, made, statistic="mode")


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_columns_without_values_are_undefined_with_a_warning(metric):
    kind = {"a": "categorical" if metric is category_coverage else "numerical"}
    real, made = ({"a": [None, None]}, {"a": [1, 2]})
    result = metric(real, made, metadata=kind)
    assert math.isnan(result.value)
    assert "'a'" in result.warnings[0]


def test_unseen_categories_are_named():
    assert "lacks: z" in category_coverage({"a": ["a"]}, {"a": ["a", "z"]}).warnings[0]


@pytest.mark.parametrize(
    ("row", "new"),
    [
        pytest.param([100.9, "p", None], 0, id="within one percent of the synthetic value"),
        pytest.param([102.0, "p", None], 1, id="number too far"),
        pytest.param([100.0, "q", None], 1, id="other name"),
        pytest.param([100.0, "p", 1.0], 1, id="value where the real one is missing"),
    ],
)
def test_a_row_is_new_unless_every_cell_matches(row, new):
    real = {"n": [100.0, 5.0], "c": ["p", "p"], "m": [None, 2.0]}
    made = {name: [cell] for name, cell in zip(real, row, strict=True)}
    assert new_rows(real, made).value == new


def test_a_negative_tolerance_is_refused():
    with pytest.raises(MetricError, match="not negative"):
        new_rows(REAL, REAL, tolerance=-1)


def test_pairs_of_columns_with_many_categories_need_memory_for_their_rows_only():
    """A dense table of 2,000 × 2,000 categories would be 32 MB, one of 8,000 half a gigabyte."""
    generator = np.random.default_rng(0)
    names = {"a": "categorical", "b": "categorical"}
    table = {name: [f"{name}{i}" for i in generator.permutation(2000)] for name in names}
    tracemalloc.start()
    result = pair_trends(table, table, metadata=names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.value == 1
    assert result.breakdown["strength_in_real"]["a|b"] == pytest.approx(1)
    assert peak < 8e6


def test_cramers_v_is_that_of_the_whole_contingency_table():
    generator = np.random.default_rng(0)
    a = generator.integers(0, 4, 200)
    b = (a + generator.integers(0, 3, 200)) % 5
    counts = np.zeros((4, 5))
    np.add.at(counts, (a, b), 1)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / 200
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert cramers_v(list(zip(a, b, strict=True))) == pytest.approx(np.sqrt(chi2 / 200 / 3))
