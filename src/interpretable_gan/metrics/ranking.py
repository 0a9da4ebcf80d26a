"""How good ranked lists are, user by user: arrays to arrays, no model needed.

Every item is ranked, none is sampled: sampled versions of these measures order models differently
(Krichene & Rendle 2020).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]


def hits(lists: Numbers, truth: Any) -> NDArray[np.bool_]:
    """Which listed items are wanted, (users, n).

    Args:
        lists: numbers of items (users, n), best first; −1 is no item.
        truth: sparse (users, items), not 0 where wanted.
    """
    wanted = truth.toarray() != 0
    rows = np.arange(len(lists))[:, None]
    return wanted[rows, np.maximum(lists, 0)] & (lists >= 0)


def ndcg(lists: Numbers, truth: Any, k: int) -> Array:
    """Normalised discounted cumulative gain of the first ``k``, (users,).

    Range 0 to 1, higher is better: 1 where the first items are all wanted, as far as there are so
    many; 0 where none of the first ``k`` is. nan of users who want nothing.
    """
    found = hits(lists[:, :k], truth)
    discount = 1 / np.log2(np.arange(2, k + 2))
    gain = found @ discount[: found.shape[1]]
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])
    return gain / ideal[np.minimum(_wanted(truth), k)]


def recall(lists: Numbers, truth: Any, k: int) -> Array:
    """Share of the wanted items that are among the first ``k``, (users,).

    Range 0 to 1, higher is better; below 1 for users who want more than ``k``. nan of
    users who want nothing.
    """
    wanted = _wanted(truth).astype(np.float64)
    wanted[wanted == 0] = np.nan
    return hits(lists[:, :k], truth).sum(axis=1) / wanted


def coverage(lists: Numbers, items: int, k: int) -> float:
    """Share of all items that are on anybody's list of ``k``. Range 0 to 1; higher is more various,
    which is no good in itself."""
    shown = np.unique(lists[:, :k])
    return float((shown >= 0).sum() / items)


def novelty(lists: Numbers, uses: Array, users: int, k: int) -> Array:
    """Mean surprise −log2(share of users who used it) of the listed items in bits, (users,). Higher
    is less known; an item that nobody used counts as if half a user had."""
    surprise = -np.log2(np.maximum(uses, 0.5) / users)
    listed = lists[:, :k]
    shown = np.where(listed >= 0, surprise[np.maximum(listed, 0)], np.nan)
    return np.nanmean(shown, axis=1)


def _wanted(truth: Any) -> NDArray[np.int64]:
    return np.asarray((truth != 0).sum(axis=1)).reshape(-1).astype(np.int64)
