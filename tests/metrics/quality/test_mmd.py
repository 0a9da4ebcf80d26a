"""Maximum mean discrepancy by hand, its estimators and its kernels."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality import neighbours
from interpretable_gan.metrics.quality.mmd import mmd

REAL = np.random.default_rng(9).normal(size=(40, 3))
FAKE = np.random.default_rng(10).normal(0.4, 1, size=(30, 3))


@pytest.mark.parametrize("block", [1024, 7])
@pytest.mark.parametrize(
    ("kernel", "function"),
    [
        ("polynomial", lambda a, b: polynomial_kernel(a, b, degree=3, coef0=1)),
        ("gaussian", lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * 4.0))),
    ],
)
def test_sets_of_unequal_size_follow_the_definition(kernel, function, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    xx, yy, xy = function(REAL, REAL), function(FAKE, FAKE), function(REAL, FAKE)
    unbiased = (xx.sum() - np.trace(xx)) / 1560 + (yy.sum() - np.trace(yy)) / 870 - 2 * xy.mean()
    biased = xx.mean() + yy.mean() - 2 * xy.mean()
    for estimator, expected in (("unbiased", unbiased), ("biased", biased)):
        got = mmd(REAL, FAKE, kernel=kernel, estimator=estimator, sigma=2.0).value
        assert got == pytest.approx(expected, rel=1e-9)


def test_the_strict_width_is_the_median_distance_so_scale_plays_no_part():
    small, large = mmd(REAL, FAKE, kernel="gaussian"), mmd(REAL * 50, FAKE * 50, kernel="gaussian")
    assert large.parameters["sigma"] == pytest.approx(50 * small.parameters["sigma"])
    assert large.value == pytest.approx(small.value, rel=1e-9)
    assert mmd(REAL, FAKE, kernel="gaussian", mode="reference").parameters["sigma"] == 10


def test_equal_rows_have_a_width_all_the_same():
    result = mmd(np.ones((5, 2)), np.ones((5, 2)), kernel="gaussian")
    assert result.value == 0
    assert "sigma is 1" in result.warnings[0]


def test_u_statistic_pairs_rows_one_to_one():
    with pytest.raises(MetricError, match="40 real and 30 generated"):
        mmd(REAL, FAKE, estimator="u-statistic")
    assert mmd(REAL, REAL, estimator="u-statistic").value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "settings", [{"kernel": "cosine"}, {"estimator": "best"}, {"kernel": "gaussian", "sigma": -1}]
)
def test_unknown_settings_are_refused(settings):
    with pytest.raises(MetricError, match=r"there is no|above 0"):
        mmd(REAL, FAKE, **settings)


def test_only_the_biased_estimator_has_no_chance_level():
    assert mmd(REAL, FAKE).chance == 0
    assert mmd(REAL, FAKE, estimator="biased").chance is None
