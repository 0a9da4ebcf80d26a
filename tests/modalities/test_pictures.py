"""Grids and strips look as they should, and are written whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from interpretable_gan.errors import DataError
from interpretable_gan.modalities.pictures import (
    LINE,
    MARGIN,
    TITLE,
    Row,
    compose,
    save_grid,
    to_pixels,
)


def tile(value, size=4):
    return np.full((size, size, 3), value, np.uint8)


def test_black_is_minus_one_and_white_is_one():
    images = torch.tensor([-1.0, 0.0, 1.0, 9.0]).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    assert to_pixels(images)[:, 0, 0, 0].tolist() == [0, 128, 255, 255]


def test_a_grid_has_every_image_in_reading_order(tmp_path):
    tiles = np.stack([tile(40 * i) for i in range(5)])
    path = save_grid(tiles, tmp_path / "deep" / "grid.png", columns=2, scale=3)
    with Image.open(path) as opened:
        picture = np.asarray(opened)
    found = [
        picture[MARGIN + 5 + row * 14, MARGIN + 5 + column * 14, 0].item()
        for row in range(3)
        for column in range(2)
    ]
    assert found == [0, 40, 80, 120, 160, 255]


def test_captions_and_labels_leave_ink_only_where_they_belong():
    plain = compose([Row(np.stack([tile(255)] * 2))], scale=12)
    captioned = compose([Row(np.stack([tile(255)] * 2), "smiling", ["off", "on"])], scale=12)
    assert np.asarray(plain).min() == 255
    ink = np.argwhere(np.asarray(captioned)[..., 0] < 128)
    assert len(ink) > 50
    assert captioned.width > plain.width
    assert captioned.height > plain.height
    side = 4 * 12
    tiles = np.asarray(captioned)[-MARGIN - side : -MARGIN, -MARGIN - 2 * side - 2 :]
    assert tiles.min() == 255


def test_a_label_wider_than_its_tile_is_shortened():
    long = compose([Row(tile(255)[None], labels=["a very long label indeed"])], scale=8)
    beside = np.asarray(long)[:, : MARGIN - 1]
    assert beside.min() == 255


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        pytest.param("on", 1, id="short"),
        pytest.param("segmented-multilobed", 2, id="wrapped at a hyphen"),
        pytest.param("nuclear_cytoplasmic_ratio\n+0.02", 2, id="two lines of its own"),
        pytest.param("unbreakable" * 3, 1, id="nowhere to break"),
    ],
)
def test_a_label_has_two_lines_where_it_needs_them(label, lines):
    def height(*labels):
        return compose([Row(tile(255)[None], labels=labels)], scale=24).height

    assert height(label) - height() == lines * LINE


def test_a_break_keeps_what_stands_behind_a_name_too_long_for_its_tile():
    def ink(label):
        return np.asarray(compose([Row(tile(255)[None], labels=[label])], scale=24))

    assert (
        ink("nuclear_cytoplasmic_ratio\n+0.02") != ink("nuclear_cytoplasmic_ratio\n+0.03")
    ).any()


def test_a_title_stands_above_the_labels_of_its_row():
    def picture(title):
        return compose([Row(tile(255)[None], labels=["off"], title=title)], scale=24)

    titled, plain = picture("smiling"), picture("")
    assert titled.height - plain.height == TITLE
    assert np.asarray(titled)[: MARGIN + TITLE].min() < 128
    np.testing.assert_array_equal(
        np.asarray(titled)[MARGIN + TITLE :, :], np.asarray(plain)[MARGIN:, :]
    )


def test_grey_images_are_shown_too():
    assert compose([Row(np.zeros((1, 4, 4, 1), np.uint8))]).getpixel((MARGIN + 1, MARGIN + 1)) == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "at least one image"),
        ([Row(tile(0)[None], labels=["off", "on"])], "1 images in a row have 2 labels"),
    ],
)
def test_what_cannot_be_drawn_is_refused(rows, says):
    with pytest.raises(DataError, match=says):
        compose(rows)


def test_row_captions_must_fit(tmp_path):
    with pytest.raises(DataError, match="2 rows of images have 1 captions"):
        save_grid(np.stack([tile(0)] * 4), tmp_path / "x.png", columns=2, row_captions=["one"])


def test_a_failed_save_leaves_the_old_picture(tmp_path, monkeypatch):
    path = save_grid(tile(0)[None], tmp_path / "x.png", columns=1)
    before = path.read_bytes()

    def full_disk(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_grid(tile(255)[None], path, columns=1)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "kind"), [("x.png", "PNG"), ("x.JPG", "JPEG"), ("x.webp", "WEBP")]
)
def test_a_picture_has_the_format_of_its_name(tmp_path, name, kind):
    with Image.open(save_grid(tile(40)[None], tmp_path / name, columns=1)) as picture:
        assert picture.format == kind


@pytest.mark.parametrize("name", ["x", "x.pgn", "x.html"])
def test_a_name_of_no_picture_is_refused(tmp_path, name):
    with pytest.raises(DataError, match=r"is no name of a picture: end it in \.png"):
        save_grid(tile(40)[None], tmp_path / name, columns=1)
    assert not list(tmp_path.iterdir())
