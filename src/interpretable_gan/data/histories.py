"""Histories of any number of users, part by part, for a model whose items are known already."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.interaction_rows import InteractionRows
from interpretable_gan.data.interactions import InteractionSource, place_of, read_source
from interpretable_gan.data.ratings import find_roles, identities
from interpretable_gan.data.side_tables import key_of, label_cells
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute, as_text
from interpretable_gan.schema.cells import read_cells
from interpretable_gan.schema.table import is_table, read_blocks

PART = 2**24
"""Bytes of a file that are read at once; a larger one is first divided by user."""

PACKED = 5
"""How much larger a compressed file is when it is read."""

MOST = 200
"""Parts at most, as all are open while a file is divided."""

BLOCK = 50_000
"""Rows that are read at a time while a file is divided."""

Table = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Histories:
    """Some of the users.

    Args:
        ids: of the users, (users,).
        history: (users, items): 1 where liked, another number where used.
        cells: of their attributes, nan where not known, (users, attributes).
        part, parts: which part it is, from 0, and of how many.
        problems: what was wrong with their rows, and how often.
    """

    ids: tuple[str, ...]
    history: sp.csr_array
    cells: NDArray[np.float64]
    part: int
    parts: int
    problems: Counter[str]


def read_histories(
    source: InteractionSource,
    items: Sequence[str],
    attributes: Sequence[Attribute],
    seen: float,
    *,
    idle: bool = False,
) -> Iterator[Histories]:
    """Read users with their histories and attributes. Of large tables some of the users at a time,
    so that memory stays the same for any number of them.

    Args:
        source: tables of interactions and of users, and what ratings mean.
        items: ids that the model knows, in its order; others are counted and left out.
        attributes: of users, as the model knows them.
        seen: what an item counts that was used but not liked.
        idle: users who are in the table of users alone are told as well, without a history.

    Raises:
        DataError: a table that cannot be read, lacks a column, or has no usable row.
    """
    path, columns = place_of(source.source), source.columns or {}
    users = Path(source.users) if source.users and attributes else None
    number = {name: place for place, name in enumerate(items)}
    parts = max(_parts(each) for each in (path, users) if each)

    def user(table: Table) -> str:
        return find_roles(table, columns, str(path))["user"]

    def key(table: Table) -> str:
        return key_of(table, (), "user", columns.get("user"), Intake(str(users)))

    found = False
    with TemporaryDirectory() as folder:
        tables = _divided(path, parts, user, Path(folder) / "rows")
        sides = _divided(users, parts, key, Path(folder) / "users") if users else [None] * parts
        for part, (table, side) in enumerate(zip(tables, sides, strict=True)):
            intake = Intake(source.source)
            rows = InteractionRows.of(table, columns, intake)
            found = found or bool(rows.user_ids)
            ids, cells = _attributes(
                side, rows.user_ids, attributes, columns.get("user"), intake, idle=idle
            )
            history = _history(rows, len(ids), number, seen, source.liked, intake)
            problems = Counter({each: intake.count(each) for each in intake.found})
            yield Histories(ids, history, cells, part, parts, problems)
    if not found:
        raise DataError(f"{path} has no usable interaction.")


def _history(
    rows: InteractionRows,
    users: int,
    number: Mapping[str, int],
    seen: float,
    liked: float | None,
    intake: Intake,
) -> sp.csr_array:
    """The matrix (users, items) of known items."""
    values = np.ones(len(rows.users))
    if liked is not None and "rating" in rows.roles:
        values[rows.ratings < liked] = seen
    place = np.array([number.get(name, -1) for name in rows.item_ids], np.int64)[rows.items]
    known = place >= 0
    for item, times in Counter(rows.items[~known].tolist()).items():
        intake.note("item that the run does not know", rows.item_ids[item], times=times)
    where = (rows.users[known], place[known])
    found = sp.csr_array((values[known], where), shape=(users, len(number)))
    found.eliminate_zeros()
    return found


def _attributes(
    table: Table | None,
    seen: Sequence[str],
    attributes: Sequence[Attribute],
    column: str | None,
    intake: Intake,
    *,
    idle: bool,
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The users, those who are in the table alone last, and the cells of their attributes.

    Raises:
        DataError: the table of users lacks a column.
    """
    if table is None:
        return tuple(seen), np.full((len(seen), len(attributes)), np.nan)
    key = key_of(table, seen, "user", column, intake)
    row_of = {name: row for row, name in reversed([*enumerate(identities(table[key]))]) if name}
    for name in seen:
        if name not in row_of:
            intake.note("user without attributes", name)
    ids = (*seen, *(sorted(set(row_of) - set(seen)) if idle else ()))
    rows = [row_of.get(name, -1) for name in ids]
    cells = np.full((len(ids), len(attributes)), np.nan)
    for place, attribute in enumerate(attributes):
        name = attribute.description or attribute.name
        name = name if name in table else name.removeprefix("user ")
        if name not in table:
            raise DataError(
                f"the table of users has no column {name!r}, which the run learned from."
            )
        told = [table[name][row] if row >= 0 else "" for row in rows]
        if attribute.description:
            told = label_cells(told, attribute.name.removeprefix("user "))
        cells[:, place] = read_cells(attribute, told).values
    return ids, cells


def _parts(path: Path) -> int:
    """Into how many parts a file is divided."""
    if not path.is_file() or not is_table(path):
        return 1
    packed = path.suffix.lower() in (".gz", ".parquet")
    size = path.stat().st_size * (PACKED if packed else 1)
    return min(-(-size // PART), MOST) or 1


def _divided(path: Path, parts: int, key: Callable[[Table], str], stem: Path) -> Iterator[Table]:
    """The table in parts, all rows with one key in the same."""
    if parts == 1:
        yield read_source(path, Intake(str(path)))
        return
    files = [stem.with_suffix(f".{part}") for part in range(parts)]
    names: list[str] = []
    with ExitStack() as stack:
        opened = [
            stack.enter_context(file.open("w", encoding="utf-8", newline="")) for file in files
        ]
        writers = [csv.writer(each) for each in opened]
        for table in (
            read_blocks(path, BLOCK) if is_table(path) else [read_source(path, Intake(""))]
        ):
            names = names or list(table)
            which = [crc32(each.encode()) % parts for each in identities(table[key(table)])]
            cells = [[each if each.__class__ is str else as_text(each) for each in table[name]]
                     for name in names]  # fmt: skip
            for part, row in zip(which, zip(*cells, strict=True), strict=True):
                writers[part].writerow(row)
    for file in files:
        with file.open(encoding="utf-8", newline="") as rows:
            columns = [*zip(*csv.reader(rows), strict=True)] or [()] * len(names)
        yield dict(zip(names, columns, strict=True))
        file.unlink()
