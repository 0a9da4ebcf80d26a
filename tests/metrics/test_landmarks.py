"""Shapes of faces: what must not matter does not, and distances whose answer is known."""

import numpy as np
import pytest

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.landmarks import COMPONENTS, FaceShapes, aligned, spread
from interpretable_gan.metrics.quality.frechet import frechet_distance


def faces(count, seed=0):
    """Landmarks about a mean face that vary along forty directions, the first ones most."""
    rng = np.random.default_rng(12)
    mean, ways = rng.normal(size=(468, 2)), rng.normal(size=(40, 468, 2))
    mean[33], mean[263] = (-1, 0), (1, 0)
    weights = np.random.default_rng(seed).normal(size=(count, 40)) * 0.9 ** np.arange(40) / 20
    return mean + np.einsum("nk,kpd->npd", weights, ways)


def test_place_turn_and_size_of_a_face_do_not_matter():
    points, angle = faces(5), 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(aligned(3.5 * points @ turn.T + [8, -2]), aligned(points), atol=1e-9)
    mirrored = points * [-1, 1]
    assert np.abs(aligned(mirrored) - aligned(points)).max() > 0.1


def test_the_faces_it_was_fitted_on_have_mean_zero_and_variance_one():
    scores = FaceShapes.of(faces(300)).scores(faces(300))
    assert scores.shape == (300, COMPONENTS)
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(scores.T, bias=True), np.eye(COMPONENTS), atol=1e-9)
    assert spread(scores) == pytest.approx(0.96, abs=0.03)


def test_the_distance_of_known_points_is_known():
    shapes, points = FaceShapes.of(faces(300)), faces(300)
    scores = shapes.scores(points)
    # every deviation halved: the same mean, half the deviation, 20 components of (1 − ½)²
    assert frechet_distance(scores, scores / 2).value == pytest.approx(5 * 300 / 299)
    assert spread(scores / 2 + 3) == pytest.approx(spread(scores) / 2)  # wherever their mean is
    assert frechet_distance(scores, shapes.scores(points)).value == pytest.approx(0, abs=1e-9)
    # other faces of the same kind, as the first trial of this measure computed it
    assert frechet_distance(scores, shapes.scores(faces(300, seed=1))).value == pytest.approx(
        1.0199673
    )


@pytest.mark.parametrize(
    ("points", "said"),
    [
        pytest.param(np.zeros((4, 68, 2)), "expected", id="another mesh"),
        pytest.param(np.zeros((4, 468, 2)), "both eyes at one place", id="no face"),
        pytest.param(faces(20), "20 faces; more than 20", id="too few"),
        pytest.param(np.repeat(faces(1), 30, axis=0), "hardly differ", id="one face"),
    ],
)
def test_what_has_no_shape_is_refused(points, said):
    with pytest.raises(MetricError, match=said):
        FaceShapes.of(points)
