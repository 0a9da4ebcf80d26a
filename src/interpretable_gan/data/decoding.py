"""From the bytes of an image file to square uint8 pixels, or the name of what is wrong with it.

Everything that reads pictures (training, editing, explaining, metrics) reads them here, so that the
same picture gives the same pixels however it is stored.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

MAX_PIXELS = 2**26
GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
DEEP_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
"""Grey modes whose values need more than eight bits."""
FILTER = Image.Resampling.LANCZOS
SPARE = 3
"""A JPEG is decoded at a half, a quarter or an eighth of its size where at least this many times
the wanted pixels remain. From 3 on, Pillow's manual finds the result almost indistinguishable."""

SHEET = "interpretable_gan: sheet of images"
"""The EXIF tag Software of the pictures of several images that this package saves."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation → what turns the image upright."""
SIDEWAYS = (5, 6, 7, 8)
"""Orientations that exchange width and height."""

PNG = b"\x89PNG\r\n\x1a\n"
NO_PIXELS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
"""Chunks of a PNG that may be of any size and say nothing about pixels."""

Values = tuple[float, float]
"""The values that stand for black and for white."""


class Unusable(Exception):
    """An image that must be left out; its text is a problem that ``Intake`` knows."""


@dataclass(frozen=True)
class Framing:
    """How images are cut: the centred square of ``crop`` pixels (or the largest that fits), resized
    with an antialiasing filter to ``size``, with 3 (RGB) or 1 (grey) ``channels``.

    ``values`` are black and white of images with more than eight bits; without them each such image
    goes by its own values.
    """

    size: int
    crop: int | None = None
    channels: int = 3
    values: Values | None = None


@dataclass(frozen=True)
class Picture:
    """A decoded image, upright.

    ``size`` is the (width, height) in its file, which a JPEG's own decoder may have reduced;
    ``notes`` are problems that ``Intake`` knows, none of which stands in the way of using it.
    """

    image: Image.Image
    size: tuple[int, int]
    notes: tuple[str, ...] = ()


@contextmanager
def pillow_warnings() -> Iterator[None]:
    """Inside, Pillow is silent about odd metadata, and a header that claims very many pixels is an
    error, of which it would only warn. Warnings belong to the process: enter it before threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def open_picture(data: bytes, framing: Framing | None = None) -> Picture:
    """Decode the first frame of any format that Pillow reads.

    With ``framing`` a JPEG is decoded at a reduced size where that is enough for it.

    Raises:
        Unusable: empty, no image, truncated or broken, more than 64 megapixels, or a sheet of
            images that this package made.
    """
    if not data:
        raise Unusable("empty file")
    image = open_header(io.BytesIO(data))
    full, notes = image.size, _notes(image)
    if framing is not None and framing.crop is None:
        image.draft(None, (SPARE * framing.size, SPARE * framing.size))
    reduced = image.size != full
    try:
        image.load()
    except Exception:  # a format's reader raises whatever broken bytes make it
        if (pixels := _without_texts(data)) == data:
            raise Unusable("truncated image") from None
        return open_picture(pixels, framing)
    turn = _orientation(image)
    if turn in TURNS:
        image = image.transpose(TURNS[turn])
    size = image.size
    if reduced:
        size = full[::-1] if turn in SIDEWAYS else full
    return Picture(image, size, notes)


def open_header(file: IO[bytes]) -> Image.Image:
    """An image whose size and mode are known, but whose pixels are not decoded yet.

    Raises:
        Unusable: no image, a broken header, more than 64 megapixels.
    """
    try:
        image = Image.open(file)
    except UnidentifiedImageError:
        raise Unusable("not an image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable("huge image") from None
    except Exception:  # as above
        file.seek(0)
        data = file.read()
        if (pixels := _without_texts(data)) == data:
            raise Unusable("truncated image") from None
        return open_header(io.BytesIO(pixels))
    if math.prod(image.size) > MAX_PIXELS:
        raise Unusable("huge image")
    return image


def frame(image: Image.Image, framing: Framing) -> NDArray[np.uint8]:
    """Crop, resize and convert to uint8 ``(size, size, channels)``, as `eight_bits` does.

    Raises:
        Unusable: colours or values that have no meaning as shades.
    """
    image = eight_bits(image, framing.values)
    width, height = image.size
    side = min(framing.crop or width, width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    square = square.resize((framing.size, framing.size), FILTER)
    pixels = np.asarray(square.convert("L" if framing.channels == 1 else "RGB"))
    return pixels.reshape(framing.size, framing.size, framing.channels)


def eight_bits(image: Image.Image, values: Values | None = None) -> Image.Image:
    """The image as L, if its mode is grey, or RGB. Transparency is laid over white.

    Args:
        image: of any mode.
        values: black and white of an image with more than eight bits, else `black_and_white` of
            its own values.

    Raises:
        Unusable: colours that cannot be converted, or values that are no finite numbers.
    """
    mode = "L" if image.mode in GREY_MODES else "RGB"
    if image.mode in DEEP_MODES:
        black, white = values or black_and_white(*extremes(image))
        shades = (np.asarray(image).astype(np.float64) - black) * (255 / (white - black))
        return Image.fromarray(shades.clip(0, 255).round().astype(np.uint8))
    try:
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert(mode)
    except ValueError:  # modes that Pillow does not convert
        raise Unusable("unknown colours") from None


def extremes(image: Image.Image) -> Values:
    """The lowest and the highest value of an image.

    Raises:
        Unusable: values that are no finite numbers.
    """
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Unusable("values not finite")
    return low, high


def black_and_white(low: float, high: float) -> Values:
    """The values that stand for black and white in images whose values reach from low to high.

    From 0 on it is the range of the bits that hold the highest: 8, 10, 12, 14, 16. Up to 1, as
    floating point has it, it is [0, 1] or [-1, 1]. Everything else goes by its own extremes.

    >>> black_and_white(0, 4080), black_and_white(7, 60_000), black_and_white(-0.9, 0.8)
    ((0.0, 4095.0), (0.0, 65535.0), (-1.0, 1.0))
    """
    if high <= 1 and low >= -1:
        return (0.0, 1.0) if low >= 0 else (-1.0, 1.0)
    if low < 0:
        return low, max(high, low + 1)
    bits = math.ceil(high).bit_length()
    return 0.0, float(2 ** max(8, bits + bits % 2) - 1)


def seems_unit_range(low: float, high: float) -> bool:
    """Whether shades from low to high seem to have 0 for black, where -1 is expected.

    One flat shade, such as a grey that serves as a baseline, does not.
    """
    return 0 <= low < high <= 1


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where none is told.

    Raises:
        Unusable: a sheet of images that this package made.
    """
    said: Any = {}
    with suppress(Exception):  # a broken EXIF part says nothing about the pixels
        said = image.getexif()
    if said.get(ExifTags.Base.Software) == SHEET:
        raise Unusable("sheet of images")
    return said.get(ExifTags.Base.Orientation, 1)


def _notes(image: Image.Image) -> tuple[str, ...]:
    """What is lost of an image whose header was read: further frames, and colours' lower bits."""
    notes = []
    try:
        several = bool(getattr(image, "is_animated", False))
    except Exception:  # the next frame is broken; this one is not
        several = True
    if several and image.format != "MPO":  # where the second is a photograph's own preview
        notes.append("several frames")
    if image.mode not in GREY_MODES and any(
        ";16" in str(arguments) for *_, arguments in getattr(image, "tile", None) or ()
    ):
        notes.append("colour of 16 bits")
    return tuple(notes)


def _without_texts(data: bytes) -> bytes:
    """A PNG without its texts and colour profile, for which Pillow has limits; others as they are.

    Pillow calls a PNG broken where a text is longer than a megabyte.
    """
    if not data.startswith(PNG):
        return data
    return PNG + b"".join(
        data[start:end] for kind, start, end in _chunks(data) if kind not in NO_PIXELS
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk of a PNG: length, kind, content, checksum."""
    start = len(PNG)
    while start + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, start + length + 12
        start += length + 12
