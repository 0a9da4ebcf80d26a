"""Plug-in entropy and mutual information, in nats, from counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def entropy(labels: NDArray[Any]) -> float:
    """H = −Σ p log p of one column of labels."""
    _, counts = np.unique(labels, return_counts=True)
    return entropy_of_counts(counts)


def entropy_of_counts(counts: Counts) -> float:
    p = counts[counts > 0] / counts.sum()
    return float(-np.sum(p * np.log(p)))


def contingency(a: Counts, b: Counts) -> Counts:
    """How often each pair of labels 0…n−1 occurs: (labels of a, labels of b)."""
    width = int(b.max()) + 1
    return np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width)


def mutual_information_of_counts(counts: Counts) -> float:
    """I = Σ p_ij log(p_ij / (p_i p_j)), never below 0."""
    n = counts.sum()
    i, j = np.nonzero(counts)
    joint = counts[i, j]
    expected = counts.sum(axis=1)[i] * counts.sum(axis=0)[j] / n
    return max(0.0, float(np.sum(joint * np.log(joint / expected)) / n))


def mutual_information_matrix(
    a: NDArray[Any], b: NDArray[Any], *, miller_madow: bool = False
) -> NDArray[np.float64]:
    """I(column of ``a``; column of ``b``) for every pair of columns: (columns of a, columns of b).

    Labels may be anything numpy can sort. With ``miller_madow`` the bias of the plug-in value,
    (cells − rows − columns + 1) / 2N over occupied cells, is taken off.
    """
    left, right = relabelled(a), relabelled(b)
    result = np.empty((a.shape[1], b.shape[1]))
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            counts = contingency(x, y)
            result[i, j] = mutual_information_of_counts(counts)
            if miller_madow:
                cells = np.count_nonzero(counts)
                result[i, j] -= (cells - sum(counts.shape) + 1) / (2 * len(a))
    return result


def mutual_information_of_pairs(a: NDArray[Any]) -> NDArray[np.float64]:
    """I(column; column) of one table with itself, symmetric; the entropies on the diagonal."""
    columns = relabelled(a)
    result = np.diag([entropy_of_counts(np.bincount(x)) for x in columns])
    for i, x in enumerate(columns):
        for j in range(i):
            information = mutual_information_of_counts(contingency(x, columns[j]))
            result[i, j] = result[j, i] = information
    return result


def relabelled(table: NDArray[Any]) -> list[Counts]:
    """Each column with its values numbered 0…n−1 in sorted order, none unused."""
    return [np.unique(column, return_inverse=True)[1].astype(np.int64) for column in table.T]
