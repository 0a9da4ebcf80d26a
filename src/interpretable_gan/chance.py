"""Randomness without state: every choice follows from (seed, purpose, step, rank).

A run that resumes asks the same questions and gets the same answers, in any process layout.
"""

from __future__ import annotations

import zlib

import numpy as np
import torch
from numpy.typing import NDArray


def generator(seed: int, purpose: str, step: int, rank: int = 0) -> torch.Generator:
    """A fresh torch generator for one purpose of one step on one process."""
    words = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), step, rank])
    return torch.Generator().manual_seed(int(words.generate_state(1, np.uint64)[0] >> 1))


def rows(seed: int, count: int, first: int, batch: int) -> NDArray[np.int64]:
    """Rows number ``first`` to ``first + batch`` of an endless walk through ``count`` rows.

    Every epoch is its own permutation, so that each row is seen once before any is seen twice.
    """
    wanted = np.arange(first, first + batch)
    walk = np.empty(batch, np.int64)
    for epoch in np.unique(wanted // count):
        order = np.random.default_rng([seed, int(epoch)]).permutation(count)
        here = wanted // count == epoch
        walk[here] = order[wanted[here] % count]
    return walk
