"""dSprites (Matthey et al. 2017), drawn anew from its published definition: nothing is downloaded.

One white sprite on black, 64×64: 3 shapes × 6 scales × 40 orientations × 32 × 32 positions, 737,280
images in the published order. Images are drawn when they are asked for, and none is kept. The
definition leaves open how wide shapes are; here all have one area, of which `AREA` says more. So
figures on these images stand beside those of the published file, and are not the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.data.splits import seeded_splits
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SHAPES = ("square", "ellipse", "heart")
SIZES = (3, 6, 40, 32, 32)
"""Values of shape, scale, orientation, position across and down; the last varies fastest."""

SIDE = 64
"""Of the published images in pixels, in which all lengths here are given."""

AREA = 298.0
"""Of every shape at scale 1 in square pixels: over all scales sprites then cover 4.3 % of an image,
as the published ones do."""

ASPECT = 1.5
"""Of the ellipse's axes."""

MARGIN = 13.0
"""From a sprite's centre to the edge at the outermost positions: at scale 1 all shapes fit."""

HEART_AREA = 3.66197
"""Area within (x² + y² − 1)³ = x² y³."""

Grid = NDArray[np.float64]
"""Offsets from a sprite's centre at scale 1, turned upright, (images, side, side)."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Factors:
    """The grid of factors; number i of 737,280 is one of each value."""

    shape: NDArray[np.int64]
    scale: NDArray[np.float64]
    orientation: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def of(cls, rows: NDArray[np.int64]) -> Factors:
        """The factors of images by number: scales evenly from 0.5 to 1, orientations from 0 to 2π,
        both ends included, positions from 0 to 1."""
        shape, scale, orientation, x, y = np.unravel_index(rows, SIZES)
        return cls(
            shape=shape,
            scale=np.linspace(0.5, 1, SIZES[1])[scale],
            orientation=np.linspace(0, 2 * math.pi, SIZES[2])[orientation],
            x=np.linspace(0, 1, SIZES[3])[x],
            y=np.linspace(0, 1, SIZES[4])[y],
        )

    def drawn(self, side: int) -> NDArray[np.float64]:
        """Share of each pixel that the sprite covers, (images, side, side): 0 or 1 from 64 pixels
        upwards, as published; smaller images are means of these."""
        finest = max(side, SIDE)
        centres = (np.arange(finest) + 0.5) * SIDE / finest
        reach = SIDE - 2 * MARGIN
        right = centres[None, None, :] - (MARGIN + reach * self.x)[:, None, None]
        down = centres[None, :, None] - (MARGIN + reach * self.y)[:, None, None]
        turn, scale = self.orientation[:, None, None], self.scale[:, None, None]
        u = (right * np.cos(turn) + down * np.sin(turn)) / scale
        v = (down * np.cos(turn) - right * np.sin(turn)) / scale
        inside = np.zeros(u.shape, bool)
        for number, name in enumerate(SHAPES):
            mine = self.shape == number
            inside[mine] = INSIDE[name](u[mine], v[mine])
        block = finest // side
        return inside.reshape(len(u), side, block, side, block).mean(axis=(2, 4))


def _square(u: Grid, v: Grid) -> NDArray[np.bool_]:
    return np.maximum(np.abs(u), np.abs(v)) <= math.sqrt(AREA) / 2


def _ellipse(u: Grid, v: Grid) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = u**2 / ASPECT + v**2 * ASPECT <= AREA / math.pi
    return inside


def _heart(u: Grid, v: Grid) -> NDArray[np.bool_]:
    unit = math.sqrt(AREA / HEART_AREA)
    x, y = u / unit, -v / unit
    inside: NDArray[np.bool_] = (x**2 + y**2 - 1) ** 3 <= x**2 * y**3
    return inside


INSIDE: dict[str, Callable[[Grid, Grid], NDArray[np.bool_]]] = {
    "square": _square,
    "ellipse": _ellipse,
    "heart": _heart,
}


def _white(sprites: NDArray[np.float64], rows: NDArray[np.int64], seed: int) -> NDArray[Any]:
    """As published."""
    return sprites[..., None]


def _coloured(sprites: NDArray[np.float64], rows: NDArray[np.int64], seed: int) -> NDArray[Any]:
    """Each sprite in a colour of its own, every channel between one half and 1."""
    colours = np.stack([np.random.default_rng([seed, row]).uniform(0.5, 1, 3) for row in rows])
    return sprites[..., None] * colours[:, None, None]


def _noisy(sprites: NDArray[np.float64], rows: NDArray[np.int64], seed: int) -> NDArray[Any]:
    """White sprites on coloured noise."""
    shape = (*sprites.shape[1:], 3)
    noise = np.stack([np.random.default_rng([seed, row]).random(shape) for row in rows])
    return np.minimum(sprites[..., None] + noise, 1)


VARIANTS: dict[str, Callable[[NDArray[np.float64], NDArray[np.int64], int], NDArray[Any]]] = {
    "dsprites": _white,
    "dsprites-colour": _coloured,
    "dsprites-noisy": _noisy,
}
"""The word that opens each: as published, and the coloured and noisy ones of Locatello et al. (ICML
2019), whose chance belongs to the row here."""


@dataclass(frozen=True)
class DrawnSprites:
    """All images of a variant as an array would give them, uint8 (737,280, side, side, channels).
    What is indexed is drawn, and nothing is kept."""

    variant: str
    side: int
    seed: int

    dtype = np.dtype(np.uint8)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Images, height, width, channels."""
        return math.prod(SIZES), self.side, self.side, 1 if self.variant == "dsprites" else 3

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Pixels]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, index: Any) -> Pixels:
        """Images by number, slice, numbers or mask, as numpy has it."""
        rows = np.arange(len(self))[index]
        numbers = np.atleast_1d(rows)
        if not len(numbers):
            return np.zeros((0, *self.shape[1:]), np.uint8)
        sprites = Factors.of(numbers).drawn(self.side)
        pixels = np.rint(255 * VARIANTS[self.variant](sprites, numbers, self.seed))
        drawn: Pixels = pixels.astype(np.uint8)
        return drawn if np.ndim(rows) else drawn[0]


def schema() -> Schema:
    """Shape, scale, orientation and position; colour has one value and is no attribute."""
    return Schema(
        name="dsprites",
        attributes=(
            Attribute(name="shape", kind="categorical", levels=SHAPES),
            Attribute(name="scale", kind="continuous", range=(0.5, 1)),
            Attribute(
                name="orientation",
                kind="continuous",
                range=(0, 360),
                unit="degrees",
                description="clockwise; 0 and 360 are the same image",
            ),
            Attribute(name="position_x", kind="continuous", range=(0, 1)),
            Attribute(name="position_y", kind="continuous", range=(0, 1)),
        ),
    )


def dataset(variant: str = "dsprites", *, size: int = SIDE, seed: int = 0) -> Dataset:
    """All 737,280 images, 80 % to train on, 10 % each to validate and test, drawn as they are read.

    Args:
        variant: one of `VARIANTS`.
        size: height and width in pixels: 16, 32, 64 as published, or 128.
        seed: of splits, colours and noise.

    Raises:
        DataError: another size.
    """
    if size not in (16, 32, 64, 128):
        raise DataError(f"sprites are drawn at 16, 32, 64 or 128 pixels, not {size}.")
    spoken, images = schema(), DrawnSprites(variant, size, seed)
    codes = _codes(spoken)
    return Dataset(
        name=variant,
        schema=spoken,
        images=images,
        codes=codes,
        known=np.ones(codes.shape, bool),
        splits=seeded_splits(len(images), seed=seed),
        checksum=checksum(f"{variant} {size} {seed} {AREA} {ASPECT} {MARGIN}", codes),
    )


def _codes(spoken: Schema) -> NDArray[np.float32]:
    """Codes of all images: those of each factor's values, in the published order."""
    numbers = np.unravel_index(np.arange(math.prod(SIZES)), SIZES)
    columns = []
    for attribute, count, number in zip(spoken.attributes, SIZES, numbers, strict=True):
        low, high = attribute.range or (0, 1)
        values = attribute.levels or np.linspace(low, high, count)
        encoded = np.array([attribute.encode(value) for value in values], np.float32)
        columns.append(encoded[number])
    return np.hstack(columns)
