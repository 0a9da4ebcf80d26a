"""Factorised support: do all combinations of code values occur?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import standardised
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, Note, check_rows
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

BATCHES = 10
"""Batches of rows whose distances are averaged."""


@measured(0)
def factorised_support(
    codes: ArrayLike,
    *,
    batch: int = 128,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Distance of the codes' support from a product of supports (Roth et al. 2023,
    https://arxiv.org/abs/2210.07347).

    Range [0, ∞), lower is better: 0 when every combination of two codes' values occurs. Per pair
    of codes and batch the Hausdorff distance from all combinations of the two columns to the rows
    that exist, summed over pairs; mean over batches. Needs no factors; correlated factors may be
    factorised in support all the same. *strict* standardises codes first.

    Args:
        codes: (rows, codes).

    Raises:
        MetricError: NaN or infinity.
    """
    settings: dict[str, Any] = {"batch": batch, "batches": BATCHES}
    return measure(
        "factorised_support",
        partial(_score, mode=mode, **settings),
        (check_rows(codes, code_names=code_names),),
        mode=mode,
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
        refits=True,
        chance=False,
    )


def _score(
    parts: Parts, rng: np.random.Generator, note: Note, *, mode: Mode, batch: int, batches: int
) -> Score:
    z = standardised(parts[0].codes)[0] if mode == "strict" else parts[0].codes
    if z.shape[1] < 2:
        note("one code: there is no pair to look at, 0 returned")
        return 0.0, {}
    distances = []
    for _ in range(batches):
        some = z[rng.choice(len(z), min(batch, len(z)), replace=False)]
        pairs = combinations(range(z.shape[1]), 2)
        distances.append(sum(_farthest_combination(some[:, pair]) for pair in map(list, pairs)))
    return float(np.mean(distances)), {"per_batch": distances}


def _farthest_combination(pair: FloatArray) -> float:
    """Largest distance from a combination of two columns' values to the nearest row."""
    from scipy.spatial import cKDTree

    combination = np.stack(np.meshgrid(*pair.T), axis=-1).reshape(-1, 2)
    return float(cKDTree(pair).query(combination)[0].max())
