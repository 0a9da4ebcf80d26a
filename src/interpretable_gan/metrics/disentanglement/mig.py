"""Mutual information gap: does one code know a factor much better than any other code?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

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
def mig(
    codes: ArrayLike,
    factors: ArrayLike,
    *,
    mode: Mode = "strict",
    bins: int = 20,
    binning: Binning = "width",
    per: Literal["factor", "code"] = "factor",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Mutual information gap (Chen et al. 2018, https://arxiv.org/abs/1802.04942).

    Range [0, 1], higher is better: 1 when one code alone determines each factor, 0 when the two
    best codes of every factor know it equally well. Blind to two factors in one code.

    Args:
        codes: (rows, codes) real; binned into ``bins`` bins first.
        factors: (rows, factors); real-valued ones are binned too (*strict*).
        per: divide information by the entropy of the factor, as the paper does, or of the code,
            as the La Forge collection does (another metric under the same name; undefined with a
            constant code).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "mig",
        partial(_score, per=per),
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


def _score(table: Information, mode: Mode, note: Note, *, per: str) -> Score:
    share = table.matrix / table.factor_entropy
    if per == "code":
        with np.errstate(invalid="ignore"):  # a constant code has neither information nor entropy
            share = table.matrix / table.code_entropy[:, None]
    best, second = top_two(share)
    gaps = best - second
    if np.isnan(gaps).any():
        note("undefined (NaN): a constant code has no entropy to divide by")
    parts_by_name = {
        "per_factor": named(gaps, table.rows.factor_names),
        "codes_compared": compared(table),
    }
    return float(gaps.mean()), parts_by_name


def compared(table: Information) -> dict[str, list[str]]:
    """For each factor the code that knows most about it, and the runner-up."""
    order = np.argsort(-table.matrix, axis=0, kind="stable")[:2]
    return {
        factor: [table.rows.code_names[k] for k in order[:, f]]
        for f, factor in enumerate(table.rows.factor_names)
    }
