"""Interactions by number, read from the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.ratings import NEEDED, find_roles, identities, read_ratings, read_times

Numbers = NDArray[np.int64]
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InteractionRows:
    """Interactions sorted by user and time, each user and item once.

    Args:
        roles: role → column.
        user_ids, item_ids: in the order of their first row.
        users, items: number of the user and of the item of each row, (rows,).
        ratings: (rows,); 1 where there is no column of ratings.
        times: seconds since 1970-01-01 UTC, nan where not known, (rows,).
    """

    roles: dict[str, str]
    user_ids: list[str]
    item_ids: list[str]
    users: Numbers
    items: Numbers
    ratings: Array
    times: Array

    @property
    def numbers(self) -> tuple[Numbers, Numbers]:
        """Of users and of items."""
        return self.users, self.items

    @classmethod
    def of(
        cls, table: Mapping[str, Any], columns: Mapping[str, str], intake: Intake
    ) -> InteractionRows:
        """Read the columns; what cannot be used is noted and left out.

        Raises:
            DataError: no column of users or of items.
        """
        roles = find_roles(table, columns, intake.source)
        who, what = (identities(table[roles[role]]) for role in NEEDED)
        rows = [f"row {row + 1}" for row in range(len(who))]
        usable = np.array([bool(a and b) for a, b in zip(who, what, strict=True)])
        for row in np.flatnonzero(~usable).tolist():
            intake.note("row without a user or an item", rows[row])
        ratings = np.ones(len(who))
        if "rating" in roles:
            ratings, known = read_ratings(table[roles["rating"]], rows, intake)
            usable &= known
        times = np.full(len(who), np.nan)
        if "time" in roles:
            times = read_times(table[roles["time"]], rows, intake)
        user_ids, users = _numbered(who, usable)
        item_ids, items = _numbered(what, usable)
        ratings, times = ratings[usable], times[usable]
        order = _latest(users, items, times, user_ids, item_ids, intake)
        return cls(
            roles, user_ids, item_ids, users[order], items[order], ratings[order], times[order]
        )


def _numbered(names: list[str], usable: NDArray[np.bool_]) -> tuple[list[str], Numbers]:
    """The different ids in the order of their first row, and the number of each usable row's."""
    number: dict[str, int] = {}
    kept = [name for name, use in zip(names, usable.tolist(), strict=True) if use]
    found = np.array([number.setdefault(name, len(number)) for name in kept], np.int64)
    return list(number), found


def _latest(
    users: Numbers,
    items: Numbers,
    times: Array,
    user_ids: list[str],
    item_ids: list[str],
    intake: Intake,
) -> Numbers:
    """Row numbers by user and time, of rows with one user and item the latest alone."""
    when = np.nan_to_num(times, nan=-np.inf)
    order = np.lexsort((np.arange(len(users)), when, users))
    pair = users[order] * len(item_ids) + items[order]
    _, last = np.unique(pair[::-1], return_index=True)
    kept = np.zeros(len(order), bool)
    kept[len(order) - 1 - last] = True
    for row in order[~kept].tolist():
        intake.note("rating given twice", f"{user_ids[users[row]]} {item_ids[items[row]]}")
    return order[kept]
