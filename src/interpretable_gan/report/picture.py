"""Pictures that travel inside a page, each with words for those who cannot see it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.modalities.pictures import Tiles, as_image, to_pixels

ROOM = 6_000_000
"""Bytes that all images of a page may take together, before they are written as text."""

QUALITIES = (90, 75, 50, 25)
"""Tried one after the other where an image does not fit its room; after that it is halved."""

PAPER = 255
"""What shows between two tiles."""


@dataclass(frozen=True)
class Picture:
    """An image as a data URI. ``alt``: what it shows, in words. ``width``, ``height``: in pixels,
    as they are meant to be shown. ``columns``: tiles beside each other."""

    src: str
    alt: str
    width: int
    height: int
    columns: int = 1


@dataclass(frozen=True)
class Captioned:
    """A picture with a line of words below it."""

    picture: Picture
    caption: str


@dataclass(frozen=True)
class Press:
    """Makes pictures of tiles, each within its share of the room on the page."""

    each: int

    @classmethod
    def of(cls, pictures: int) -> Press:
        """A press that shares the room of a page between so many pictures."""
        return cls(ROOM // max(pictures, 1))

    def print(self, rows: Sequence[Tiles], alt: str) -> Picture:
        """Rows of tiles ``(N, …)`` as one picture at their own size, one pixel between them."""
        pixels = mosaic([to_pixels(row) for row in rows])
        height, width = pixels.shape[:2]
        src = data_uri(self._encoded(pixels), "image/webp")
        return Picture(src, alt, width, height, columns=max(len(row) for row in rows))

    def _encoded(self, pixels: NDArray[np.uint8]) -> bytes:
        """WebP without loss, or with as little as makes it fit."""
        image = as_image(pixels)
        found = _saved(image, lossless=True)
        for quality in QUALITIES:
            if len(found) <= self.each:
                return found
            found = _saved(image, quality=quality)
        while len(found) > self.each and min(image.size) > 1:
            image = image.reduce(2)
            found = _saved(image, quality=QUALITIES[-1])
        return found


def mosaic(rows: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Rows of tiles ``(N, size, size, channels)``, which may differ in length, as one image."""
    size, channels = rows[0].shape[1], rows[0].shape[3]
    step, longest = size + 1, max(len(row) for row in rows)
    shape = (len(rows) * step - 1, longest * step - 1, channels)
    pixels = np.full(shape, PAPER, np.uint8)
    for line, row in enumerate(rows):
        for column, tile in enumerate(row):
            top, left = line * step, column * step
            pixels[top : top + size, left : left + size] = tile
    return pixels


def data_uri(content: bytes, kind: str) -> str:
    """Bytes as an address that carries them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _saved(image: Image.Image, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format="WEBP", **options)
    return buffer.getvalue()
