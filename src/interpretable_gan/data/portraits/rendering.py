"""Portraits as arrays and as a data set, each picture a pure function of seed and row number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.data.portraits.attributes import schema
from interpretable_gan.data.portraits.canvas import Canvas
from interpretable_gan.data.portraits.face import paint_portrait
from interpretable_gan.data.portraits.sampling import sample_codes, sample_styles
from interpretable_gan.data.portraits.sitter import STYLE, Sitter
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Progress, Status, silent

BLOCK = 1000
"""Rows that share one random generator. Part of the data set's definition: do not change it."""

CANVAS_PIXELS = 2**17
"""Pixels painted at once, over at least 16 pictures: few, to stay in the processor's cache."""


def draw(code: NDArray[Any], style: NDArray[Any], size: int = 32) -> NDArray[np.uint8]:
    """Paint one portrait for each row: the same numbers always give the same pixels.

    Args:
        code: ``(batch, columns)`` in [-1, 1] as packed by ``schema()``. Between −1 and 1 a binary
            attribute is half there and hair colours mix.
        style: ``(batch, len(STYLE))`` standard normal numbers for everything without a name.
        size: height and width in pixels.

    Returns:
        uint8 ``(batch, size, size, 3)``.

    Raises:
        SchemaError: a code of another width.
        DataError: a style of another shape, or a size below 8.
    """
    if style.shape != (len(code), len(STYLE)):
        raise DataError(
            f"portraits need a style of shape {(len(code), len(STYLE))}, but got {style.shape}."
        )
    if size < 8:
        raise DataError(f"portraits of {size} pixels show nothing; use a size of 8 or more.")
    images = np.empty((len(code), size, size, 3), np.uint8)
    batch = max(16, CANVAS_PIXELS // size**2)
    for start in range(0, len(code), batch):
        rows = slice(start, start + batch)
        canvas = Canvas(size, len(code[rows]))
        paint_portrait(canvas, Sitter.read(code[rows], style[rows]))
        images[rows] = canvas.pixels()
    return images


def dataset(
    *,
    size: int = 32,
    count: int = 20_000,
    seed: int = 0,
    correlated: bool = False,
    progress: Progress = silent,
) -> Dataset:
    """Portraits with attributes known exactly, 80 % to train on, 10 % each to validate and test.

    Row i, and its split, depend only on ``seed``, ``size``, ``correlated`` and i, so a larger
    data set begins with the smaller one.

    Args:
        size: height and width in pixels, 8 or more.
        count: number of portraits, 10 or more.
        seed: another seed, other people.
        correlated: attributes go together as among real people, see ``sample_codes``.
        progress: told how many portraits are drawn.

    Raises:
        DataError: a count or size too small.
    """
    if count < 10:
        raise DataError(f"{count} portraits cannot be split in three; ask for 10 or more.")
    images = np.empty((count, size, size, 3), np.uint8)
    codes = np.empty((count, schema().columns), np.float32)
    progress(Status(0, count, "drawing portraits"))
    for block, start in enumerate(range(0, count, BLOCK)):
        rng = np.random.default_rng([seed, block])
        rows = slice(start, min(start + BLOCK, count))
        wanted = slice(rows.stop - start)
        codes[rows] = sample_codes(BLOCK, rng, correlated=correlated)[wanted]
        images[rows] = draw(codes[rows], sample_styles(BLOCK, rng)[wanted], size)
        progress(Status(rows.stop, count, "drawing portraits"))
    return Dataset(
        name="portraits",
        schema=schema(),
        images=images,
        codes=codes,
        known=np.ones(codes.shape, bool),
        splits=_splits(count),
        checksum=checksum(images, codes),
    )


def _splits(count: int) -> dict[str, NDArray[np.int64]]:
    """By the last digit of the row: 0 to 7 train, 8 validation, 9 test."""
    row = np.arange(count)
    digit = row % 10
    return {
        "train": row[digit < 8],
        "validation": row[digit == 8],
        "test": row[digit == 9],
    }
