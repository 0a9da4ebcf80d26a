"""Randomness without state: every choice follows from (seed, purpose, step, rank).

A run that resumes asks the same questions and gets the same answers, in any process layout.
"""

from __future__ import annotations

import zlib

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.errors import ConfigError

ROUNDS = 8
"""Of the Feistel network that permutes rows; four are enough to look random (Luby & Rackoff)."""


def generator(seed: int, purpose: str, step: int, rank: int = 0) -> torch.Generator:
    """A fresh torch generator for one purpose of one step on one process.

    Raises:
        ConfigError: a negative seed.
    """
    if seed < 0:
        raise ConfigError(f"seed {seed}: give 0 or more.")
    words = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), step, rank])
    return torch.Generator().manual_seed(int(words.generate_state(1, np.uint64)[0] >> 1))


def rows(seed: int, count: int, first: int, batch: int) -> NDArray[np.int64]:
    """Rows number ``first`` to ``first + batch`` of an endless walk through ``count`` rows.

    Every epoch is its own permutation, so that each row is seen once before any is seen twice. It
    costs as much as the batch is long, however many rows there are.
    """
    wanted = np.arange(first, first + batch)
    epochs, places = np.divmod(wanted, count)
    walk = np.empty(batch, np.int64)
    for epoch in np.unique(epochs):
        here = epochs == epoch
        walk[here] = permuted(places[here], count, [seed, int(epoch)])
    return walk


def permuted(places: NDArray[np.int64], count: int, key: list[int]) -> NDArray[np.int64]:
    """Where a permutation of ``count`` rows takes some places.

    A Feistel network (Luby & Rackoff 1988) permutes the numbers of an even count of bits; who lands
    beyond ``count`` goes on until they do not (Black & Rogaway 2002), after 4 rounds at most on
    average.
    """
    half = np.uint64(max((count - 1).bit_length() + 1, 2) // 2)
    mask = np.uint64((1 << int(half)) - 1)
    keys = np.random.SeedSequence(key).generate_state(ROUNDS, np.uint64)
    walk = places.astype(np.uint64)
    beyond = np.ones(len(walk), bool)
    while beyond.any():
        left, right = walk[beyond] >> half, walk[beyond] & mask
        for each in keys:
            left, right = right, left ^ (_mixed(right ^ each) & mask)
        walk[beyond] = (left << half) | right
        beyond[beyond] = walk[beyond] >= count
    return walk.astype(np.int64)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of a number (SplitMix64, Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
