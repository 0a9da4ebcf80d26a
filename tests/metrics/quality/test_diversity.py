"""Diversity, Vendi score and sliced distances on sets with known answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.quality.diversity import diversity
from interpretable_gan.metrics.quality.sliced_wasserstein import (
    monge_inception_distance,
    sliced_wasserstein,
)
from interpretable_gan.metrics.quality.vendi import vendi_score

ROWS = np.random.default_rng(11).normal(size=(60, 5))


def test_diversity_is_the_mean_over_pairs_then_conditions():
    outputs = [[[0.0], [3.0], [6.0]], [[1.0], [1.0], [1.0]]]
    result = diversity(outputs)
    assert result.breakdown["per_condition"] == pytest.approx([4, 0])
    assert result.value == 2
    assert result.interval[0] < 2 < result.interval[1]
    assert diversity(outputs[:1]).interval is None
    assert "one image only" in diversity(outputs[1:]).warnings[0]


def test_diversity_takes_any_distance():
    images = np.random.default_rng(0).random((2, 3, 1, 4, 4))
    result = diversity(
        images, distance=lambda a, b: np.abs(a - b).max(axis=(1, 2, 3)), distance_name="largest"
    )
    assert 0 < result.value < 1
    assert result.parameters["distance"] == "largest"


@pytest.mark.parametrize("outputs", [np.zeros((3, 1, 4)), np.zeros((3, 4)), np.zeros((0, 3, 4))])
def test_diversity_needs_two_outputs_of_a_condition(outputs):
    with pytest.raises(MetricError, match="M at least 2"):
        diversity(outputs)


def test_diversity_names_the_condition_with_a_nan():
    with pytest.raises(MetricError, match="condition 1 has NaN"):
        diversity([[[0.0], [1.0]], [[np.nan], [1.0]]])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(np.eye(4), 4, id="all different"),
        pytest.param(np.ones((6, 3)), 1, id="all alike"),
        pytest.param(np.repeat(np.eye(2), 3, axis=0), 2, id="two kinds"),
        pytest.param([[1e-200, 0], [0, 1e-200]], 2, id="tiny but different"),
        pytest.param([[3.0, 4.0]], 1, id="one row"),
    ],
)
def test_vendi_counts_kinds(rows, expected):
    assert vendi_score(rows).value == pytest.approx(expected)


def test_vendi_knows_that_zero_rows_have_no_direction():
    result = vendi_score(np.zeros((3, 2)))
    assert result.value == 1
    assert "3 rows are all zero" in result.warnings[0]


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_vendi_ignores_order_length_and_the_side_of_the_matrix(seed):
    generator = np.random.default_rng(seed)
    lengths = generator.uniform(0.1, 10, (60, 1))
    value = vendi_score(ROWS).value
    assert vendi_score(generator.permutation(ROWS) * lengths[:1]).value == pytest.approx(value)
    assert vendi_score(ROWS * lengths).value == pytest.approx(value)
    wide = np.hstack([ROWS, np.zeros((60, 100))])  # more columns than rows: the other matrix
    assert vendi_score(wide).value == pytest.approx(value)


def test_sliced_approximation_follows_its_formula():
    real, fake = np.array([[-1.0, 0], [1.0, 0]]), np.array([[1.0, 4], [1.0, 0]])
    # mean gap (1, 2), so 5/2; mean squared norms over d: ½ and 2
    expected = np.sqrt(5 / 2 + (np.sqrt(0.5) - np.sqrt(2)) ** 2)
    assert sliced_wasserstein(real, fake).value == pytest.approx(expected)
    assert sliced_wasserstein(ROWS, ROWS).value == 0


def test_sliced_approximation_has_an_interval_on_request():
    low, high = sliced_wasserstein(ROWS, ROWS + 1, uncertainty=True).interval
    assert low < sliced_wasserstein(ROWS, ROWS + 1).value < high


def test_sorted_projections_of_a_shift_cost_its_squared_length():
    shift = np.array([1.0, 2, 0, 0, 2])  # mean over directions of (u·s)² is |s|²/d
    result = monge_inception_distance(ROWS, ROWS + shift)
    assert result.value == pytest.approx(3 * 9, rel=0.1)
    assert result.metric == "sorted_projection_distance"
    assert monge_inception_distance(ROWS, ROWS[::-1]).value == pytest.approx(0, abs=1e-20)
    assert monge_inception_distance(ROWS, ROWS, seed=3).seed == 3


def test_uneven_sets_are_cut_and_told():
    result = monge_inception_distance(ROWS, ROWS[:40])
    assert result.parameters["rows"] == 40
    assert result.data["real_rows"] == 60
    assert "subsampled to 40" in result.warnings[0]
    with pytest.raises(MetricError, match="at least 1"):
        monge_inception_distance(ROWS, ROWS, directions=0)


def test_the_published_name_needs_the_published_features():
    inception = FeatureExtractor("inception", "0", lambda x: x, published="FID")
    named = monge_inception_distance(ROWS, ROWS, extractor=inception)
    assert named.metric == "monge_inception_distance"
