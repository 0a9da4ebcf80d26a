"""The inception score's two ends, its parts and its warnings."""

import numpy as np
import pytest

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.inception_score import inception_score


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        pytest.param(np.tile(1e4 * np.eye(4), (30, 1)), 4, id="sure and varied: all classes"),
        pytest.param(np.tile([[9.0, 0, 0, 0]], (120, 1)), 1, id="always the same class"),
        pytest.param(np.zeros((120, 4)), 1, id="never sure"),
    ],
)
def test_known_ends(logits, expected):
    result = inception_score(logits, splits=2)
    assert result.value == pytest.approx(expected, rel=1e-9)
    assert result.breakdown["whole"] == pytest.approx(expected, rel=1e-9)


def test_parts_are_cut_in_order_and_strict_shuffles_first():
    sorted_rows = np.repeat(50 * np.eye(2), 60, axis=0)
    assert inception_score(sorted_rows, splits=2, mode="reference").value == pytest.approx(1)
    assert inception_score(sorted_rows, splits=2).value > 1.9
    assert inception_score(sorted_rows, splits=2, shuffle=False).value == pytest.approx(1)


def test_small_parts_are_told_and_impossible_ones_refused():
    rows = np.random.default_rng(0).normal(size=(50, 4))
    assert "5 rows for 4 classes" in inception_score(rows).warnings[0]
    assert not inception_score(rows, splits=1).warnings
    with pytest.raises(MetricError, match="cannot be split"):
        inception_score(rows, splits=51)


def test_more_parts_than_rows_are_refused():
    with pytest.raises(MetricError, match="2 rows cannot be split into 3 parts"):
        inception_score(np.zeros((2, 4)), splits=3)
