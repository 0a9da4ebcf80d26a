"""Intervals and chance level of metrics that compare two sets row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from interpretable_gan.metrics.quality.features import Rows
from interpretable_gan.metrics.uncertainty import PERMUTATIONS

Scores = Mapping[str, float]
PairScores = Callable[[Rows, Rows], Scores]

SUBSAMPLES = 40
"""Subsamples behind an interval."""
SHARE = 1 / 3
"""Rows of each side in a subsample."""


def subsample_intervals(
    scores: PairScores, real: Rows, fake: Rows, seed: int
) -> dict[str, tuple[float, float]]:
    """95 % interval of each score from its spread over random thirds of both sides.

    A bootstrap repeats rows, and a repeated row is its own nearest neighbour; subsamples do not
    (Politis & Romano 1994). Drawn without replacement, their variance is (1 − share)/share times
    that of all rows. Where larger samples score higher or lower, only the spread is used.
    """
    generator = np.random.default_rng([seed, 1])
    value = scores(real, fake)
    parts = [scores(_some(real, generator), _some(fake, generator)) for _ in range(SUBSAMPLES)]
    intervals = {}
    for name in value:
        spread = float(np.std([part[name] for part in parts], ddof=1))
        half = 1.959963984540054 * spread * math.sqrt(SHARE / (1 - SHARE))
        intervals[name] = (value[name] - half, value[name] + half)
    return intervals


def rows_of_subsample(rows: int) -> int:
    """Size of a subsample of this many rows."""
    return math.ceil(rows * SHARE)


def _some(rows: Rows, generator: np.random.Generator) -> Rows:
    return rows[generator.choice(len(rows), rows_of_subsample(len(rows)), replace=False)]


def permuted_scores(scores: PairScores, real: Rows, fake: Rows, seed: int) -> dict[str, float]:
    """Mean scores after real and generated rows are dealt out anew: what equal sets would score."""
    generator = np.random.default_rng([seed, 2])
    pool = np.concatenate([real, fake])
    dealt = []
    for _ in range(PERMUTATIONS):
        order = generator.permutation(len(pool))
        dealt.append(scores(pool[order[: len(real)]], pool[order[len(real) :]]))
    return {name: float(np.mean([each[name] for each in dealt])) for name in dealt[0]}
