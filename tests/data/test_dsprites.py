"""What follows from the published definition of dSprites holds of what is drawn."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest

from interpretable_gan.data.dsprites import (
    AREA,
    HEART_AREA,
    SHAPES,
    SIDE,
    SIZES,
    VARIANTS,
    DrawnSprites,
    dataset,
)
from interpretable_gan.data.open import open_dataset
from interpretable_gan.errors import DataError

MIDDLE = (16, 16)


@pytest.fixture(scope="module")
def data():
    return open_dataset("dsprites", size=64)


def numbers(shape=slice(None), scale=5, orientation=0, place=MIDDLE):
    """Rows of some factors by their numbers."""
    rows = np.arange(math.prod(SIZES)).reshape(SIZES)
    return np.atleast_1d(rows[(shape, scale, orientation, *place)]).ravel()


def sprites(**factors):
    """Share of each pixel that is covered."""
    return DrawnSprites("dsprites", 64, 0)[numbers(**factors)][..., 0] / 255


def test_there_is_one_image_of_each_combination_in_the_published_order(data):
    assert len(data) == 737_280 == 3 * 6 * 40 * 32 * 32
    values = data.schema.read(data.codes)
    assert [len(np.unique(each)) for each in values.values()] == [3, 6, 40, 32, 32]
    found = [np.unique(each, return_inverse=True)[1] for each in list(values.values())[1:]]
    found.insert(0, [SHAPES.index(each) for each in values["shape"]])
    assert (np.ravel_multi_index(found, SIZES) == np.arange(len(data))).all()
    first = {name: column[0] for name, column in values.items()}
    assert first["shape"] == "square"
    assert [first[name] for name in data.schema.names[1:]] == pytest.approx([0.5, 0, 0, 0])
    steps = {"position_y": 1, "position_x": 32, "orientation": 1024, "scale": 40_960}
    for name, step in steps.items():
        assert values[name][step] > values[name][0]
        assert values[name][step - 1] >= values[name][0]
    assert [values["shape"][row] for row in (245_759, 245_760, 491_520)] == [
        "square",
        "ellipse",
        "heart",
    ]
    assert sum(map(len, data.splits.values())) == len(data)


def test_images_are_white_on_black_and_inside(data):
    rng = np.random.default_rng(0)
    some = data.images[np.sort(rng.choice(len(data), 300, replace=False))]
    assert some.shape == (300, 64, 64, 1)
    assert set(np.unique(some)) == {0, 255}
    share = some.mean() / 255
    assert share == pytest.approx(0.043, abs=0.003)
    for corner in ((0, 0), (31, 31)):  # nothing is cut off
        areas = sprites(orientation=slice(None), place=corner).sum(axis=(1, 2))
        np.testing.assert_allclose(areas, AREA, rtol=0.1)


def test_area_is_in_proportion_to_scale_squared():
    for shape in range(len(SHAPES)):
        areas = [
            sprites(shape=shape, scale=scale, orientation=slice(None)).sum(axis=(1, 2)).mean()
            for scale in range(6)
        ]
        wanted = AREA * np.linspace(0.5, 1, 6) ** 2
        np.testing.assert_allclose(areas, wanted, rtol=0.02)


def test_the_area_of_the_heart_is_that_of_its_curve():
    x, y = np.meshgrid(*[np.linspace(-1.5, 1.5, 801)] * 2)
    inside = (x**2 + y**2 - 1) ** 3 <= x**2 * y**3
    assert inside.sum() * (3 / 800) ** 2 == pytest.approx(HEART_AREA, rel=1e-3)


def test_shapes_have_their_symmetries():
    upright = {name: sprites(shape=number)[0] for number, name in enumerate(SHAPES)}
    centre = (13 + 38 * 16 / 31) - 0.5  # in pixel numbers
    for name, image in upright.items():
        y, x = np.nonzero(image)
        assert x.mean() == pytest.approx(centre, abs=0.3), name
        width, height = np.ptp(x) + 1, np.ptp(y) + 1
        if name == "square":
            assert width == height
            assert image.sum() == width * height
        if name == "ellipse":
            assert width / height == pytest.approx(1.5, abs=0.1)
            assert y.mean() == pytest.approx(centre, abs=0.3)
        if name == "heart":
            top, bottom = np.unique(y, return_counts=True)[1][[1, -2]]
            assert top > bottom  # a tip below
    turned = sprites(orientation=39)
    np.testing.assert_array_equal(turned, np.stack(list(upright.values())))  # 2π is 0


def test_a_step_of_position_moves_the_sprite_and_nothing_else():
    for axis, place in ((2, (slice(None), 16)), (1, (16, slice(None)))):
        moved = sprites(shape=2, place=place)
        lines = np.arange(64)
        centres = [(image.sum(axis=2 - axis) * lines).sum() / image.sum() for image in moved]
        np.testing.assert_allclose(np.diff(centres), 38 / 31, atol=0.35)
        assert centres[-1] - centres[0] == pytest.approx(38, abs=0.5)
        assert all((a != b).any() for a, b in itertools.pairwise(moved))


def test_orientation_turns_clockwise_about_the_centre():
    """A quarter turn lies between numbers 9 and 10 of 39."""
    heart = sprites(shape=2, orientation=slice(None))
    tips = [np.nonzero(heart[number]) for number in (0, 10, 20, 29)]
    skew = [
        (x.mean() - (x.max() + x.min()) / 2, y.mean() - (y.max() + y.min()) / 2) for y, x in tips
    ]
    assert skew[0][1] < 0 < skew[2][1]  # more mass above, then below
    assert skew[1][0] > 0 > skew[3][0]  # a clockwise turn takes what was above to the right


@pytest.mark.parametrize("size", [16, 32, 128])
def test_other_sizes_show_the_same(size):
    rows = numbers(orientation=slice(None, None, 7))
    fine = DrawnSprites("dsprites", SIDE, 0)[rows].mean(axis=(1, 2, 3))
    here = DrawnSprites("dsprites", size, 0)[rows]
    assert here.shape == (len(rows), size, size, 1)
    np.testing.assert_allclose(here.mean(axis=(1, 2, 3)), fine, rtol=0.03)


def test_variants_have_chance_that_belongs_to_the_row():
    for variant in VARIANTS:
        images = DrawnSprites(variant, 64, 3)
        np.testing.assert_array_equal(images[[5, 700_000]][1], images[700_000])
        other = DrawnSprites(variant, 64, 4)[700_000]
        assert (variant == "dsprites") == bool((images[700_000] == other).all())
    white, colour, noisy = (DrawnSprites(each, 64, 0)[700_000] for each in VARIANTS)
    inside = white[..., 0] == 255
    assert (colour[inside] >= 127).all()
    assert not colour[~inside].any()
    assert (noisy[inside] == 255).all()
    assert noisy[~inside].mean() == pytest.approx(127, abs=3)


def test_nothing_is_stored(data):
    tracemalloc.start()
    images, code, known = data.batch(data.rows("train")[:32])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert images.shape == (32, 1, 64, 64)
    assert images.abs().max() == 1
    assert known.all()
    assert code.shape == (32, 7)
    assert peak < 50e6  # all images are three gigabytes


def test_a_size_that_is_not_drawn_is_refused():
    with pytest.raises(DataError, match="16, 32, 64 or 128 pixels, not 48"):
        dataset(size=48)
