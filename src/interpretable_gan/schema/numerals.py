"""Numbers as other countries write them: 1,5 for 1.5, and 1,000 for 1000."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from interpretable_gan.schema.attribute import MISSING, Checked, as_number

DECIMAL = re.compile(r"[+-]?([0-9]*,[0-9]+|[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?)")
"""A comma before the fraction, points between the thousands, or both."""

THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
"""Commas between the thousands."""

NUMBER = re.compile(r"([+-]?)([0-9]+)(\.[0-9]+)?")
"""A number without an exponent: sign, whole part, fraction."""

ODD = 0.05
"""Share of cells that may be no numbers at all in a column of numbers."""


class Numerals(Checked):
    """What stands before the fraction of the numbers of a column, and between their thousands.

    >>> Numerals(decimal=",", thousands=".").write("-1234567.50")
    '-1.234.567,50'
    """

    decimal: str = "."
    thousands: str = ""

    def write(self, text: str) -> str:
        """A number so, of its text with a point; what is no number stays."""
        number = NUMBER.fullmatch(text)
        if number is None:
            return text
        sign, whole, fraction = number.groups(default="")
        whole = f"{int(whole):,}".replace(",", self.thousands) if self.thousands else whole
        return sign + whole + fraction.replace(".", self.decimal)

    def read(self, text: str) -> str:
        """The text of a number with a point before its fraction alone; what is no number stays."""
        if self.decimal == ".":
            return text.replace(self.thousands, "")
        if not DECIMAL.fullmatch(text) or not ("," in text or self.thousands):
            return text
        return text.replace(".", "").replace(",", ".")


def with_points(
    table: dict[str, list[Any]], remarks: list[str], *, commas_are_decimal: bool
) -> tuple[dict[str, list[Any]], dict[str, Numerals]]:
    """The table with a point before fractions and nothing between thousands, column by column; and
    how the columns with commas wrote them.

    A column where all commas stand before three digits could be either, 1,234: there commas are
    decimal if ``commas_are_decimal``, as in files with semicolons between the cells.
    """
    read, found = {}, {}
    for name, cells in table.items():
        commas = {cell for cell in cells if isinstance(cell, str) and "," in cell}
        grouped = not commas_are_decimal and all(map(THOUSANDS.fullmatch, commas))
        form = THOUSANDS if grouped else DECIMAL
        if commas and _are_numbers(cells, form):
            found[name] = numerals = _numerals(cells, grouped)
            what = "between thousands" if grouped else "before the fraction"
            points = " and points as those between thousands" if numerals.thousands == "." else ""
            example = f"such as {min(commas)!r}"
            remarks.append(f"{name}: commas are read as those {what}{points}, {example}")
            cells = [numerals.read(cell) if isinstance(cell, str) else cell for cell in cells]
        read[name] = cells
    return read, found


def _numerals(cells: Iterable[Any], grouped: bool) -> Numerals:
    if grouped:
        return Numerals(thousands=",")
    points = {cell for cell in cells if isinstance(cell, str) and "." in cell}
    whole = {cell for cell in points if DECIMAL.fullmatch(cell)}
    fractions = any(as_number(cell) is not None for cell in points - whole)
    return Numerals(decimal=",", thousands="." if whole and not fractions else "")


def _are_numbers(cells: Iterable[Any], form: re.Pattern[str]) -> bool:
    labels = [cell for cell in cells if isinstance(cell, str) and cell.lower() not in MISSING]
    odd = sum(as_number(cell) is None and not form.fullmatch(cell) for cell in labels)
    return odd <= ODD * len(labels)
