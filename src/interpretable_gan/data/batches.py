"""Many rows a few at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError

ROWS_AT_ONCE = 256
"""Images that are drawn or read together: enough to keep a processor busy, little memory."""


def slices(count: int) -> Iterator[slice]:
    """Slices of `ROWS_AT_ONCE` that make up ``count`` rows."""
    for start in range(0, count, ROWS_AT_ONCE):
        yield slice(start, min(start + ROWS_AT_ONCE, count))


def rows_for(purpose: str, data: Dataset, split: str) -> NDArray[np.int64]:
    """The rows of a split, for a purpose that no other split serves.

    Raises:
        DataError: there are none.
    """
    rows = data.rows(split)
    if not len(rows):
        raise DataError(
            f"data set {data.name!r} has no {split} images, {purpose}: give some of them this "
            "split, or leave the column of splits out to have them drawn."
        )
    return rows
