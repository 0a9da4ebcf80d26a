"""Unsupervised disentanglement ranking: do models trained apart find the same codes?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.probes import standardised
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, check_matrix, named, names_of
from interpretable_gan.metrics.uncertainty import checksum

KL_THRESHOLD = 0.01
ALPHA = 0.1
CONSTANTS = {"alpha": ALPHA, "kl_threshold": KL_THRESHOLD}


@measured(0)
def udr(
    models: Sequence[ArrayLike],
    average_kl: Sequence[ArrayLike] | None = None,
    *,
    method: Literal["lasso", "spearman"] = "lasso",
    drop_inactive: bool = True,
    mode: Mode = "strict",
    model_names: Sequence[str] | None = None,
) -> Result:
    """UDR (Duan et al. 2020, https://arxiv.org/abs/1905.12614); ``value`` is the mean over models.

    From 0 up, higher is better: 1 when every pair of models has the same codes up to order,
    sign and scale.

    Args:
        models: codes (rows, codes) of at least two models on the same rows; they may differ in
            the number of codes.
        average_kl: (codes,) per model; codes of 0.01 and less are switched off. For models without
            a KL give 1 for codes whose output matters and 0 for the others (default: all matter).
        drop_inactive: leave switched-off codes out of the score as well.

    Raises:
        MetricError: fewer than two models, or models on different rows.
    """
    codes = [check_matrix(model, "codes", "code", None) for model in models]
    if len(codes) < 2 or len({len(z) for z in codes}) > 1:
        raise MetricError("UDR compares at least two models on the same rows.")
    names = names_of("model", len(codes), model_names)
    active = _active(codes, average_kl, names)
    prepared = [standardised(z)[0] * on for z, on in zip(codes, active, strict=True)]
    count = len(codes)
    pairs = np.zeros((count, count))
    relations: dict[str, dict[str, Any]] = {name: {} for name in names}
    for i, j in permutations(range(count), 2):
        relation = RELATIONS[method](prepared[i], prepared[j])
        relations[names[i]][names[j]] = relation.tolist()
        if drop_inactive:
            relation = relation[active[i]][:, active[j]]
        if mode == "strict":  # published code lets one dead code void whole rows
            relation = np.nan_to_num(relation)
        pairs[i, j] = relative_strength(relation)
    scores = np.array([np.median(np.delete(pairs[:, j], j)) for j in range(count)])
    dead = [name for name, on in zip(names, active, strict=True) if not on.any()]
    return Result(
        metric="udr",
        value=float(scores.mean()),
        mode=mode,
        breakdown={
            "per_model": named(scores, names),
            "pairs": pairs.tolist(),
            "relations": relations,
        },
        parameters={"method": method, "drop_inactive": drop_inactive} | CONSTANTS,
        data={
            "rows": len(codes[0]),
            "codes": [z.shape[1] for z in codes],
            "sha256": checksum(*codes),
        },
        warnings=tuple(f"model {name!r} has no active code: score 0" for name in dead),
    )


def _active(
    codes: list[FloatArray], average_kl: Sequence[ArrayLike] | None, names: Sequence[str]
) -> list[NDArray[np.bool_]]:
    """Which codes of each model count: those above the threshold, or all."""
    kl = [np.ones(z.shape[1]) for z in codes] if average_kl is None else average_kl
    if len(kl) != len(codes):
        raise MetricError(f"average_kl has {len(kl)} entries for {len(codes)} models.")
    active = [np.asarray(values, dtype=np.float64) > KL_THRESHOLD for values in kl]
    for z, on, name in zip(codes, active, names, strict=True):
        if on.shape != (z.shape[1],):
            raise MetricError(f"average_kl of {name!r} must have one entry per code.")
    return active


def relative_strength(relation: FloatArray) -> float:
    """Strongest entry, squared, over the sum: mean over columns and over rows, 1 for a permutation.

    A column or row with an undefined entry, or of zeros, counts as 0.
    """
    if not relation.size:
        return 0.0
    return (_strength(relation) + _strength(relation.T)) / 2


def _strength(relation: FloatArray) -> float:
    total = relation.sum(axis=0)
    squared = relation.max(axis=0) ** 2
    return float(np.divide(squared, total, out=np.zeros_like(total), where=total > 0).mean())


def _lasso(a: FloatArray, b: FloatArray) -> FloatArray:
    """|weights| of the codes of ``a`` that predict each code of ``b``: (codes of a, codes of b)."""
    from sklearn.linear_model import Lasso

    return np.abs(np.atleast_2d(Lasso(alpha=ALPHA).fit(a, b).coef_)).reshape(b.shape[1], -1).T


def _spearman(a: FloatArray, b: FloatArray) -> FloatArray:
    """|rank correlations|, undefined (NaN) with a switched-off code."""
    from scipy.stats import rankdata

    x, y = standardised(rankdata(a, axis=0))[0], standardised(rankdata(b, axis=0))[0]
    related = np.abs(x.T @ y / len(a))
    related[np.ptp(a, axis=0) == 0] = np.nan
    related[:, np.ptp(b, axis=0) == 0] = np.nan
    return related


RELATIONS = {"lasso": _lasso, "spearman": _spearman}
