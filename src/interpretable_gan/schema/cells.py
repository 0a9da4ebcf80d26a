"""One number per cell of a table, and the cell again from it: the exact form in which a model of
tables has its examples.

A level is its number, off and on are 0 and 1, a number is itself and a date its days since
1970-01-01. A cell that is not known is nan.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.schema.attribute import Attribute, as_number, as_text, distinct
from interpretable_gan.schema.dates import as_date
from interpretable_gan.schema.table import Column

Array = NDArray[np.float64]


class Cells(NamedTuple):
    """``values`` (rows,), nan where not known; ``unreadable`` (rows,): something stood there, but
    nothing that the attribute can be."""

    values: Array
    unreadable: NDArray[np.bool_]


def read_cells(attribute: Attribute, column: Column) -> Cells:
    """A column of a table as numbers. Numbers beyond the attribute's range are as they stand.

    >>> hair = Attribute(name="hair", kind="categorical", levels=("black", "blond"))
    >>> read_cells(hair, ["blond", "", "blnd"]).values.tolist()
    [1.0, nan, nan]
    """
    texts, which = distinct(column)
    known = _numbers_by_text(attribute, texts)
    values = np.array([known(text) for text in texts], np.float64)
    empty = [attribute.is_missing(text) for text in texts]
    unreadable = np.isnan(values) & ~np.array(empty, bool)
    return Cells(values[which], unreadable[which])


def write_cells(attribute: Attribute, values: Array) -> list[str]:
    """The cells as a table writes them; what `read_cells` reads as the same numbers again.

    >>> price = Attribute(name="price", kind="continuous", range=(0, 9), decimals=2)
    >>> write_cells(price, np.array([1.5, np.nan]))
    ['1.50', '']
    """
    different, which = np.unique(values, return_inverse=True)
    texts = [write_cell(attribute, value) for value in different.tolist()]
    return [texts[number] for number in which.reshape(-1).tolist()]


def write_cell(attribute: Attribute, value: float) -> str:
    """One cell as a table writes it."""
    if np.isnan(value):
        return next(iter(attribute.missing), "")
    if attribute.kind != "continuous":
        return attribute.values[int(value)]
    if attribute.date:
        return as_date(value, attribute.date)
    if attribute.decimals is None:
        return as_text(float(value))
    return f"{round(value, attribute.decimals) + 0.0:.{attribute.decimals}f}"


def tell_number(attribute: Attribute, value: float) -> str:
    """A number of a column in a sentence: with four digits, or as a date, and its unit.

    >>> price = Attribute(name="price", kind="continuous", range=(0, 9), unit="EUR")
    >>> tell_number(price, 1.23456), tell_number(price, 51234.5)
    ('1.235 EUR', '51,234 EUR')
    """
    if attribute.date:
        return as_date(value, attribute.date)
    told = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{told} {attribute.unit}".rstrip()


def natural(attribute: Attribute, values: Array) -> list[Any]:
    """The cells as Python has them: None, text, bool, int or float."""
    words = attribute.words or ()
    cast: type = float
    if attribute.kind == "binary" and not words:
        cast = bool
    elif attribute.levels or attribute.date:
        cast = str
    elif attribute.decimals == 0 or (words and all(as_number(word) is not None for word in words)):
        cast = int
    elif words:
        cast = str
    written = cast is str or bool(words)
    told: list[Any] = write_cells(attribute, values) if written else values.tolist()
    known = (~np.isnan(values)).tolist()
    return [cast(each) if there else None for each, there in zip(told, known, strict=True)]


def _numbers_by_text(attribute: Attribute, texts: list[str]) -> Any:
    """What turns a text into its number, nan where it is none."""
    if attribute.kind == "continuous":

        def number(text: str) -> float:
            found = None if text in attribute.missing else attribute.number(text)
            return np.nan if found is None else found

        return number
    if attribute.kind == "categorical":
        numbers = {as_text(level): float(n) for n, level in enumerate(attribute.levels)}
        return lambda text: numbers.get(text, np.nan)
    parsed = attribute.parse(texts)
    sides = {
        text: (float(side > 0) if known else np.nan)
        for text, side, known in zip(
            texts, parsed.columns[:, 0].tolist(), parsed.known.tolist(), strict=True
        )
    }
    return sides.__getitem__
