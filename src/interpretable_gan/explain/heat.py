"""Heat maps: an image in grey, and over it in colour what each place adds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.modalities.pictures import Row, compose, to_pixels
from interpretable_gan.shapes import Images

FOR, AGAINST = np.array([230.0, 97.0, 1.0]), np.array([23.0, 87.0, 178.0])
"""Orange and blue, which colour-blind people tell apart too."""

STRONGEST = 0.8
"""How much of the strongest place is colour."""

INK = 0.6
"""How dark the grey image may become, so that colour can be told on black too."""

SIDE = 160
"""Pixels that an image is drawn wide, at least."""


def heat_picture(
    image: Images, maps: Mapping[str, NDArray[np.float32]], whole: NDArray[np.float32] | None = None
) -> Image.Image:
    """An image beside its heat maps, and the scale that all of them share.

    Args:
        image: ``(channels, height, width)`` in [-1, 1].
        maps: caption → ``(row, column)`` of places.
        whole: the sum of all maps, also those not shown, on a scale of its own.
    """
    pixels = to_pixels(image[None])
    limit = max(float(np.abs(values).max()) for values in maps.values())
    tiles = [overlay(pixels[0], values, limit) for values in maps.values()]
    captions = list(maps)
    if whole is not None:
        peak = float(np.abs(whole).max())
        tiles.insert(0, overlay(pixels[0], whole, peak))
        captions.insert(0, f"all attributes, own scale\n±{peak:.2g} per place")
    rgb = np.broadcast_to(pixels, (*pixels.shape[:3], 3))
    if limit:  # else there is nothing to tell the scale of
        tiles.append(colour_bar(pixels.shape[1]))
        what = "scale" if whole is None else "scale of the others"
        captions.append(f"{what}\n±{limit:.2g} per place")
    row = Row(np.concatenate([rgb, np.stack(tiles)]), labels=["image", *captions])
    return compose([row], scale=-(-SIDE // pixels.shape[1]))


def overlay(
    image: NDArray[np.uint8], values: NDArray[np.float32], limit: float
) -> NDArray[np.uint8]:
    """Places in colour over a grey image, ``(height, width, 3)``: orange above 0, blue below.

    A place is drawn on its own square, though it sees somewhat more of the image.

    Args:
        image: uint8 ``(height, width, channels)``.
        values: ``(row, column)`` of places, whose number divides the image's sides.
        limit: the absolute value that gets the strongest colour.
    """
    side = len(image) // len(values)
    spread = np.kron(values, np.ones((side, side)))[..., None] / (limit or 1.0)
    grey = 255 - (255 - image.mean(axis=2, keepdims=True)) * INK
    strength = STRONGEST * np.abs(spread).clip(0, 1)
    colour = np.where(spread > 0, FOR, AGAINST)
    return ((1 - strength) * grey + strength * colour).round().astype(np.uint8)


def colour_bar(side: int) -> NDArray[np.uint8]:
    """A tile ``(side, side, 3)`` that goes from blue through grey to orange, left to right."""
    steps = np.linspace(-1, 1, side, dtype=np.float32)
    grey = np.full((side, side, 3), 200, np.uint8)
    return overlay(grey, np.broadcast_to(steps, (side, side)), 1.0)
