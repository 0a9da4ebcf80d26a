"""Attributes as columns of numbers on which scores are linear, each with the name it adds to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.schema.attribute import Attribute

Array = NDArray[np.float64]

KNOTS, FEW = 12, 4
"""Knots of a number: as many where it is alone, and where it stands in a pair."""

MOST = 200
"""Columns of pairs."""

PAIR = " × "
"""Between the two names of a pair."""


@dataclass(frozen=True)
class Columns:
    """Numbers (rows, columns) of attributes, with a mean of 0 over what they were fitted on.

    A level is one column, 1 where it holds; a number is a chain of hats between knots, so that any
    piecewise linear shape is a weighted sum of them; a pair of attributes is the products of their
    columns.

    Args:
        values: what each row has; 0, so the mean, where an attribute is not known.
        names: to which attribute or pair each column belongs.
        means: that were taken off, (columns,).
        knots: of each attribute, empty where it is no number.
    """

    values: Array
    names: tuple[str, ...]
    means: Array
    knots: tuple[Array, ...]

    def again(self, attributes: Sequence[Attribute], cells: Array) -> Array:
        """The same columns of other rows; there must be no pairs among them."""
        blocks = [
            _raw(attribute, cells[:, number], knots)
            for number, (attribute, knots) in enumerate(zip(attributes, self.knots, strict=True))
        ]
        raw = np.concatenate([np.zeros((len(cells), 0)), *blocks], axis=1)
        return np.where(np.isnan(raw), 0.0, raw - self.means)

    @property
    def rows(self) -> tuple[str, ...]:
        """The attributes and pairs, in order."""
        return tuple(dict.fromkeys(self.names))

    def of(self, name: str) -> NDArray[np.int64]:
        """Numbers of the columns of an attribute or pair."""
        return np.flatnonzero([each == name for each in self.names])


def columns_of(
    attributes: Sequence[Attribute], cells: Array, weights: Array, *, pairs: int | None = None
) -> Columns:
    """Columns of attributes, centred by weights.

    Args:
        attributes: of the cells.
        cells: (rows, attributes), nan where not known.
        weights: how much each row counts, (rows,).
        pairs: rows that a column of a pair has at least; None for no pairs.
    """
    blocks: list[tuple[str, Array]] = []
    small: list[tuple[str, Array]] = []
    knots = tuple(_knots(a, cells[:, n], weights, KNOTS) for n, a in enumerate(attributes))
    for number, attribute in enumerate(attributes):
        column = cells[:, number]
        blocks.append((attribute.name, _raw(attribute, column, knots[number])))
        few = _knots(attribute, column, weights, FEW)
        small.append((attribute.name, _raw(attribute, column, few)))
    if pairs is not None:
        blocks += _pairs(small, pairs)
    names = tuple(name for name, block in blocks for _ in range(block.shape[1]))
    raw = np.concatenate([np.zeros((len(cells), 0)), *(block for _, block in blocks)], axis=1)
    known = ~np.isnan(raw)
    whole = weights @ known
    means = np.divide(weights @ np.nan_to_num(raw), whole, out=0 * whole, where=whole > 0)
    return Columns(np.where(known, raw - means, 0.0), names, means, knots)


def _pairs(blocks: Sequence[tuple[str, Array]], least: int) -> list[tuple[str, Array]]:
    """Products of the columns of two attributes that at least so many rows have, the most frequent
    `MOST` of them."""
    found: list[tuple[str, Array, int]] = []
    for (one, left), (other, right) in combinations(blocks, 2):
        for column in left.T:
            product = column[:, None] * right
            counts = np.count_nonzero(np.nan_to_num(product), axis=0)
            name = f"{one}{PAIR}{other}"
            found += [
                (name, product[:, place], int(counts[place]))
                for place in np.flatnonzero(counts >= least).tolist()
            ]
    found.sort(key=lambda pair: -pair[2])
    joined: dict[str, list[Array]] = {}
    for name, product, _ in found[:MOST]:
        joined.setdefault(name, []).append(product)
    return [(name, np.stack(columns, axis=1)) for name, columns in joined.items()]


def _raw(attribute: Attribute, column: Array, knots: Array) -> Array:
    """The columns of one attribute, nan where it is not known."""
    unknown = np.isnan(column)
    if attribute.kind == "binary":
        found = column[:, None].copy()
    elif attribute.kind == "categorical":
        found = (column[:, None] == np.arange(len(attribute.levels))).astype(np.float64)
    else:
        found = _hats(column, knots)
    found[unknown] = np.nan
    return found


def _knots(attribute: Attribute, column: Array, weights: Array, most: int) -> Array:
    """Ends and quantiles of a number, equal ones once; none of what is no number."""
    if attribute.kind != "continuous":
        return np.zeros(0)
    known = ~np.isnan(column)
    values, weights = column[known], weights[known]
    if not len(values):
        return np.zeros(1)
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weights[order] + 1e-9)
    inner = np.interp(np.linspace(0, 1, most) * mass[-1], mass, values[order])
    return np.unique(np.concatenate([[values.min()], inner, [values.max()]]))


def _hats(column: Array, knots: Array) -> Array:
    """Each knot's hat: 1 at it, falling to 0 at its neighbours."""
    values = np.nan_to_num(column, nan=knots[0])
    hats = [np.interp(values, knots, unit) for unit in np.eye(len(knots))]
    return np.stack(hats, axis=1)
