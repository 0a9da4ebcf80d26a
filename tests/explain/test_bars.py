"""Bars are as long as their numbers, and a line across each reaches from end to end."""

import numpy as np
import pytest

from interpretable_gan.explain.bars import REACH, ROW, bar_picture, stacked

ORANGE, BLUE = (230, 97, 1), (23, 87, 178)


def row(picture, number, title=False):
    """Pixels along the middle of a bar, and just above it."""
    pixels, top = np.asarray(picture).astype(int), 12 + ROW * (number + title) + ROW // 2
    return pixels[top], pixels[top - 6]


def where(line, colour):
    return np.flatnonzero((line == colour).all(axis=-1))


@pytest.mark.parametrize(("value", "length"), [(2.0, REACH), (1.0, REACH // 2), (0.5, REACH // 4)])
def test_bars_share_one_scale(value, length):
    _, above = row(bar_picture({"longest": 2.0, "other": value}), 1)
    assert len(where(above, ORANGE)) == pytest.approx(length, abs=1)


def test_what_is_against_goes_to_the_left_in_another_colour():
    picture = bar_picture({"for": 1.0, "against": -1.0})
    (_, up), (_, down) = row(picture, 0), row(picture, 1)
    assert where(down, BLUE).max() < where(up, ORANGE).min()
    assert len(where(down, BLUE)) == pytest.approx(len(where(up, ORANGE)), abs=1)
    assert not len(where(up, BLUE)) + len(where(down, ORANGE))


def test_numbers_that_are_never_negative_take_half_the_room():
    values = {"some": 1.0, "few": 0.5}
    signed = bar_picture(values | {"few": -0.5})
    assert bar_picture(values).width < signed.width - REACH


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_reaches_from_end_to_end_and_the_number_stands_beyond(sign):
    values, title = {"wide": sign * 1.0}, "with its interval"
    ends = {"wide": (sign * 0.5, sign * 2.0)}
    picture = bar_picture(values, ends, title=title)
    middle, above = row(picture, 0, title=True)
    bar = where(above, ORANGE if sign > 0 else BLUE)
    line = where(middle, (0, 0, 0))
    beyond = line[line > bar.max()] if sign > 0 else line[line < bar.min()]
    assert len(bar) == pytest.approx(REACH // 2, abs=1)
    run = np.split(beyond, np.flatnonzero(np.diff(beyond) > 1) + 1)[0 if sign > 0 else -1]
    assert len(run) == pytest.approx(REACH // 2, abs=2)
    letters = np.asarray(picture)[12 + ROW + 6 : 12 + ROW + 11, run].min()  # above the line
    assert letters == 255


def test_a_long_title_is_not_cut():
    short, long = (bar_picture({"one": 1.0}, title=title) for title in ("", "word " * 30))
    assert long.width > 2 * short.width
    assert long.height == short.height + ROW


def test_pictures_are_stacked_without_overlap():
    first, second = bar_picture({"one": 1.0}), bar_picture({"one": -1.0, "two": 2.0})
    sheet = stacked([first, second])
    assert sheet.size == (second.width, first.height + second.height)
    below = np.asarray(sheet)[first.height :, : second.width]
    assert np.array_equal(below, np.asarray(second))
