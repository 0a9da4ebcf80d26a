"""Mean mutual information between pairs of codes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.discretise import discretise
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.mutual_information import mutual_information_of_pairs
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import Note, check_rows, named_matrix
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

BINS = 20
"""Bins of equal width, as published."""


@measured(0)
def mutual_information_score(
    codes: ArrayLike,
    *,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Mean of I(binned code; another binned code) over pairs, in nats.

    Range [0, log bins], lower is more independent. Says nothing about meaning: noise scores best.
    Used as a score by Locatello et al. 2019 (https://arxiv.org/abs/1811.12359).

    Args:
        codes: (rows, codes).

    Raises:
        MetricError: NaN or infinity.
    """
    return measure(
        "mutual_information_score",
        partial(_score, mode=mode),
        (check_rows(codes, code_names=code_names),),
        mode=mode,
        seed=seed,
        parameters={"bins": BINS},
        uncertainty=uncertainty,
        chance=False,
    )


def _score(parts: Parts, rng: np.random.Generator, note: Note, *, mode: Mode) -> Score:
    rows = parts[0]
    varies = np.ptp(rows.codes, axis=0) > 0
    dead = [rows.code_names[k] for k in np.flatnonzero(~varies)]
    if dead and mode == "strict":
        note(f"constant codes {', '.join(dead)} were dropped")
        rows = rows.with_codes(varies)
    count = len(rows.code_names)
    if count < 2:
        note("fewer than two codes: nothing to compare, 0 returned")
        return 0.0, {}
    binned = discretise(rows.codes, BINS)
    matrix = mutual_information_of_pairs(binned)
    value = (matrix.sum() - np.trace(matrix)) / (count * (count - 1))
    return float(value), {"matrix": named_matrix(matrix, rows.code_names, rows.code_names)}
