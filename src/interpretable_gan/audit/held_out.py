"""Real images that training never saw, and samples with the same labels to put beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset

ENOUGH = 500
"""With fewer held-out images, training images join them."""


def held_out_rows(
    data: Dataset, count: int, rng: np.random.Generator
) -> tuple[str, NDArray[np.int64]]:
    """At most ``count`` held-out rows in random order, with training rows behind them where they
    are too few, and where they are from.
    """
    held_out = rng.permutation(np.concatenate([data.rows("validation"), data.rows("test")]))
    if len(held_out) >= min(ENOUGH, count):
        return "held-out", held_out[:count]
    more = rng.permutation(data.rows("train"))
    return "held-out and training", np.concatenate([held_out, more])[:count]
