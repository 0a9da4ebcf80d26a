"""Information by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from interpretable_gan.metrics.mutual_information import (
    entropy,
    mutual_information_matrix,
    mutual_information_of_pairs,
)


def test_a_fair_coin_has_one_bit():
    assert entropy(np.array([0, 1, 0, 1])) == pytest.approx(np.log(2))


def test_a_copy_tells_everything_and_an_independent_column_nothing():
    a = np.array([[0], [0], [1], [1]])
    b = np.array([[5, 0], [5, 1], [7, 0], [7, 1]])
    np.testing.assert_allclose(mutual_information_matrix(a, b), [[np.log(2), 0]], atol=1e-15)


def test_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 5, (300, 3))
    pairs = mutual_information_of_pairs(a)
    for i in range(3):
        for j in range(3):
            expected = mutual_info_score(a[:, i], a[:, j])
            assert pairs[i, j] == pytest.approx(expected)
            assert mutual_information_matrix(a, a)[i, j] == pytest.approx(expected)


def test_miller_madow_takes_most_of_the_bias_off():
    """Independent variables with 20 and 40 values: plug-in shows about 19·39 / 2N nats."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 20, (10_000, 1)), rng.integers(0, 40, (10_000, 1))
    plug_in = mutual_information_matrix(a, b)[0, 0]
    corrected = mutual_information_matrix(a, b, miller_madow=True)[0, 0]
    assert plug_in == pytest.approx(0.037, abs=0.004)
    assert abs(corrected) < 0.004
