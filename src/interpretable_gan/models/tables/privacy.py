"""Whether drawn rows give away who was in the training rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.closest_record import closest_distances
from interpretable_gan.metrics.tables.typed_table import TypedTable
from interpretable_gan.schema.schema import Schema

ASKED = 2000
"""Drawn rows whose closest real row is looked for, and rows of either side that are attacked."""

Array = NDArray[np.float64]


def closest_share(
    schema: Schema, drawn: Array, train: Array, test: Array, *, seed: int = 0
) -> Array:
    """Of up to `ASKED` drawn rows whether each is closer to a training row than to a test row, 1 or
    0, and ½ where neither, (rows,). As many rows of either side are looked at, so that the mean is
    0.5 for fresh rows. For copies of training rows it is near 1 where there are as many test rows;
    with fewer, most copies are of training rows that are not looked at."""
    member, other = even_sides(train, test, seed)
    tables = typed(schema, member, other, drawn[:ASKED])
    near, far = (closest_distances(tables[2], side, jobs=1)[:, 0] for side in tables[:2])
    return np.where(near == far, 0.5, near < far)


def membership(
    schema: Schema, drawn: Array, train: Array, test: Array, *, seed: int = 0
) -> tuple[NDArray[np.int64], Array]:
    """An attack that takes a row for a training row the closer its closest drawn row is: 1 for
    training and 0 for test rows, (rows,), and what the attack says, higher for likelier members.
    """
    sides = [side[:ASKED] for side in even_sides(train, test, seed)]
    member, other, made = typed(schema, *sides, drawn)
    said = [-closest_distances(side, made, jobs=1)[:, 0] for side in (member, other)]
    return np.repeat([1, 0], len(said[0])), np.concatenate(said)


def even_sides(train: Array, test: Array, seed: int) -> list[Array]:
    """As many rows of either side, at random."""
    luck, size = np.random.default_rng([seed, 4]), min(len(train), len(test))
    return [rows[luck.permutation(len(rows))[:size]] for rows in (train, test)]


def typed(schema: Schema, *sides: Array) -> tuple[TypedTable, ...]:
    """Rows as the metrics of tables take them."""
    named = schema.named
    return as_tables(
        {
            f"side {number}": {
                attribute.name: [
                    None if np.isnan(cell) else cell if attribute.has_order else str(cell)
                    for cell in column
                ]
                for attribute, column in zip(named, rows.T.tolist(), strict=True)
            }
            for number, rows in enumerate(sides)
        },
        {a.name: "numerical" if a.has_order else "categorical" for a in named},
    )
