"""Users as a recommender takes them: what they used, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.errors import DataError, did_you_mean

Array = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """Users with their histories.

    Args:
        history: (users, items): 1 for liked items, another number for others that were used.
        columns: of their attributes, (users, columns), 0 where not known.
    """

    history: sp.csr_array
    columns: Array

    def __len__(self) -> int:
        return self.history.shape[0]

    def at(self, rows: NDArray[np.int64] | slice) -> People:
        """Some of them."""
        return People(self.history[rows], self.columns[rows])

    def without(self, items: Sequence[int] | NDArray[np.int64]) -> People:
        """The same users, had they never met some items."""
        kept = np.ones(self.history.shape[1])
        kept[np.asarray(items, np.int64)] = 0
        history = sp.csr_array(self.history * kept)
        history.eliminate_zeros()
        return People(history, self.columns)


def history_of(
    items: Mapping[str, float] | Sequence[str], ids: Sequence[str], columns: int
) -> People:
    """One user who is known by past items alone.

    Args:
        items: ids, each liked, or ids with what they count.
        ids: of the catalogue.
        columns: of users' attributes, none of which is known.

    Raises:
        DataError: an item that is not in the catalogue.
    """
    given = dict(items) if isinstance(items, Mapping) else dict.fromkeys(items, 1.0)
    number = {name: place for place, name in enumerate(ids)}
    row = np.zeros((1, len(ids)))
    for name, value in given.items():
        if name not in number:
            raise DataError(f"no item {name!r}.{did_you_mean(name, ids)}")
        row[0, number[name]] = value
    return People(sp.csr_array(row), np.zeros((1, columns)))
