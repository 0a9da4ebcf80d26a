"""The Fréchet distance is exact, also where covariances are singular, and named for what it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.quality.frechet import (
    Moments,
    frechet_distance,
    frechet_infinity,
)

REAL = np.random.default_rng(3).normal(size=(60, 5)) @ np.random.default_rng(4).normal(size=(5, 5))
FAKE = np.random.default_rng(5).normal(0.5, 1.5, size=(80, 5))


def test_two_gaussians_on_a_line_have_the_distance_of_the_formula():
    real, fake = np.array([[-1.0], [1.0]]), np.array([[2.0], [8.0]])
    # means 0 and 5, standard deviations √2 and √18
    expected = 25 + (np.sqrt(2) - np.sqrt(18)) ** 2
    assert frechet_distance(real, fake).value == pytest.approx(expected, rel=1e-12)


@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
@settings(max_examples=15, deadline=None)
def test_order_rotation_and_shift_change_nothing_and_scale_squares(seed, scale):
    generator = np.random.default_rng(seed)
    rotation = ortho_group.rvs(5, random_state=seed)
    value = frechet_distance(REAL, FAKE).value
    shuffled = frechet_distance(generator.permutation(REAL), generator.permutation(FAKE)).value
    turned = frechet_distance(REAL @ rotation + 7, FAKE @ rotation + 7).value
    assert shuffled == pytest.approx(value, rel=1e-9)
    assert turned == pytest.approx(value, rel=1e-9)
    assert frechet_distance(FAKE, REAL).value == pytest.approx(value, rel=1e-9)
    assert frechet_distance(REAL * scale, FAKE * scale).value == pytest.approx(
        value * scale**2, rel=1e-9
    )


def test_equal_sets_are_at_distance_zero_and_never_below():
    assert 0 <= frechet_distance(REAL, REAL).value < 1e-9
    assert 0 <= frechet_distance(Moments.of(REAL), Moments.of(REAL)).value < 1e-9


def test_moments_and_rows_agree_on_singular_covariances(rng):
    real, fake = rng.normal(size=(30, 2)), rng.normal(size=(30, 2)) * 2
    lift = rng.normal(size=(2, 40))
    from_rows = frechet_distance(real @ lift, fake @ lift)  # 30 rows, 40 columns, rank 2
    from_moments = frechet_distance(Moments.of(real @ lift), Moments.of(fake @ lift))
    assert from_rows.value == pytest.approx(from_moments.value, rel=1e-9)
    assert "rank deficient" in from_rows.warnings[0]
    assert from_rows.interval is None


def test_moments_far_from_zero_lose_no_digits():
    far = Moments.of(REAL[:20] + 1e7)
    far.merge(Moments.of(REAL[20:] + 1e7))
    assert far.covariance == pytest.approx(np.cov(REAL.T), rel=1e-6)
    far.reset()
    assert far.rows == 0
    far.merge(Moments.of(REAL))
    far.merge(Moments())
    assert far.rows == len(REAL)


def test_moments_of_other_columns_are_refused():
    with pytest.raises(MetricError, match="5 and 3 columns"):
        Moments.of(REAL).merge(Moments.of(REAL[:, :3]))
    with pytest.raises(MetricError, match="same extractor"):
        frechet_distance(REAL, FAKE[:, :3])


def test_collapse_to_one_image_and_uneven_sizes_are_told():
    result = frechet_distance(REAL, np.ones((50, 5)))
    assert result.value == pytest.approx(
        ((REAL.mean(axis=0) - 1) ** 2).sum() + np.cov(REAL.T).trace(), rel=1e-9
    )
    assert any("all rows of a side are equal" in warning for warning in result.warnings)
    assert any("50 generated rows" in warning for warning in result.warnings)


def test_only_inception_features_make_it_a_fid():
    own = FeatureExtractor("own", "0", lambda x: x)
    inception = FeatureExtractor("inception", "0", lambda x: x, published="FID")
    assert frechet_distance(REAL, FAKE, extractor=own).metric == "frechet_distance"
    named = frechet_distance(REAL, FAKE, extractor=inception)
    assert named.metric == "fid"
    assert any("unreliable below 2048" in warning for warning in named.warnings)
    assert named.parameters["extractor"] == {
        "name": "inception",
        "checksum": "0",
        "resize": "bicubic, antialias, 96x96",
        "value_range": [-1.0, 1.0],
    }


def test_the_interval_covers_the_truth_where_bias_is_small():
    covered = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        real, fake = generator.normal(size=(600, 2)), generator.normal(1, 2, size=(600, 2))
        low, high = frechet_distance(real, fake).interval
        covered += low <= 4 <= high  # |(1, 1)|² + 2·(2 − 1)²
    assert 90 <= covered <= 99


def test_infinity_takes_the_bias_of_small_samples_off():
    generator = np.random.default_rng(0)
    real, fake = generator.normal(size=(2000, 16)), generator.normal(size=(400, 16))
    plain, endless = frechet_distance(real, fake).value, frechet_infinity(real, fake)
    assert abs(endless.value) < plain / 3  # the truth is 0
    assert endless.breakdown["slope"] > 0
    assert endless.breakdown["sizes"][0] == 40
    assert endless.breakdown["sizes"][-1] == 400
    with pytest.raises(MetricError, match="at least 4"):
        frechet_infinity(real, fake[:2])


@pytest.mark.parametrize("columns", [4, 40])
def test_the_last_of_infinitys_samples_is_the_whole_set(columns):
    """With more and with fewer features than rows, which are computed in two ways."""
    real, fake = np.random.default_rng(0).normal(size=(2, 30, columns))
    last = frechet_infinity(real, fake).breakdown["distances"][-1]
    assert last == pytest.approx(frechet_distance(real, fake).value, rel=1e-9)
