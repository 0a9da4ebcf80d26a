"""Realism and authenticity of single rows."""

import numpy as np
import pytest

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.authenticity import authenticity
from interpretable_gan.metrics.quality.realism import realism

LINE = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [100.0], [200.0], [400.0]])


def test_realism_is_radius_over_distance_from_typical_rows_only():
    # first-neighbour radii 1,1,1,1,1,96,100,200: their median is 1, so no row lies below it
    none = realism(LINE, LINE, k=1)
    assert none.value == 0
    assert "no real row has a smaller radius" in none.warnings[0]
    # second-neighbour radii 2,1,1,1,2,97,100,300: rows 1, 2 and 3 lie below 2
    result = realism(LINE, [[5.0], [2.0], [103.0]], k=2)
    assert result.breakdown["per_row"] == pytest.approx([1 / 2, np.inf, 1 / 100])
    assert result.value == 0.5
    assert "1 generated rows coincide" in result.warnings[0]


def test_a_coinciding_row_with_a_zero_radius_is_infinitely_real():
    real = np.array([[0.0], [0.0], [5.0], [7.0], [9.0], [20.0]])
    assert realism(real, [[0.0], [6.0]], k=1).breakdown["per_row"][0] == np.inf


def test_k_beyond_the_real_rows_is_refused():
    with pytest.raises(MetricError, match="maximum is 7"):
        realism(LINE, LINE[:2], k=8)


def test_authenticity_counts_rows_farther_than_a_real_neighbour():
    real = np.array([[0.0], [1.0], [10.0], [12.0]])
    # nearest real: 1 (its neighbour at 1, strictly nearer than 1.5), 0 (1 > 0.2), 12 (2 = 2: a tie)
    assert authenticity(real, [[2.5], [0.2], [14.0]]).value == pytest.approx(100 / 3)
    assert authenticity(real, real).value == 0
    assert authenticity(real, real + 1000).value == 100


def test_repeated_real_rows_are_told():
    result = authenticity([[0.0], [0.0], [1.0]], [[0.1], [0.9]])
    assert result.value == 50  # near the repeated row, whose own neighbour is at distance 0
    assert "1 real rows are exact duplicates" in result.warnings[0]


def test_authenticity_has_an_interval_on_request():
    generator = np.random.default_rng(0)
    real, fake = generator.normal(size=(2, 60, 3))
    result = authenticity(real, fake, uncertainty=True, jobs=1)
    low, high = result.interval
    assert low < result.value < high
    assert authenticity(real, fake).interval is None
