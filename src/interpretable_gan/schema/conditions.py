"""What is asked of a column: one value, a range of numbers, or that nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import SchemaError
from interpretable_gan.schema.attribute import Attribute, as_text
from interpretable_gan.schema.cells import read_cells
from interpretable_gan.schema.schema import Schema

RANGE = ".."
"""Between the ends of a range, 18..25; either end may be left out."""


@dataclass(frozen=True)
class Condition:
    """Cells from ``low`` to ``high``, both included; nan for cells that are not known."""

    low: float
    high: float

    def holds(self, cells: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which cells are as asked, (rows,)."""
        if np.isnan(self.low):
            return np.isnan(cells)
        return (cells >= self.low) & (cells <= self.high)


def conditions(schema: Schema, asked: Mapping[str, Any]) -> dict[str, Condition]:
    """What is asked, column by column.

    Args:
        schema: of the table.
        asked: column → a value as the table writes it, a range such as ``18..25``, ``..25`` or
            ``18..``, a pair of its ends, or None or '' for a cell that is not known.

    Raises:
        UnknownAttributeError: the schema has no such column.
        SchemaError: a value that the column cannot have, or a range of levels without an order.

    >>> age = Attribute(name="age", kind="continuous", range=(18, 90))
    >>> conditions(Schema(name="people", attributes=(age,)), {"age": "..25"})
    {'age': Condition(low=-inf, high=25.0)}
    """
    return {schema[name].name: _condition(schema[name], value) for name, value in asked.items()}


def _condition(attribute: Attribute, value: Any) -> Condition:
    if isinstance(value, tuple | list):
        low, high = value
        value = f"{'' if low is None else low}{RANGE}{'' if high is None else high}"
    text = as_text(value)
    if not text or (text in attribute.missing and text not in attribute.levels):
        return Condition(np.nan, np.nan)
    if RANGE in text and text not in attribute.values:
        if not attribute.has_order:
            raise SchemaError(
                f"{attribute.name!r} has no order, so that {text!r} means nothing. "
                f"{attribute.accepts(text)}"
            )
        first, last = (each.strip() for each in text.split(RANGE, 1))
        low = _cell(attribute, first) if first else -np.inf
        high = _cell(attribute, last) if last else np.inf
        if low > high:
            raise SchemaError(f"{attribute.name}: the range {text} is empty; swap its ends.")
        return Condition(low, high)
    cell = _cell(attribute, text)
    return Condition(cell, cell)


def _cell(attribute: Attribute, text: str) -> float:
    """The cell that a text stands for.

    Raises:
        SchemaError: there is no such value.
    """
    cells = read_cells(attribute, [text])
    if np.isnan(cells.values[0]):
        raise SchemaError(f"{attribute.name!r} cannot be {text!r}. {attribute.accepts(text)}")
    return float(cells.values[0])
