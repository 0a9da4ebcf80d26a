"""From the bytes of an image file to square uint8 pixels, or the name of what is wrong with it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 2**26
GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N"})
FILTER = Image.Resampling.LANCZOS


class Unusable(Exception):
    """An image that must be left out; its text is a problem that ``Intake`` knows."""


@dataclass(frozen=True)
class Framing:
    """How images are cut: the centred square of ``crop`` pixels (or the largest that fits), resized
    with an antialiasing filter to ``size``, with 3 (RGB) or 1 (grey) ``channels``."""

    size: int
    crop: int | None = None
    channels: int = 3


def open_image(data: bytes) -> Image.Image:
    """Decode any format that Pillow reads.

    Raises:
        Unusable: empty, no image, truncated or broken, more than 64 megapixels.
    """
    if not data:
        raise Unusable("empty file")
    image = open_header(io.BytesIO(data))
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a format's reader raises whatever broken bytes make it
        raise Unusable("truncated image") from None


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
        raise Unusable("truncated image") from None
    if math.prod(image.size) > MAX_PIXELS:
        raise Unusable("huge image")
    return image


def frame(image: Image.Image, framing: Framing) -> NDArray[np.uint8]:
    """Crop, resize and convert to uint8 ``(size, size, channels)``.

    Sixteen-bit grey is brought to eight bits; transparency is laid over white.
    """
    mode = "L" if framing.channels == 1 else "RGB"
    image = _in_mode(image, mode)
    width, height = image.size
    side = min(framing.crop or width, width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    pixels = np.asarray(square.resize((framing.size, framing.size), FILTER))
    return pixels.reshape(framing.size, framing.size, framing.channels)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == mode:
        return image
    if image.mode.startswith("I"):
        pixels = np.asarray(image).astype(np.int64) >> 8
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert(mode)
    if image.mode == "F":
        raise Unusable("not an image")  # floating point without a stated range
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)
