"""Portraits: exact attributes, each to be seen, each picture a function of seed and row."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from interpretable_gan.data import portraits
from interpretable_gan.data.portraits.canvas import Canvas, box, ellipse
from interpretable_gan.data.portraits.sampling import CORRELATION, FREQUENCY
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.progress import Status

SCHEMA = portraits.schema()
MOUTH = ("smiling", "mouth_open", "lipstick")


@pytest.fixture(scope="module")
def people():
    """Codes and styles of 64 sitters."""
    rng = np.random.default_rng(0)
    return portraits.sample_codes(64, rng), portraits.sample_styles(64, rng)


def extremes(name: str) -> list:
    """Values of an attribute that lie next to each other, or its two ends."""
    attribute = SCHEMA[name]
    if attribute.kind == "continuous":
        return list(attribute.range)
    return list(attribute.levels) or [0, 1]


def changed_pixels(people, name: str, before, after, size: int = 32) -> np.ndarray:
    """Largest channel difference (sitters, size, size) when one attribute changes."""
    codes, styles = people
    pictures = [
        portraits.draw(SCHEMA.replace(codes, {name: value}), styles, size).astype(int)
        for value in (before, after)
    ]
    return np.abs(pictures[1] - pictures[0]).max(axis=3)


def test_there_are_enough_attributes_of_every_kind():
    kinds = [attribute.kind for attribute in SCHEMA.attributes]
    assert len(kinds) >= 14
    assert set(kinds) == {"binary", "categorical", "continuous"}


def test_only_shifts_are_safe_where_sides_and_colours_have_names():
    assert SCHEMA.augmentations == ("translate",)


@pytest.mark.parametrize("name", SCHEMA.names)
def test_every_attribute_shows_on_everybody(people, name):
    values = extremes(name)
    for before, after in combinations(values, 2):
        strong = (changed_pixels(people, name, before, after) > 30).sum(axis=(1, 2))
        assert strong.min() >= 5, f"{before} → {after}: {strong.min()} pixels on one sitter"
        assert np.median(strong) >= 12


@pytest.mark.parametrize(
    ("name", "untouched"),
    [
        *(pytest.param(name, slice(0, 13), id=f"{name}, upper part") for name in MOUTH),
        pytest.param("beard", slice(0, 11), id="beard, upper part"),
        pytest.param("earrings", slice(0, 13), id="earrings, upper part"),
        pytest.param("eyeglasses", slice(22, 32), id="eyeglasses, lower third"),
        pytest.param("hat", slice(16, 32), id="hat, lower half"),
        pytest.param("bangs", slice(18, 32), id="bangs, lower part"),
    ],
)
def test_a_local_attribute_leaves_the_rest_of_the_picture_alone(people, name, untouched):
    changed = changed_pixels(people, name, 0, 1)
    assert changed.max() > 30
    assert changed[:, untouched].max() == 0


def test_hair_colour_leaves_the_backdrop_alone(people):
    changed = changed_pixels(people, "hair_color", "black", "blond")
    assert changed[:, :3, [0, 31]].max() == 0


def test_light_brightens_the_side_it_comes_from(people):
    codes, styles = people
    left, right = (
        portraits.draw(SCHEMA.replace(codes, {"light": side}), styles).mean(axis=(0, 1, 3))
        for side in (-1, 1)
    )
    assert (left - right)[8:14].min() > 10
    assert (right - left)[18:24].min() > 10


def test_half_a_pair_of_glasses_lies_between_none_and_all(people):
    codes, styles = people
    none, half, all_ = (
        portraits.draw(SCHEMA.replace(codes, {"eyeglasses": share}), styles).astype(int)
        for share in (0, 0.5, 1)
    )
    whole_way = np.abs(all_ - none).sum(axis=(1, 2, 3))
    assert (np.abs(half - none).sum(axis=(1, 2, 3)) < 0.7 * whole_way).all()
    assert (np.abs(half - all_).sum(axis=(1, 2, 3)) < 0.7 * whole_way).all()


def test_same_seed_same_pixels_and_another_seed_other_people():
    first, again, other = (portraits.dataset(count=20, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.images, again.images)
    assert first.checksum == again.checksum
    assert first.checksum != other.checksum
    assert not np.array_equal(first.codes, other.codes)


def test_a_larger_data_set_begins_with_the_smaller_one():
    small, large = portraits.dataset(count=30, size=16), portraits.dataset(count=1010, size=16)
    np.testing.assert_array_equal(small.images, large.images[:30])
    np.testing.assert_array_equal(small.codes, large.codes[:30])
    for split, rows in small.splits.items():
        assert set(rows) == {row for row in large.splits[split] if row < 30}
    assert not np.array_equal(large.images[:10], large.images[1000:]), "blocks repeat"


def test_a_portrait_does_not_depend_on_who_is_drawn_with_it(people):
    codes, styles = people
    together = portraits.draw(codes, styles)
    np.testing.assert_array_equal(together[17:18], portraits.draw(codes[17:18], styles[17:18]))
    many = portraits.draw(np.tile(codes, (5, 1)), np.tile(styles, (5, 1)))
    np.testing.assert_array_equal(many[-64:], together)


@pytest.mark.parametrize("size", [64, 128])
def test_a_larger_portrait_shows_the_same_face(people, size):
    codes, styles = people
    small = portraits.draw(codes, styles, 32).astype(float)
    shape = (len(codes), 32, size // 32, 32, size // 32, 3)
    shrunk = portraits.draw(codes, styles, size).reshape(shape).mean(axis=(2, 4))
    someone_else = np.abs(np.roll(small, 1, axis=0) - small).mean()
    assert np.abs(shrunk - small).mean() < 0.1 * someone_else


def test_splits_are_eighty_ten_ten_and_disjoint():
    data = portraits.dataset(count=200, size=8)
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 160,
        "validation": 20,
        "test": 20,
    }
    assert sorted(np.concatenate(list(data.splits.values()))) == list(range(200))
    assert data.known.all()


def test_progress_ends_at_the_count():
    seen = []
    portraits.dataset(count=1500, size=8, progress=seen.append)
    assert seen == [Status(done, 1500, "drawing portraits") for done in (0, 1000, 1500)]


def strengths(codes: np.ndarray) -> dict[str, np.ndarray]:
    """One number per row and attribute; levels count from 0 in the schema's order."""
    return {
        name: part.argmax(axis=1) if part.shape[1] > 1 else part[:, 0]
        for name, part in SCHEMA.unpack(codes).items()
    }


@pytest.mark.parametrize("correlated", [False, True])
def test_only_the_intended_attributes_go_together_and_only_when_asked(correlated):
    count = 20_000
    codes = portraits.sample_codes(count, np.random.default_rng(1), correlated=correlated)
    values = strengths(codes)
    for one, other in combinations(SCHEMA.names, 2):
        measured = np.corrcoef(values[one], values[other])[0, 1]
        hidden = CORRELATION.get((one, other), CORRELATION.get((other, one), 0.0))
        if correlated and hidden:
            assert measured * np.sign(hidden) > abs(hidden) / 3, (one, other)
            assert abs(measured) <= abs(hidden) + 0.02, (one, other)
        else:
            assert abs(measured) < 5 / np.sqrt(count), (one, other)


def test_correlated_sampling_is_as_rare_as_it_says_and_independent_sampling_is_even():
    rng = np.random.default_rng(2)
    even, rare = (
        SCHEMA.read(portraits.sample_codes(20_000, rng, correlated=correlated))
        for correlated in (False, True)
    )
    for name, frequency in FREQUENCY.items():
        assert even[name].mean() == pytest.approx(0.5, abs=0.02)
        assert rare[name].mean() == pytest.approx(frequency, abs=0.02)
    for name in ("hair_color", "hair_length"):
        _, counts = np.unique(rare[name], return_counts=True)
        assert counts.min() > 0.9 * 20_000 / SCHEMA[name].width
    assert rare["age"].min() < 21
    assert rare["age"].max() > 79


def test_painting_through_windows_cuts_nothing_off(people, monkeypatch):
    codes, styles = people
    styles = np.concatenate([styles, 9 * np.sign(styles)])  # the free variation at its ends, too
    codes = np.concatenate([codes, np.where(codes > 0, 1, -1)])
    through_windows = portraits.draw(codes, styles)
    monkeypatch.setattr(Canvas, "window", lambda canvas, *_: canvas)
    np.testing.assert_array_equal(through_windows, portraits.draw(codes, styles))


@pytest.mark.parametrize("size", [16, 32, 64])
def test_soft_edges_keep_the_area_of_a_shape(size):
    canvas = Canvas(size, 1)
    white = (1.0, 1.0, 1.0)
    disc = canvas.paint(ellipse(canvas.x - 0.03, canvas.y, 0.7, 0.4), white).sum()
    assert disc * canvas.pixel**2 == pytest.approx(np.pi * 0.7 * 0.4, rel=0.01)
    square = canvas.paint(box(canvas.x, canvas.y + 0.02, 0.5, 0.3), white).sum()
    assert square * canvas.pixel**2 == pytest.approx(4 * 0.5 * 0.3, rel=0.01)


def test_bad_requests_get_a_clear_sentence(people):
    codes, styles = people
    with pytest.raises(DataError, match=r"style of shape \(64, 20\), but got \(64, 3\)"):
        portraits.draw(codes, styles[:, :3])
    with pytest.raises(SchemaError, match="21 columns"):
        portraits.draw(codes[:, :5], styles)
    with pytest.raises(DataError, match="size of 8 or more"):
        portraits.draw(codes, styles, size=4)
    with pytest.raises(DataError, match="ask for 10 or more"):
        portraits.dataset(count=3)
