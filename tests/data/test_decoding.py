"""Every kind of image becomes the same kind of pixels, or is named for what it is."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from interpretable_gan.data import decoding
from interpretable_gan.data.decoding import Framing, Unusable, frame, open_header, open_image
from interpretable_gan.data.intake import PROBLEMS


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def huge_png(width, height):
    """A PNG that claims to be large and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b""))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


SOUND = {
    form: encoded(Image.effect_noise((12, 12), 50).convert("RGB"), form)
    for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")
}


@pytest.mark.parametrize("form", SOUND)
def test_common_formats_are_read(form):
    image = open_image(encoded(Image.new("RGB", (9, 9), (200, 100, 50)), form))
    pixels = frame(image, Framing(size=4))
    assert pixels.shape == (4, 4, 3)
    np.testing.assert_allclose(pixels[0, 0], (200, 100, 50), atol=6)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "empty file", id="zero bytes"),
        pytest.param(b"name,hat\na.jpg,1\n", "not an image", id="text"),
        pytest.param(encoded(Image.effect_noise((64, 64), 50))[:900], "truncated image", id="PNG"),
        pytest.param(
            encoded(Image.effect_noise((64, 64), 50), "JPEG")[:900], "truncated image", id="JPEG"
        ),
        pytest.param(huge_png(9000, 9000), "huge image", id="81 megapixels"),
        pytest.param(huge_png(60000, 60000), "huge image", id="3600 megapixels"),
    ],
)
def test_what_cannot_be_used_is_named(data, problem):
    with pytest.raises(Unusable, match=problem):
        open_image(data)


@pytest.mark.parametrize("form", SOUND)
def test_a_header_tells_the_mode_of_the_decoded_image(form):
    assert open_header(io.BytesIO(SOUND[form])).mode == open_image(SOUND[form]).mode


@pytest.mark.parametrize("form", SOUND)
@given(data=st.data())
def test_damaged_files_give_pixels_or_a_named_problem(form, data):
    damaged = bytearray(SOUND[form])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        pixels, problem = frame(open_image(bytes(damaged)), Framing(size=4)), None
    except Unusable as error:
        pixels, problem = None, str(error)
    assert problem in PROBLEMS if pixels is None else pixels.shape == (4, 4, 3)


def test_the_limit_is_on_pixels(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_PIXELS", 100)
    open_image(encoded(Image.new("L", (10, 10))))
    with pytest.raises(Unusable, match="huge image"):
        open_image(encoded(Image.new("L", (10, 11))))


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        pytest.param(Image.new("L", (8, 8), 90), (90, 90, 90), id="grey"),
        pytest.param(Image.new("1", (8, 8), 1), (255, 255, 255), id="black and white"),
        pytest.param(Image.new("RGBA", (8, 8), (9, 8, 7, 255)), (9, 8, 7), id="opaque"),
        pytest.param(Image.new("RGBA", (8, 8), (9, 8, 7, 0)), (255, 255, 255), id="transparent"),
        pytest.param(Image.new("RGB", (8, 8), (255, 0, 0)).convert("P"), (255, 0, 0), id="palette"),
        pytest.param(
            Image.new("CMYK", (8, 8), (0, 255, 255, 0)), (255, 0, 0), id="printing colours"
        ),
        pytest.param(
            Image.fromarray(np.full((8, 8), 90 * 256, np.uint16)), (90, 90, 90), id="16 bits"
        ),
    ],
)
def test_other_modes_keep_their_colours(image, colour):
    pixels = frame(image, Framing(size=4))
    assert pixels.reshape(-1, 3).tolist() == [list(colour)] * 16


def test_grey_framing_has_one_channel():
    assert frame(Image.new("RGB", (8, 8), "white"), Framing(4, channels=1)).tolist() == (
        np.full((4, 4, 1), 255).tolist()
    )


def test_floating_point_images_have_no_known_range():
    with pytest.raises(Unusable, match="not an image"):
        frame(Image.new("F", (8, 8)), Framing(4))


def test_the_centre_is_kept_and_nothing_beside_it_bleeds_in():
    pixels = np.zeros((218, 178, 3), np.uint8)
    pixels[20:198] = 200
    assert frame(Image.fromarray(pixels), Framing(32, crop=178)).min() == 200


def test_a_crop_larger_than_the_image_takes_what_there_is():
    assert frame(Image.new("RGB", (89, 109)), Framing(32, crop=178)).shape == (32, 32, 3)


def test_shrinking_averages_fine_patterns():
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255
    shrunk = frame(Image.fromarray(stripes), Framing(8, channels=1))
    np.testing.assert_allclose(shrunk, 127, atol=6)


def test_photographs_are_turned_upright():
    image = Image.fromarray(np.repeat([[[255], [0]]], 3, axis=2).astype(np.uint8))  # white, black
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    upright = open_image(encoded(image, "PNG", exif=exif))
    assert upright.size == (1, 2)
    assert np.asarray(upright)[:, 0, 0].tolist() == [255, 0]
