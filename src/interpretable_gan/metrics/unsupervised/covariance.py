"""What the two Gaussian scores share: the covariance of the codes, without dead ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interpretable_gan.metrics.result import Mode
from interpretable_gan.metrics.rows import FloatArray, Note
from interpretable_gan.metrics.uncertainty import Parts, RowScore, Score

CovarianceScore = Callable[[FloatArray, Note], Score]


def scored_on_covariance(score: CovarianceScore, mode: Mode, *, undefined: bool) -> RowScore:
    """A score of rows from a score of their covariance (ddof 1), constant codes left out.

    ``undefined``: published code has no value where a code is constant; *reference* then has none.
    """

    def of_rows(parts: Parts, rng: np.random.Generator, note: Note) -> Score:
        rows = parts[0]
        varies = np.ptp(rows.codes, axis=0) > 0
        dead = [rows.code_names[k] for k in np.flatnonzero(~varies)]
        if dead and undefined and mode == "reference":
            note(f"undefined (NaN), as published: constant codes {', '.join(dead)}")
            return float("nan"), {}
        if dead:
            note(f"constant codes {', '.join(dead)} were dropped")
        if varies.sum() < 2:
            note("fewer than two codes vary: nothing to correlate, 0 returned")
        if not varies.any():
            return 0.0, {}
        return score(np.atleast_2d(np.cov(rows.codes[:, varies], rowvar=False)), note)

    return of_rows
