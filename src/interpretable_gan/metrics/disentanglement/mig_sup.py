"""MIG-sup: does each code know one factor much better than any other factor?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.discretise import Binning
from interpretable_gan.metrics.disentanglement.information import (
    Information,
    measure_information,
    top_two,
)
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import Note, named
from interpretable_gan.metrics.uncertainty import Score


@measured(0, 1)
def mig_sup(
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
    """MIG-sup (Li et al. 2020, https://arxiv.org/abs/2002.02753), the gap seen from the codes.

    Range [0, 1], higher is better: mean over codes of (I₁ − I₂) / H(code), I sorted over factors.
    Sees two factors in one code, to which MIG is blind. A constant code has no entropy: *strict*
    leaves it out, *reference* is undefined like published code.

    Args:
        codes: (rows, codes). factors: (rows, factors).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "mig_sup",
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
    varies = table.code_entropy > 0
    if not varies.any():
        note("every code is constant: no gap to measure, 0 returned")
        return 0.0, {}
    best, second = top_two(table.matrix.T)
    gaps = np.full(len(best), np.nan)
    gaps[varies] = (best - second)[varies] / table.code_entropy[varies]
    names = [table.rows.code_names[k] for k in np.flatnonzero(~varies)]
    if names and mode == "reference":
        note(f"undefined (NaN), as published: constant codes {', '.join(names)} have no entropy")
    elif names:
        note(f"constant codes {', '.join(names)} were left out")
    value = np.mean(gaps) if mode == "reference" else np.nanmean(gaps)
    return float(value), {"per_code": named(gaps, table.rows.code_names)}
