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
from interpretable_gan.data.decoding import (
    Framing,
    Unusable,
    frame,
    open_header,
    open_picture,
    pillow_warnings,
)
from interpretable_gan.data.intake import PROBLEMS


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def huge_png(width, height):
    """A PNG that claims to be large and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(b"")))


def png(*chunks):
    """A PNG of these chunks, kind and content."""
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
    image = open_picture(encoded(Image.new("RGB", (9, 9), (200, 100, 50)), form)).image
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
        open_picture(data)


@pytest.mark.parametrize("form", SOUND)
def test_a_header_tells_the_mode_of_the_decoded_image(form):
    assert open_header(io.BytesIO(SOUND[form])).mode == open_picture(SOUND[form]).image.mode


@pytest.mark.parametrize("form", SOUND)
@given(data=st.data())
def test_damaged_files_give_pixels_or_a_named_problem(form, data):
    damaged = bytearray(SOUND[form])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        pixels, problem = frame(open_picture(bytes(damaged)).image, Framing(size=4)), None
    except Unusable as error:
        pixels, problem = None, str(error)
    assert problem in PROBLEMS if pixels is None else pixels.shape == (4, 4, 3)


def test_the_limit_is_on_pixels(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_PIXELS", 100)
    open_picture(encoded(Image.new("L", (10, 10))))
    with pytest.raises(Unusable, match="huge image"):
        open_picture(encoded(Image.new("L", (10, 11))))


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


@pytest.mark.parametrize(
    ("image", "shade"),
    [
        pytest.param(Image.new("F", (8, 8), 0.5), 128, id="unit range"),
        pytest.param(Image.fromarray(np.full((8, 8), 4080, np.uint16)), 254, id="12 bits"),
        pytest.param(Image.fromarray(np.full((8, 8), 65535, np.uint16)), 255, id="16 bits"),
        pytest.param(Image.fromarray(np.full((8, 8), 90, np.uint16)), 90, id="8 bits in 16"),
        pytest.param(Image.fromarray(np.full((8, 8), 2**20 - 1, np.int32)), 255, id="20 bits"),
        pytest.param(Image.fromarray(np.full((8, 8), -7, np.int32)), 0, id="negative"),
    ],
)
def test_one_image_of_more_than_eight_bits_goes_by_its_own_range(image, shade):
    assert frame(image, Framing(4, channels=1)).tolist() == np.full((4, 4, 1), shade).tolist()


def test_sixteen_bits_of_either_byte_order_are_read():
    pixels = np.full((8, 8), 30000)
    for order in ("<u2", ">u2"):
        data = encoded(Image.fromarray(pixels.astype(order)), "TIFF")
        shades = frame(open_picture(data).image, Framing(4, values=(0, 65535)))
        assert shades.max() == shades.min() == 117


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_named(value):
    with pytest.raises(Unusable, match="values not finite"):
        frame(Image.new("F", (8, 8), value), Framing(4))


def test_colours_that_have_no_conversion_are_named():
    with pytest.raises(Unusable, match="unknown colours"):
        frame(Image.new("La", (8, 8)), Framing(4))


def keyed(mode, colour, key):
    """An image in which one colour is declared transparent, as PNG stores it."""
    return open_picture(encoded(Image.new(mode, (8, 8), colour), transparency=key)).image


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(keyed("RGB", (9, 8, 7), (9, 8, 7)), id="RGB"),
        pytest.param(keyed("L", 9, 9), id="grey"),
        pytest.param(keyed("1", 0, 0), id="black and white"),
        pytest.param(keyed("P", 0, 0), id="palette"),
        pytest.param(Image.new("LA", (8, 8), (9, 0)), id="grey with alpha"),
        pytest.param(Image.new("RGBA", (8, 8), (9, 8, 7, 0)), id="alpha"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_transparent_is_white_however_it_is_stored(image, channels):
    assert frame(image, Framing(4, channels=channels)).min() == 255


def test_colours_of_sixteen_bits_are_told():
    body = zlib.compress(b"".join(b"\0" + b"\x80\0\x40\0\x20\0" * 4 for _ in range(4)))
    data = png((b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)), (b"IDAT", body))
    picture = open_picture(data)
    assert picture.notes == ("colour of 16 bits",)
    assert picture.image.getpixel((0, 0)) == (128, 64, 32)


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


def split_at(data, kind):
    """A PNG before and behind its first chunk of a kind."""
    place = data.index(kind) - 4
    return data[:place], data[place:]


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_long_texts_do_not_make_a_png_broken(kind, before):
    text = zlib.compress(b"a" * 2**21)
    content = {
        b"zTXt": b"prompt\0\0" + text,
        b"iTXt": b"prompt\0\1\0\0\0" + text,
        b"iCCP": b"profile\0\0" + text,
    }[kind]
    head, tail = split_at(encoded(Image.new("RGB", (8, 8), (9, 8, 7))), before)
    data = head + png((kind, content))[8:] + tail
    picture = open_picture(data)
    assert picture.image.getpixel((0, 0)) == (9, 8, 7)
    assert open_header(io.BytesIO(data)).size == (8, 8)


def test_a_truncated_png_with_a_long_text_is_still_truncated():
    head, tail = split_at(encoded(Image.effect_noise((64, 64), 50)), b"IDAT")
    text = png((b"zTXt", b"prompt\0\0" + zlib.compress(b"a" * 2**21)))[8:]
    with pytest.raises(Unusable, match="truncated image"):
        open_picture(head + text + tail[:500])


def test_a_large_jpeg_is_decoded_at_a_reduced_size_and_looks_the_same():
    clouds = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    data = encoded(clouds.resize((1200, 800), Image.Resampling.BICUBIC), "JPEG", quality=95)
    reduced, whole = open_picture(data, Framing(32)), open_picture(data)
    assert (reduced.size, reduced.image.size) == ((1200, 800), (150, 100))
    shades = [frame(each.image, Framing(32)).astype(int) for each in (reduced, whole)]
    assert np.abs(shades[0] - shades[1]).max() <= 3
    assert open_picture(data, Framing(100)).image.size == (600, 400)
    assert open_picture(data, Framing(32, crop=178)).image.size == (1200, 800)


def test_a_reduced_photograph_is_turned_upright_and_keeps_its_size():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (1200, 800)), "JPEG", exif=exif)
    picture = open_picture(data, Framing(16))
    assert (picture.size, picture.image.size) == ((800, 1200), (100, 150))


@pytest.mark.parametrize("exif", [b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_broken_exif_does_not_make_a_picture_broken(exif):
    with pillow_warnings():
        picture = open_picture(encoded(Image.new("RGB", (8, 8), "white"), "JPEG", exif=exif))
    assert frame(picture.image, Framing(4)).min() == 255


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_sheets_that_this_package_saved_are_no_single_image(form):
    exif = Image.Exif()
    exif[0x0131] = decoding.SHEET
    with pytest.raises(Unusable, match="sheet of images"):
        open_picture(encoded(Image.new("RGB", (8, 8)), form, exif=exif))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_is_turned_upright(form, turn):
    upright = Image.new("RGB", (24, 16), "black")
    upright.paste("white", (0, 0, 8, 8))
    back = {6: 8, 8: 6}.get(turn, turn)  # the others are their own inverse
    stored = upright.transpose(decoding.TURNS[back]) if turn > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = turn
    picture = open_picture(encoded(stored, form, exif=exif))
    assert picture.size == (24, 16)
    np.testing.assert_allclose(np.asarray(picture.image), np.asarray(upright), atol=16)


def test_photographs_are_turned_upright():
    image = Image.fromarray(np.repeat([[[255], [0]]], 3, axis=2).astype(np.uint8))  # white, black
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    upright = open_picture(encoded(image, "PNG", exif=exif)).image
    assert upright.size == (1, 2)
    assert np.asarray(upright)[:, 0, 0].tolist() == [255, 0]
