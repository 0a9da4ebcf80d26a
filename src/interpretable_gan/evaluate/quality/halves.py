"""Intervals and chance level of metrics that compare two sets row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from interpretable_gan.evaluate.quality.features import Rows
from interpretable_gan.evaluate.uncertainty import PERMUTATIONS

Scores = Mapping[str, float]
PairScores = Callable[[Rows, Rows], Scores]

HALVES = 40
"""Half samples behind an interval."""


def half_sample_intervals(
    scores: PairScores, real: Rows, fake: Rows, seed: int
) -> dict[str, tuple[float, float]]:
    """95 % interval of each score from its spread over random halves of both sides.

    A bootstrap repeats rows, and a repeated row is its own nearest neighbour; half samples do not
    (Shao & Wu 1989). Half the rows without replacement spread as much as all rows do among
    populations. Where larger samples score higher or lower, only the spread is used.
    """
    generator = np.random.default_rng([seed, 1])
    value = scores(real, fake)
    halves = [scores(_half(real, generator), _half(fake, generator)) for _ in range(HALVES)]
    intervals = {}
    for name in value:
        half = 1.959963984540054 * float(np.std([each[name] for each in halves], ddof=1))
        intervals[name] = (value[name] - half, value[name] + half)
    return intervals


def _half(rows: Rows, generator: np.random.Generator) -> Rows:
    return rows[generator.choice(len(rows), math.ceil(len(rows) / 2), replace=False)]


def permuted_scores(scores: PairScores, real: Rows, fake: Rows, seed: int) -> dict[str, float]:
    """Mean scores after real and generated rows are dealt out anew: what equal sets would score."""
    generator = np.random.default_rng([seed, 2])
    pool = np.concatenate([real, fake])
    dealt = []
    for _ in range(PERMUTATIONS):
        order = generator.permutation(len(pool))
        dealt.append(scores(pool[order[: len(real)]], pool[order[len(real) :]]))
    return {name: float(np.mean([each[name] for each in dealt])) for name in dealt[0]}
