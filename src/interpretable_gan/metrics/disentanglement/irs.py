"""Interventional robustness: does a code stay put while other factors move?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.discretise import discretise
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    check_rows,
    named,
    named_matrix,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

FEW_ROWS = 5


@measured(high=1)
def irs(
    codes: ArrayLike,
    factors: ArrayLike,
    *,
    mode: Mode = "strict",
    quantile: float = 0.99,
    bins: int | None = 20,
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
    seed: int = 0,
    uncertainty: bool = False,
) -> Result:
    """Interventional robustness score (Suter et al. 2019, https://arxiv.org/abs/1811.00007).

    Range up to 1, higher is better: 1 when each code is constant once one factor is held. Blind
    to a missing factor and to one factor in two codes; noise codes and outliers raise it, and the
    mean weighs codes by their largest deviation, hence by their scale. *strict* therefore takes
    the plain mean on standardised codes into the breakdown (``unweighted``).

    Args:
        codes: (rows, codes). factors: (rows, factors).
        quantile: of the deviations within a group; 1.0 in the paper, 0.99 in published code.
        bins: cut each factor into this many bins; None groups by its own values.

    Raises:
        MetricError: NaN or infinity, or rows that do not match.
    """
    rows = check_rows(codes, factors, code_names=code_names, factor_names=factor_names)
    settings: dict[str, Any] = {"quantile": quantile, "bins": bins}
    return measure(
        "irs",
        partial(_score, mode=mode, **settings),
        (rows,),
        mode=mode,
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
    )


def _score(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    mode: Mode,
    quantile: float,
    bins: int | None,
) -> Score:
    rows = _varying_codes(parts[0], note)
    if mode == "strict":
        (rows,) = without_constant_factors((rows,), note)
    active = len(rows.code_names)
    if not active or not rows.factor_names:
        note("no code or no factor varies: 0 returned")
        return 0.0, {"num_active_dims": 0}
    groups = rows.factors if bins is None else discretise(rows.factors, bins).astype(float)
    deviation = np.stack(
        [_deviation(rows, f, groups[:, f], quantile, note) for f in range(groups.shape[1])], axis=1
    )  # (codes, factors)
    largest = np.abs(rows.codes - rows.codes.mean(axis=0)).max(axis=0)
    robust = 1 - deviation / largest[:, None]
    per_code = robust.max(axis=1)
    parents = [rows.factor_names[f] for f in robust.argmax(axis=1)]
    return float(np.average(per_code, weights=largest)), {
        "per_code": named(per_code, rows.code_names),
        "parents": dict(zip(rows.code_names, parents, strict=True)),
        "matrix": named_matrix(robust, rows.code_names, rows.factor_names),
        "max_deviations": named(largest, rows.code_names),
        "num_active_dims": active,
        "unweighted": float(per_code.mean()),
    }


def _varying_codes(rows: Rows, note: Note) -> Rows:
    varies = np.ptp(rows.codes, axis=0) > 0
    for k in np.flatnonzero(~varies):
        note(f"code {rows.code_names[k]!r} is constant: dropped")
    return rows.with_codes(varies)


def _deviation(
    rows: Rows, factor: int, groups: FloatArray, quantile: float, note: Note
) -> FloatArray:
    """Mean over the groups of how far each code strays from its group mean: (codes,)."""
    values, member = np.unique(groups, return_inverse=True)
    order = np.argsort(member, kind="stable")
    sizes = np.bincount(member)
    if sizes.min() < FEW_ROWS:
        few = int((sizes < FEW_ROWS).sum())
        note(
            f"factor {rows.factor_names[factor]!r}: {few} of {len(values)} values have fewer than "
            f"{FEW_ROWS} rows, which raises the score"
        )
    total = np.zeros(rows.codes.shape[1])
    for group in np.split(rows.codes[order], np.cumsum(sizes)[:-1]):
        total += np.quantile(np.abs(group - group.mean(axis=0)), quantile, axis=0)
    return total / len(values)
