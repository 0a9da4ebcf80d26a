"""A face lies after alignment where training images have it, wherever it lay in the photo."""

import cmath

import numpy as np
import pytest
from PIL import Image, ImageDraw

from interpretable_gan.data.alignment import CELEBA_EYES, Points, aligned
from interpretable_gan.data.decoding import Framing, Picture, Unusable, frame

FRAMING = Framing(64)


def dots(width, height, points, radius):
    """A grey picture with a red dot at the first point and a blue one at the second."""
    image = Image.new("RGB", (width, height), "grey")
    for (x, y), colour in zip(points, ("red", "blue"), strict=True):
        ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    return Picture(image, image.size)


def places(pixels):
    """Where red and blue are, (across, down) in shares of the side."""
    for strong, weak in ((0, 2), (2, 0)):
        weight = (pixels[..., strong].astype(float) - pixels[..., weak] - 60).clip(0)
        down, across = np.mgrid[: len(pixels), : len(pixels)] + 0.5
        yield [(weight * at).sum() / weight.sum() / len(pixels) for at in (across, down)]


@pytest.mark.parametrize("degrees", [0, 25, 170])
@pytest.mark.parametrize("apart", [30, 60, 300])
def test_eyes_lie_where_training_images_have_them(degrees, apart):
    towards = cmath.rect(apart, np.deg2rad(degrees))
    left, right = 500 + 450j - towards / 2, 500 + 450j + towards / 2
    eyes = Points((left.real, left.imag), (right.real, right.imag))
    face = aligned(dots(1000, 900, eyes, apart / 8), eyes, CELEBA_EYES, FRAMING)
    found = list(places(frame(face, FRAMING)))
    np.testing.assert_allclose(found, CELEBA_EYES, atol=0.25 / 64)


def test_a_picture_aligned_to_where_its_points_are_stays_as_it_is():
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8).repeat(16, axis=0)
    image = Image.fromarray(noise.repeat(16, axis=1))
    points, onto = Points((64, 128), (192, 128)), Points((0.25, 0.5), (0.75, 0.5))
    face = frame(aligned(Picture(image, image.size), points, onto, FRAMING), FRAMING)
    np.testing.assert_allclose(face, frame(image, FRAMING).astype(float), atol=1)


def test_a_reduced_decoding_counts_the_pixels_of_the_file():
    eyes = Points((400, 300), (600, 300))
    whole = dots(1000, 900, eyes, 30)
    reduced = Picture(whole.image.resize((250, 225)), whole.size)
    one, other = (
        frame(aligned(each, eyes, CELEBA_EYES, FRAMING), FRAMING) for each in (whole, reduced)
    )
    assert np.abs(one.astype(int) - other).mean() < 1


def test_beyond_the_picture_its_edge_goes_on():
    eyes = Points((90, 60), (130, 60))
    picture = dots(200, 120, eyes, 4)
    face = frame(aligned(picture, eyes, CELEBA_EYES, FRAMING), FRAMING)
    assert (np.abs(face[-1].astype(int) - 128) <= 1).all()


@pytest.mark.parametrize(
    ("eyes", "problem"),
    [
        (Points((90, 60), (210, 60)), "eyes outside of the image"),
        (Points((90, 60), (90, 60)), "eyes at one place"),
        (Points((0, 0), (199, 0)), "face too near the edge"),
    ],
)
def test_eyes_that_make_no_face_are_named(eyes, problem):
    picture = Picture(Image.new("RGB", (200, 120)), (200, 120))
    with pytest.raises(Unusable, match=problem):
        aligned(picture, eyes, CELEBA_EYES, FRAMING)
