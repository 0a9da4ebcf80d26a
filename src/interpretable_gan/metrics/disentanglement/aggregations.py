"""One matrix, every reading of it: the sums that turn code × factor tables into scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.disentanglement.information import top_two
from interpretable_gan.metrics.disentanglement.modularity import modularity_of
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import FloatArray, check_matrix, named, names_of
from interpretable_gan.metrics.uncertainty import checksum

SMOOTHING = 1e-11


@measured(0, 1)
def aggregations(
    matrix: ArrayLike,
    *,
    mode: Mode = "strict",
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
) -> Result:
    """All aggregations of one importance-like matrix; ``value`` is the disentanglement.

    Range [0, 1], higher is better, except ``area_precision`` (unit of the matrix) and
    ``max_precision`` (number of independent groups). The unified view of Locatello et al. 2020
    (https://arxiv.org/abs/2010.14766), §5.

    Args:
        matrix: (codes, factors), not negative: mutual information, importances, accuracies, …

    Raises:
        MetricError: NaN, infinity or negative entries.
    """
    r = check_matrix(matrix, "matrix", "factor", factor_names)
    if (r < 0).any():
        raise MetricError(
            "an importance matrix cannot have negative entries; take absolute values."
        )
    codes = names_of("code", r.shape[0], code_names)
    factors = names_of("factor", r.shape[1], factor_names)
    best, second = top_two(r)
    area, groups = precision_curve(r)
    breakdown: dict[str, Any] = {
        "disentanglement_per_code": named(disentanglement_per_code(r), codes),
        "completeness_per_factor": named(completeness_per_factor(r), factors),
        "disentanglement": disentanglement(r),
        "completeness": completeness(r),
        "gap": float(np.mean(best - second)),
        "gap_per_factor": named(best - second, factors),
        "modularity": float(modularity_of(r).mean()),
        "area_precision": area,
        "max_precision": groups,
    }
    return Result(
        metric="aggregations",
        value=breakdown["disentanglement"],
        mode=mode,
        breakdown=breakdown,
        parameters={"smoothing": SMOOTHING},
        data={"codes": len(codes), "factors": len(factors), "sha256": checksum(r)},
        warnings=() if r.any() else ("all entries are zero: every score is 0",),
    )


def disentanglement(importance: FloatArray) -> float:
    """D = Σ_k ρ_k D_k: codes weighed by their share of all importance."""
    weight = importance.sum(axis=1) if importance.any() else np.ones(len(importance))
    return float(np.average(disentanglement_per_code(importance), weights=weight))


def completeness(importance: FloatArray) -> float:
    """C = Σ_f σ_f C_f: factors weighed by their share of all importance."""
    weight = importance.sum(axis=0) if importance.any() else np.ones(importance.shape[1])
    return float(np.average(completeness_per_factor(importance), weights=weight))


def disentanglement_per_code(importance: FloatArray) -> FloatArray:
    """D_k = 1 − H_F(P_k): 1 when code k matters to one factor only."""
    return 1 - relative_entropy(importance)


def completeness_per_factor(importance: FloatArray, base: int | None = None) -> FloatArray:
    """C_f = 1 − H_K(P_f): 1 when factor f needs one code only; ``base`` replaces K."""
    return 1 - relative_entropy(importance.T, base)


def relative_entropy(weights: FloatArray, base: int | None = None) -> FloatArray:
    """Entropy of each row as a share of its maximum, log of the row's length or ``base``.

    0 for rows of one entry. Every entry gets 1e-11 first, so that a row of zeros counts as
    uniform.
    """
    base = weights.shape[1] if base is None else base
    if base == 1:
        return np.zeros(len(weights))
    p = weights + SMOOTHING
    p = p / p.sum(axis=1, keepdims=True)
    return np.asarray(-np.sum(p * np.log(p), axis=1) / np.log(base))


def precision_curve(matrix: FloatArray) -> tuple[float, int]:
    """Area under, and maximum of, the number of independent groups as a threshold falls.

    Codes and factors are the two sides of a graph whose edges are the non-zero entries ≥ t; its
    connected components with an edge are the groups.
    """
    thresholds = np.sort(matrix.ravel())[::-1]
    groups = np.array([independent_groups(matrix, t) for t in thresholds])
    area = np.sum((groups[:-1] + groups[1:]) / 2 * (thresholds[:-1] - thresholds[1:]))
    return float(area), int(groups.max())


def independent_groups(matrix: FloatArray, threshold: float) -> int:
    """Connected components with at least one edge."""
    from scipy.sparse import bmat, csr_matrix
    from scipy.sparse.csgraph import connected_components

    edges = csr_matrix((matrix >= threshold) & (matrix != 0))
    count, _ = connected_components(bmat([[None, edges], [edges.T, None]]), directed=False)
    lonely = int((edges.getnnz(axis=0) == 0).sum() + (edges.getnnz(axis=1) == 0).sum())
    return int(count) - lonely
