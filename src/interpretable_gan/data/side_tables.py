"""Attributes of users or of items, from a table beside the interactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.movielens import years_of
from interpretable_gan.data.ratings import ROLES, identities
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import MISSING, Attribute, as_text
from interpretable_gan.schema.cells import read_cells
from interpretable_gan.schema.naming import plain
from interpretable_gan.schema.table_inference import infer_table

TITLES = ("title", "name", "label")
"""What a column is called that says how items are called."""

MARKS = ("|", ";", ",")
"""Between several labels of one cell."""

MOST_LABELS = 100

FEWEST = 2
"""Items that a label has at least, to be an attribute."""

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class SideTable:
    """What is known of users or items: one row of ``cells`` (rows, attributes) for each of ``ids``,
    as `read_cells` reads them, nan where not known."""

    ids: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    cells: NDArray[np.float64]
    titles: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the attributes."""
        return tuple(each.name for each in self.attributes)


def read_side(
    table: Mapping[str, Any] | None,
    seen: Sequence[str],
    role: str,
    column: str | None,
    taken: Sequence[str],
    intake: Intake,
) -> SideTable:
    """The attributes of all that is in the interactions or in the table.

    Args:
        table: by column; None where there is none.
        seen: ids in the interactions, in order.
        role: ``user`` or ``item``.
        column: with the ids; found by its name or its cells where not given.
        taken: names that attributes cannot have, since others have them.
        intake: takes what was wrong and what was decided.

    Raises:
        DataError: no column has the ids.
    """
    if table is None:
        return SideTable(tuple(seen), (), np.zeros((len(seen), 0)), tuple(seen))
    key = key_of(table, seen, role, column, intake)
    ids = identities(table[key])
    row_of: dict[str, int] = {}
    for row, name in enumerate(ids):
        if name in row_of:
            intake.note("doubled row", f"{role} {name}")
        elif name:
            row_of[name] = row
    for name in seen:
        if name not in row_of:
            intake.note(f"{role} without attributes", name)
    extra = sorted(set(row_of) - set(seen))
    if extra:
        intake.remarks.append(f"{len(extra):,} of the {role}s in the table have no interaction")
    every = (*seen, *extra)
    rows = [row_of.get(name, -1) for name in every]
    body: Columns = {n: [_at(cells, row) for row in rows] for n, cells in table.items() if n != key}
    titles = _titles(body, every, role, intake)
    attributes, cells = _attributes(body, len(every), role, taken, intake)
    return SideTable(every, attributes, cells, titles)


def key_of(
    table: Mapping[str, Any], seen: Sequence[str], role: str, column: str | None, intake: Intake
) -> str:
    """The column with the ids: by its name, or the one that has most of them."""
    if column is not None and column in table:
        return column
    known = {*ROLES[role].split(), "id", f"{role}s"}
    for name in table:
        if plain(name) in known:
            return name
    wanted = set(seen)
    hits = {name: len(wanted & set(identities(cells))) for name, cells in table.items()}
    best = max(hits, key=lambda name: hits[name])
    if 2 * hits[best] < min(len(wanted), len(table[best])) or not hits[best]:
        raise DataError(
            f"the table of {role}s has no column with the ids of the interactions; it has: "
            f"{', '.join(table)}."
        )
    intake.remarks.append(f"{best} of the table of {role}s has their ids")
    return best


def _at(cells: Any, row: int) -> Any:
    return "" if row < 0 else cells[row]


def _titles(body: Columns, every: Sequence[str], role: str, intake: Intake) -> tuple[str, ...]:
    """What each is called, taken out of the columns; years at the end of titles are a column."""
    column = next((name for name in body if plain(name) in TITLES), None)
    if role != "item" or column is None:
        return tuple(every)
    told = [" ".join(as_text(cell).split()) for cell in body.pop(column)]
    years = years_of(told)
    if years is not None and "year" not in {plain(name) for name in body}:
        body["year"] = list(years)
        intake.remarks.append(f"the years at the end of {column} are a column of their own, year")
    times = Counter(told)
    return tuple(
        f"{title} [{name}]" if title and times[title] > 1 else title or name
        for title, name in zip(told, every, strict=True)
    )


def _attributes(
    body: Columns, count: int, role: str, taken: Sequence[str], intake: Intake
) -> tuple[tuple[Attribute, ...], NDArray[np.float64]]:
    """Columns and labels as attributes with their cells; the description of a label is the column
    that it stood in."""
    columns: Columns = {}
    column_of: dict[str, str] = {}
    for name, cells in body.items():
        labels = _labels(cells)
        if labels is None:
            columns[name] = [as_text(cell) for cell in cells]
            continue
        intake.remarks.append(f"{name}: several labels a cell, {len(labels)} in all")
        fresh = {label: flags for label, flags in labels.items() if label not in columns}
        columns |= fresh
        column_of |= dict.fromkeys(fresh, name)
    try:
        found = infer_table(columns, name=f"{role}s") if columns else None
    except DataError as error:
        intake.remarks.append(f"no attributes of {role}s: {error}")
        found = None
    if found is None:
        return (), np.zeros((count, 0))
    intake.remarks += found.decisions
    attributes, values = [], []
    for each in found.schema.attributes:
        values.append(read_cells(each, columns[each.name]).values)
        name = each.name if each.name not in taken else f"{role} {each.name}"
        more = {"name": name, "group": f"{role}s", "description": column_of.get(each.name, "")}
        attributes.append(each.model_copy(update=more))
    return tuple(attributes), np.stack(values, axis=1)


def _labels(cells: list[Any]) -> dict[str, list[str]] | None:
    """Label → for each row whether it is there; None where cells are no lists of labels."""
    texts = [as_text(cell) for cell in cells]
    known = [text for text in texts if text.lower() not in MISSING]
    for mark in MARKS:
        if 10 * sum(mark in text for text in known) < len(known) or not known:
            continue
        parts = [_split(text, mark) for text in texts]
        counts = Counter(part for row in parts for part in {*row} - {""})
        labels = [part for part, times in counts.items() if times >= FEWEST and _can_be_named(part)]
        if not labels or len(counts) > MOST_LABELS:
            continue
        missing = [text.lower() in MISSING for text in texts]
        return {
            label: [
                "" if no else "yes" if label in row else "no"
                for row, no in zip(parts, missing, strict=True)
            ]
            for label in sorted(labels)
        }
    return None


def label_cells(cells: list[Any], label: str) -> list[str]:
    """For each cell of several labels whether one of them is there, in words."""
    told = []
    for text in map(as_text, cells):
        mark = next((each for each in MARKS if each in text), MARKS[0])
        told.append("yes" if label in _split(text, mark) else "no")
        if text.lower() in MISSING:
            told[-1] = ""
    return told


def _split(text: str, mark: str) -> list[str]:
    return [part.strip().lower() for part in text.split(mark)]


def _can_be_named(label: str) -> bool:
    return label.isprintable() and "=" not in label
