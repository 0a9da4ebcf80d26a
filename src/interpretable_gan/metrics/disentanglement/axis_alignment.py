"""Axis alignment: how much of what is known about a factor sits in one code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.discretise import Binning
from interpretable_gan.metrics.disentanglement.information import (
    Information,
    measure_information,
)
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import Note, named
from interpretable_gan.metrics.uncertainty import Score


@measured(0, 1)
def axis_alignment(
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
    """Axis alignment metric of disentangling-vae (https://github.com/YannDubs/disentangling-vae).

    Range [0, 1], higher is better. Per factor max(0, I₁ − Σ_{j≥2} I_j) / I₁ over codes sorted by
    mutual information; 0 for a factor no code knows.

    Args:
        codes: (rows, codes). factors: (rows, factors).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "axis_alignment",
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
    best = table.matrix.max(axis=0)
    rest = table.matrix.sum(axis=0) - best
    alignment = np.divide(np.maximum(0, best - rest), best, out=np.zeros_like(best), where=best > 0)
    per_factor = {"per_factor": named(alignment, table.rows.factor_names)}
    return float(alignment.mean()), per_factor
