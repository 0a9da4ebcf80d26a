"""Path length on generators whose length is known, and interpolations at their edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.path_length import (
    lerp,
    named_path_length,
    path_length,
    slerp,
    slerp_unit,
)

STARTS, ENDS = np.random.default_rng(10).normal(size=(2, 200, 4))


def squared(a, b):
    return ((a - b) ** 2).sum(axis=1)


def identity(codes):
    return codes


def test_on_a_linear_generator_the_length_is_that_of_the_chord():
    result = path_length(lambda z: 3 * z, squared, STARTS, ENDS, trim=None)
    assert result.value == pytest.approx(9 * squared(STARTS, ENDS).mean(), rel=1e-6)
    assert result.interval[0] < result.value < result.interval[1]


def test_trimming_drops_jumps():
    def jumpy(codes):
        return np.where(np.arange(len(codes)) == 3, 1e6, 1.0)[:, None] * codes

    smooth = path_length(identity, squared, STARTS, ENDS)
    trimmed = path_length(jumpy, squared, STARTS, ENDS)
    assert trimmed.value == pytest.approx(smooth.value, rel=0.05)
    assert trimmed.breakdown["kept"] < 200
    assert path_length(jumpy, squared, STARTS, ENDS, trim=None).value > 1e9


def test_strict_projects_both_ends_to_the_sphere_where_the_reference_compares_strangers():
    settings = {"sampling": "end", "interpolation": "slerp_unit", "epsilon": 1e-3}
    strict = path_length(identity, squared, STARTS, ENDS, **settings)
    reference = path_length(identity, squared, STARTS, ENDS, mode="reference", **settings)
    assert strict.value < np.pi**2
    assert reference.value > 1e4


@given(t=st.floats(0, 1), seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_slerp_stays_on_the_sphere_at_a_steady_pace(t, seed):
    a, b = np.random.default_rng(seed).normal(size=(2, 5, 3))
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    point = slerp(a, b, t)
    assert np.linalg.norm(point, axis=1) == pytest.approx(np.ones(5))
    angle = np.arccos(np.clip((a * b).sum(axis=1), -1, 1))
    travelled = np.arccos(np.clip((a * point).sum(axis=1), -1, 1))
    assert travelled == pytest.approx(t * angle, abs=1e-6)


@pytest.mark.parametrize(
    "b",
    [
        pytest.param([[2.0, 0.0]], id="parallel"),
        pytest.param([[-1.0, 0.0]], id="opposite"),
        pytest.param([[0.0, 0.0]], id="zero"),
    ],
)
def test_slerp_falls_back_to_a_straight_line(b):
    a, b = np.array([[1.0, 0.0]]), np.array(b)
    np.testing.assert_allclose(slerp(a, b, 0.25), lerp(a, b, 0.25))


def test_the_unit_variant_leaves_the_origin_alone():
    zero = np.zeros((1, 3))
    np.testing.assert_array_equal(slerp_unit(zero, zero, 0.5), zero)


def test_a_jumpy_attribute_stands_out():
    def generator(codes):
        return np.stack([codes[:, 0], 20 * codes[:, 1]], axis=1)

    codes = np.random.default_rng(0).uniform(-1, 1, (100, 3))
    names = {"smooth": slice(0, 1), "jumpy": slice(1, 2), "dead": slice(2, 3)}
    result = named_path_length(generator, squared, codes, names)
    lengths = result.breakdown["per_attribute"]
    assert lengths["jumpy"] > 100 * lengths["smooth"] > 0
    assert lengths["dead"] == 0
    assert result.warnings == ("dead: no step changed the image: the path length is 0.",)
    assert result.value == pytest.approx(np.mean(list(lengths.values())))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ends": ENDS[:5]}, "one of each"),
        ({"epsilon": 0}, "above 0"),
        ({"interpolation": "cubic"}, "there is no interpolation"),
        ({"distance": lambda a, b: 1.0}, "expected (200,)"),
        ({"generate": lambda codes: codes * np.nan}, "NaN or infinite"),
    ],
)
def test_impossible_paths_are_refused(change, said):
    given = {"generate": identity, "distance": squared, "starts": STARTS, "ends": ENDS} | change
    with pytest.raises(MetricError) as refused:
        path_length(**given)
    assert said in str(refused.value)


def test_no_attribute_is_no_path():
    with pytest.raises(MetricError, match="no attribute was named"):
        named_path_length(identity, squared, STARTS, {})


def test_one_path_has_no_interval():
    assert path_length(identity, squared, STARTS[:1], ENDS[:1]).interval is None
