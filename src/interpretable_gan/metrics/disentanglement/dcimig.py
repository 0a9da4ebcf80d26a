"""DCIMIG: the gap of each code, credited to the factor it knows best."""

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
def dcimig(
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
    """DCIMIG (Sepliarskaia et al. 2020, https://arxiv.org/abs/1910.05587).

    Range [0, 1], higher is better: 1 when every factor has a code that knows it fully and knows
    no other factor. Each code's gap I₁ − I₂ over factors goes to its best factor; the best gap of
    each factor is summed and divided by the factors' entropy.

    Args:
        codes: (rows, codes). factors: (rows, factors).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "dcimig",
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
    best, second = top_two(table.matrix.T)
    credited = np.zeros_like(table.matrix)  # (codes, factors)
    credited[np.arange(len(best)), table.matrix.argmax(axis=1)] = best - second
    per_factor = credited.max(axis=0)
    value = per_factor.sum() / table.factor_entropy.sum()
    parts_by_name = {
        "per_factor": named(per_factor / table.factor_entropy, table.rows.factor_names)
    }
    return float(value), parts_by_name
