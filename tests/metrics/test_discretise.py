"""Bins by hand."""

from __future__ import annotations

import numpy as np

from interpretable_gan.metrics.discretise import discretise, squeezed


def test_bins_are_left_closed_and_hold_the_maximum():
    x = np.array([[0.0], [0.24], [0.25], [0.5], [0.99], [1.0]])
    np.testing.assert_array_equal(discretise(x, 4)[:, 0], [1, 1, 2, 3, 4, 4])


def test_values_on_an_edge_are_compared_with_the_edge():
    """The fourth edge is 0.30000000000000004: 0.3 lies below it, though 0.3 / 0.1 rounds to 3."""
    x = np.array([[0.0], [0.3], [1.0]])
    np.testing.assert_array_equal(discretise(x, 10)[:, 0], [1, 3, 10])


def test_a_constant_column_is_one_bin():
    assert len(np.unique(discretise(np.ones((5, 1)), 20))) == 1


def test_one_outlier_squeezes_bins_of_equal_width_not_quantile_bins():
    x = np.append(np.linspace(0, 1, 999), 1e6)[:, None]
    assert squeezed(discretise(x, 20)[:, 0], 20) == (2, True)
    occupied, narrow = squeezed(discretise(x, 20, "quantile")[:, 0], 20)
    assert occupied == 20
    assert not narrow


def test_quantile_bins_keep_ties_together():
    x = np.repeat([0.0, 1.0, 2.0], [80, 10, 10])[:, None]
    bins = discretise(x, 20, "quantile")[:, 0]
    assert len(np.unique(bins[:80])) == 1
