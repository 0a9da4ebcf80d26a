"""Who used, bought, read or rated what, and what is known of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.data import movielens
from interpretable_gan.data.dataset import checksum
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.interaction_rows import InteractionRows
from interpretable_gan.data.ratings import NEEDED, Feedback, feedback_of, find_roles, liked_from
from interpretable_gan.data.side_tables import SideTable, read_side
from interpretable_gan.data.splits import rows_of
from interpretable_gan.data.tables import read_rows
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.table import is_table, read_table

SPLITS = {"train": 0.7, "validation": 0.1, "test": 0.2}
"""Shares of each user's interactions, the latest for the test."""

WHOLE = 5
"""Users with fewer interactions have all of them for training."""

RESERVED = ("popularity", "residual", "asked", *(f"d{number:02d}" for number in range(500)))
"""Names of terms and of discovered tastes, which no attribute can have."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class InteractionSource:
    """What `open_interactions` needs to open a source again: paths absolute, and what was inferred
    of its ratings."""

    source: str
    seed: int
    users: str | None = None
    items: str | None = None
    feedback: Feedback | None = None
    liked: float | None = None
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Interactions:
    """Interactions of users with items, one a row, in the order of users and times.

    Args:
        name: what to call it.
        users, items: number of the user and of the item of each row, (rows,).
        liked: whether the user liked the item; all true where feedback is implicit.
        feedback: whether ratings say what was liked.
        people: ids and attributes of the users.
        catalog: ids, titles and attributes of the items, those that nobody used included.
        splits: ``train``, ``validation`` and ``test`` → row numbers: of each user the earliest, the
            next and the latest.
        checksum: changes when anything of this does.
        report: what was wrong, and what was decided.
        source: where it comes from; None where it was given as tables.
    """

    name: str
    users: Rows
    items: Rows
    liked: NDArray[np.bool_]
    feedback: Feedback
    people: SideTable
    catalog: SideTable
    splits: Mapping[str, Rows]
    checksum: str = ""
    report: Intake | None = None
    source: InteractionSource | None = None

    def __len__(self) -> int:
        return len(self.users)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Of users, then of items."""
        return self.people.attributes + self.catalog.attributes

    def rows(self, *splits: str) -> Rows:
        """Row numbers of one split or more."""
        return np.sort(np.concatenate([rows_of(self.splits, each, self.name) for each in splits]))

    def history(self, rows: Rows, *, seen: float = 1.0) -> sp.csr_array:
        """Rows as a matrix (users, items): 1 where liked, ``seen`` where used but not liked."""
        values = np.where(self.liked[rows], 1.0, seen)
        shape = (len(self.people.ids), len(self.catalog.ids))
        found = sp.csr_array((values, (self.users[rows], self.items[rows])), shape=shape)
        found.eliminate_zeros()
        return found


def holds_interactions(source: str | Path) -> bool:
    """Whether a file names a column of users and one of items, or is one of MovieLens."""
    path = Path(source)
    if path.name == "u.data" or (path / "u.data").is_file():
        return True
    if not path.is_file() or not is_table(path):
        return False
    try:
        found = find_roles(read_table(path), {}, str(path))
    except DataError:
        return False
    return all(role in found for role in NEEDED)


def open_interactions(
    source: Any,
    users: Any = None,
    items: Any = None,
    *,
    name: str | None = None,
    seed: int = 0,
    feedback: Feedback | None = None,
    liked: float | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Interactions:
    """Open a table of interactions, with a table of users and one of items where there are some.

    Args:
        source: CSV, TSV, JSON lines or Parquet with a column of users, one of items and, if you
            like, ratings and times; MovieLens' ``u.data`` or its folder; a data frame or mapping.
        users, items: the same kinds of tables with a column of ids; one cell may hold several
            labels, such as ``comedy|drama``.
        name: what to call it; by default the file's name.
        seed: of the split, where there are no times.
        feedback: what ratings say; by default inferred.
        liked: the rating from which on an item counts as liked; by default inferred.
        columns: role (user, item, rating, time) → column, where names do not tell.
        strict: stop at anything wrong instead of going on without it.

    Raises:
        DataError: no such file, no such column, nothing usable; with ``strict``, anything wrong.
    """
    path = Path(source) if isinstance(source, str | Path) else None
    name = name or (path.resolve().name.partition(".")[0] if path else "ratings")
    if path and movielens.is_movielens(path):
        path, near_users, near_items = movielens.beside(path)
        source, name = path, path.resolve().parent.name
        users = near_users if users is None else users
        items = near_items if items is None else items
    intake = Intake(str(path) if path else name)
    found = InteractionRows.of(read_source(source, intake), columns or {}, intake)
    feedback, liked = _said(found, feedback, liked, intake)
    enjoyed = found.ratings >= (-np.inf if liked is None else liked)
    _tell_counts(found, intake)
    people = _side(users, found.user_ids, "user", found.roles, (), intake)
    catalog = _side(items, found.item_ids, "item", found.roles, people.names, intake)
    return Interactions(
        name=name,
        users=found.users,
        items=found.items,
        liked=enjoyed,
        feedback=feedback,
        people=people,
        catalog=catalog,
        splits=_splits(found, seed, intake),
        checksum=checksum(*people.ids, *catalog.ids, *found.numbers, enjoyed, catalog.cells),
        report=intake.settle(len(found.users), strict=strict),
        source=InteractionSource(
            str(path.resolve()), seed, _place(users), _place(items), feedback, liked, columns
        )
        if path
        else None,
    )


def place_of(source: str | Path) -> Path:
    """The file of interactions: of a folder of MovieLens its ``u.data``."""
    path = Path(source)
    return movielens.beside(path)[0] if movielens.is_movielens(path) else path


def read_source(source: Any, intake: Intake) -> Mapping[str, Any]:
    """A table by column, MovieLens' own files included.

    Raises:
        DataError: unreadable, or no rows.
    """
    path = Path(source) if isinstance(source, str | Path) else None
    if path is not None and path.name in movielens.FILES:
        table: Mapping[str, Any] = movielens.read_movielens(path)
    else:
        table = read_rows(source, intake)
    if not len(next(iter(table.values()), ())):
        raise DataError(f"{path or 'the table'} has no rows.")
    return table


def _side(
    source: Any,
    seen: list[str],
    role: str,
    roles: Mapping[str, str],
    taken: tuple[str, ...],
    intake: Intake,
) -> SideTable:
    """What is known of one side."""
    table = None if source is None else read_source(source, intake)
    return read_side(table, seen, role, roles.get(role), RESERVED + taken, intake)


def _place(source: Any) -> str | None:
    return str(Path(source).resolve()) if isinstance(source, str | Path) else None


def _said(
    found: InteractionRows, asked: Feedback | None, liked: float | None, intake: Intake
) -> tuple[Feedback, float | None]:
    """What ratings say, and the one from which on an item is liked; None where every item is.

    Raises:
        DataError: there is no interaction.
    """
    if not len(found.users):
        raise DataError(f"no usable interaction. {intake.sentence()}")
    if "rating" not in found.roles:
        intake.remarks.append("feedback is implicit: there are no ratings")
        return "implicit", None
    feedback = feedback_of(found.ratings, asked, intake)
    if feedback == "implicit" or found.ratings.min() == found.ratings.max():
        return feedback, None
    return feedback, liked_from(found.ratings, liked, intake)


def _tell_counts(found: InteractionRows, intake: Intake) -> None:
    """Which columns are read, how many users and items there are, and who has but one row."""
    intake.columns = " · ".join(f"{role}: {column}" for role, column in found.roles.items())
    user_ids, item_ids = found.user_ids, found.item_ids
    counts = np.bincount(found.users, minlength=len(user_ids))
    alone = np.flatnonzero(counts == 1)
    intake.remarks.append(f"{len(user_ids):,} users and {len(item_ids):,} items")
    if len(alone):
        shown = ", ".join(user_ids[number] for number in alone[:5].tolist())
        more = f", and {len(alone) - 5:,} more" if len(alone) > 5 else ""
        intake.remarks.append(f"{len(alone):,} users have one interaction ({shown}{more})")


def _splits(found: InteractionRows, seed: int, intake: Intake) -> dict[str, Rows]:
    """Of each user the earliest rows for training and the latest for the test; at random where no
    time is known."""
    count = len(found.users)
    sizes = np.bincount(found.users)
    order = np.arange(count)
    if np.isnan(found.times).all():
        luck = np.random.default_rng([seed, count])
        order = np.lexsort((luck.random(count), found.users))
        intake.remarks.append(f"no times: the rows of each user are split at random, seed {seed}")
    place = np.empty(count, np.int64)
    place[order] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    share = place / np.maximum(sizes[found.users], 1)
    first, then = SPLITS["train"], SPLITS["train"] + SPLITS["validation"]
    part = np.searchsorted([first, then], share + 1e-9, side="right")
    part[sizes[found.users] < WHOLE] = 0
    return {name: np.flatnonzero(part == number) for number, name in enumerate(SPLITS)}
