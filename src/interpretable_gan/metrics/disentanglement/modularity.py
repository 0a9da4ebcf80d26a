"""Modularity: does each code speak about one factor only?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.discretise import Binning
from interpretable_gan.metrics.disentanglement.information import (
    Information,
    measure_information,
    permuted_information,
)
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, Note, named
from interpretable_gan.metrics.uncertainty import Score


@measured(0, 1)
def modularity(
    codes: ArrayLike,
    factors: ArrayLike,
    *,
    mode: Mode = "strict",
    bins: int = 20,
    binning: Binning = "width",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Modularity (Ridgeway & Mozer 2018, https://arxiv.org/abs/1802.05312).

    Range [0, 1], higher is better: 1 when every code knows one factor and nothing of the others.
    Blind to a missing factor and to one factor in many codes; pairs of rotated factors still
    score above 0.9. *reference* is the plain mean over codes, in which a noise code counts with
    an arbitrary 0.5–0.8; *strict* weighs each code by what it knows and leaves out codes that
    know no more than their row-permuted copies. Both means are in the breakdown.

    Args:
        codes: (rows, codes). factors: (rows, factors).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "modularity",
        _score,
        codes,
        factors,
        mode=mode,
        bins=bins,
        binning=binning,
        code_names=code_names,
        factor_names=factor_names,
        seed=seed,
        uncertainty=uncertainty,
    )


def _score(table: Information, mode: Mode, note: Note) -> Score:
    per_code = modularity_of(table.matrix)
    if len(table.rows.factor_names) == 1:
        note("one factor: modularity is 1 by convention")
    breakdown = {
        "per_code": named(per_code, table.rows.code_names),
        "mean_over_codes": float(per_code.mean()),
    }
    if mode == "reference":
        return float(per_code.mean()), breakdown
    known = table.matrix.max(axis=1)
    by_chance = permuted_information(table, np.random.default_rng(len(table.binned))).max(axis=2)
    informed = known > np.percentile(by_chance, 95, axis=0)
    breakdown["informed_codes"] = [
        name for name, says in zip(table.rows.code_names, informed, strict=True) if says
    ]
    if not informed.any():
        note("no code knows more than chance about any factor: 0 returned")
        return 0.0, breakdown
    return float(np.average(per_code[informed], weights=known[informed])), breakdown


def modularity_of(matrix: FloatArray) -> FloatArray:
    """Per row of a (codes, factors) matrix: 1 − (Σ_f M² − m²) / (m² (F − 1)), m the row's maximum.

    1 with one factor; 0 for a row of zeros.
    """
    squared = matrix**2
    largest = squared.max(axis=1)
    others = squared.sum(axis=1) - largest
    spread = np.divide(
        others,
        largest * max(1, matrix.shape[1] - 1),
        out=np.ones_like(largest),
        where=largest > 0,
    )
    return np.asarray(np.where(largest > 0, 1 - spread, 0.0))
