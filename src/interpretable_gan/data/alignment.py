"""Pictures turned, scaled and moved until two points lie where training images have them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from interpretable_gan.data.decoding import FILTER, Framing, Picture, Unusable, eight_bits

FINER = 4
"""How many times the wanted pixels a turned picture has, a side, before it is reduced to them."""

BEYOND = 0.5
"""Most share of the square's side that may lie outside of the picture, where its edges go on."""


class Points(NamedTuple):
    """Two places, as (across, down) from the top left corner: of a picture in its pixels, of a
    square in shares of its side."""

    first: tuple[float, float]
    second: tuple[float, float]


CELEBA_EYES = Points((0.387, 0.522), (0.614, 0.522))
"""The middles of the eyes, left and right as seen, in the centred square of CelebA's aligned
images: medians that a published detector of faces (BlazeFace, Bazarevsky et al. 2019) finds in 152
of them."""


def aligned(picture: Picture, points: Points, onto: Points, framing: Framing) -> Image.Image:
    """The square of a picture in which ``points`` lie at ``onto``, as `frame` takes it.

    Where the square reaches beyond the picture, its edges go on.

    Raises:
        Unusable: points that are one or outside of the picture, a square more than half of whose
            side lies outside, colours or values that have no meaning as shades.
    """
    width, height = picture.size
    if not all(0 <= x <= width and 0 <= y <= height for x, y in points):
        raise Unusable("eyes outside of the image")
    side = FINER * framing.size
    # as complex numbers: to divide by what leads from point to point turns and scales at once
    start, end = (complex(*point) for point in points)
    here, there = (side * complex(*point) for point in onto)
    if start == end or here == there:
        raise Unusable("eyes at one place")
    # a picture with more pixels than the square is reduced first, or fine patterns would flicker
    scale = min(abs((there - here) / (end - start)), 1)
    size = round(width * scale) or 1, round(height * scale) or 1
    image = eight_bits(picture.image, framing.values).resize(size, FILTER)
    start, end = start * scale, end * scale
    turn = (end - start) / (there - here)  # pixels of the picture per pixel of the square
    corners = np.array([start + turn * (side * each - here) for each in (0, 1, 1j, 1 + 1j)])
    ends = corners.real.max() - size[0], corners.imag.max() - size[1]
    over = max(-corners.real.min(), -corners.imag.min(), *ends, 0)
    if over > BEYOND * side * abs(turn):
        raise Unusable("face too near the edge")
    border = math.ceil(over) + 1
    values = np.asarray(image)
    padded = np.pad(values, (((border,) * 2,) * 2 + ((0, 0),))[: values.ndim], mode="edge")
    origin = start + border * (1 + 1j) - turn * here
    affine = (turn.real, -turn.imag, origin.real, turn.imag, turn.real, origin.imag)
    return Image.fromarray(padded).transform(
        (side, side), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
    )
