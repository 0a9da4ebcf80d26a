"""JEMMIG: a gap that also asks the best code to say nothing beyond its factor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

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
def jemmig(
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
    """Joint entropy minus mutual information gap (Do & Tran 2020, https://arxiv.org/abs/1908.09961).

    The higher-is-better form, range [0, 1]: mean over factors with best code k* of
    1 − (H(v, z_k*) − I₁ + I₂) / (H(v) + log B).

    Args:
        codes: (rows, codes). factors: (rows, factors).

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    return measure_information(
        "jemmig",
        partial(_score, bins=bins),
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


def _score(table: Information, mode: Mode, note: Note, *, bins: int) -> Score:
    best, second = top_two(table.matrix)
    joint = table.factor_entropy + table.code_entropy[table.matrix.argmax(axis=0)] - best
    score = 1 - (joint - best + second) / (table.factor_entropy + np.log(bins))
    per_factor = {"per_factor": named(score, table.rows.factor_names)}
    return float(score.mean()), per_factor
