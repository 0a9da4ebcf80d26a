"""Soft-edged painting of many small pictures at once, back to front.

Shapes are signed distances (negative inside), so one formula paints them at any size: a pixel is
covered by how far its centre lies inside. Arrays hold the batch last, ``(rows, columns, batch)``:
a number per picture then broadcasts by itself, and a window onto the canvas is a plain slice.
Pixel arithmetic keeps to ``+ − × ÷ √``, which every machine rounds alike.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.floating[Any]]
"""One number per pixel and picture, (rows, columns, batch), or anything that broadcasts to it."""

Number: TypeAlias = NDArray[np.floating[Any]] | float
"""One number per picture, (batch,), or one for all."""

Colour: TypeAlias = Sequence[Number] | NDArray[np.floating[Any]]
"""Red, green and blue in [0, 1], each a number; or (3, batch)."""


class Canvas:
    """A batch of square pictures; ``x`` runs right and ``y`` down, both over [-1, 1].

    ``colour`` is (3, rows, columns, batch) in [0, 1]. ``figure`` says how much of each pixel
    belongs to the sitter and not to the background.
    """

    def __init__(self, size: int, batch: int) -> None:
        self.pixel = 2 / size
        centres = ((np.arange(size) + 0.5) * self.pixel - 1).astype(np.float32)
        self.x: Plane = centres[None, :, None]
        self.y: Plane = centres[:, None, None]
        self.colour = np.zeros((3, size, size, batch), np.float32)
        self.figure = np.zeros((size, size, batch), np.float32)

    def place(self, x: Number, y: Number, roll: Number, scale: Number) -> None:
        """Move the origin to ``(x, y)``, turn the axes by ``roll`` radians, scale them."""
        cos, sin = np.cos(roll) / scale, np.sin(roll) / scale
        right, down = self.x - x, self.y - y
        self.x = right * cos + down * sin
        self.y = down * cos - right * sin

    def window(self, left: float, top: float, right: float, bottom: float) -> Canvas:
        """The part between these picture coordinates; what is painted there shows on the whole."""
        size = round(2 / self.pixel)
        columns, rows = (
            slice(max(0, int((low + 1) / self.pixel)), min(size, int((high + 1) / self.pixel) + 1))
            for low, high in ((left, right), (top, bottom))
        )
        part = object.__new__(Canvas)
        part.pixel = self.pixel
        part.x, part.y = self.x[rows, columns], self.y[rows, columns]
        part.colour, part.figure = self.colour[:, rows, columns], self.figure[rows, columns]
        return part

    def fill(self, colour: Colour, opacity: Number | Plane = 1.0) -> None:
        """Lay ``colour`` over everything."""
        self._lay(opacity, colour)

    def paint(
        self, distance: Plane, colour: Colour, opacity: Number | Plane = 1.0, soft: Number = 0.0
    ) -> Plane:
        """Lay ``colour`` inside a shape, its edge a pixel and ``soft`` wide; returns the cover."""
        cover = np.clip(0.5 - distance / (self.pixel + soft), 0, 1) * opacity
        self._lay(cover, colour)
        return cover

    def paint_figure(self, distance: Plane, colour: Colour, opacity: Number | Plane = 1.0) -> Plane:
        """As ``paint``, for a shape that adds to the sitter's outline."""
        cover = self.paint(distance, colour, opacity)
        np.maximum(self.figure, cover, out=self.figure)
        return cover

    def _lay(self, cover: Number | Plane, colour: Colour) -> None:
        for channel, value in zip(self.colour, colour, strict=True):
            channel += cover * (value - channel)

    def pixels(self) -> NDArray[np.uint8]:
        """The pictures as (batch, rows, columns, 3) uint8."""
        levels = np.clip(self.colour * 255 + 0.5, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(levels.transpose(3, 1, 2, 0))


def ellipse(x: Plane, y: Plane, width: Number | Plane, height: Number | Plane) -> Plane:
    """Distance to an ellipse with these half axes, exact to first order at its edge."""
    x, y = x / width, y / height
    radius = np.sqrt(x * x + y * y)
    x, y = x / width, y / height
    return radius * (radius - 1) / np.sqrt(x * x + y * y + np.float32(1e-9))


def box(x: Plane, y: Plane, width: Number, height: Number, corner: Number = 0.0) -> Plane:
    """Distance to a rectangle with these half sides and rounded corners."""
    return rounded(np.abs(x) - width, np.abs(y) - height, corner)


def bow(x: Plane, y: Plane, width: Number, height: Number, rise: Number) -> Plane:
    """Distance to a lens ``2·width`` wide and ``2·height`` high whose ends rise by ``rise``."""
    t2 = (x / width) ** 2
    return np.maximum((np.abs(y + rise * t2) - height * (1 - t2)) * 0.8, np.abs(x) - width)


def ring(shape: Plane, thickness: Number) -> Plane:
    """The outline of a shape, ``thickness`` wide."""
    return np.abs(shape) - thickness / 2


def common(*shapes: Plane) -> Plane:
    """What lies inside all shapes."""
    return functools.reduce(np.maximum, shapes)


def rounded(one: Plane, other: Plane, corner: Number) -> Plane:
    """What lies inside both shapes, with a round corner where their edges meet."""
    one, other = one + corner, other + corner
    outside = np.sqrt(np.maximum(one, 0) ** 2 + np.maximum(other, 0) ** 2)
    return outside + np.minimum(np.maximum(one, other), 0) - corner


def joined(*shapes: Plane) -> Plane:
    """What lies inside any shape."""
    return functools.reduce(np.minimum, shapes)
