"""Neighbours are those of exact arithmetic, whatever the ties, scales and blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from interpretable_gan.metrics.quality import neighbours
from interpretable_gan.metrics.quality.neighbours import nearest, radii_squared


def brute_radii(rows, k):
    squares = cdist(rows, rows, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    return np.sort(squares, axis=1)[:, k - 1]


CASES = {
    "integers with many ties": lambda g: g.integers(0, 3, (300, 4)).astype(float),
    "all rows equal": lambda g: np.full((50, 3), 7.0),
    "one far outlier": lambda g: np.concatenate([g.normal(size=(200, 6)), np.full((1, 6), 1e18)]),
    "clusters far apart": lambda g: g.normal(size=(240, 3)) + 1e4 * g.integers(0, 3, (240, 1)),
    "far from the origin": lambda g: g.normal(size=(150, 8)).astype(np.float32) + 1000,
    "outlier that makes all else vanish": lambda g: np.vstack([g.normal(size=(60, 2)), [1e30, 0]]),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("block", [1024, 32])
def test_radii_are_exact(name, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    rows = CASES[name](np.random.default_rng(4))
    for k in (1, 5):
        np.testing.assert_allclose(radii_squared(rows, k), brute_radii(rows, k), rtol=1e-14)


@given(seed=st.integers(0, 10_000), jobs=st.sampled_from([1, 3]))
@settings(max_examples=20, deadline=None)
def test_the_nearest_row_is_the_first_of_equals(seed, jobs):
    generator = np.random.default_rng(seed)
    rows, queries = (generator.integers(0, 4, (40, 3)).astype(float) for _ in range(2))
    squares = cdist(queries, rows, "sqeuclidean")
    index, closest = nearest(queries, rows, jobs=jobs)
    np.testing.assert_array_equal(index, squares.argmin(axis=1))
    np.testing.assert_array_equal(closest, squares.min(axis=1))
