"""Numbers as other countries write them: 1,5 for 1.5, and 1,000 for 1000."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from interpretable_gan.schema.attribute import MISSING, as_number

DECIMAL = re.compile(r"[+-]?([0-9]*|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+")
"""A comma before the fraction, with or without points between the thousands."""

THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
"""Commas between the thousands."""

ODD = 0.05
"""Share of cells that may be no numbers at all in a column of numbers."""


def with_points(
    table: dict[str, list[Any]], remarks: list[str], *, commas_are_decimal: bool
) -> dict[str, list[Any]]:
    """The table with a point before fractions and nothing between thousands, column by column.

    A column where all commas stand before three digits could be either, 1,234: there commas are
    decimal if ``commas_are_decimal``, as in files with semicolons between the cells.
    """
    read = {}
    for name, cells in table.items():
        commas = {cell for cell in cells if isinstance(cell, str) and "," in cell}
        grouped = not commas_are_decimal and all(map(THOUSANDS.fullmatch, commas))
        form = THOUSANDS if grouped else DECIMAL
        if commas and _are_numbers(cells, form):
            what = "between thousands" if grouped else "before the fraction"
            remarks.append(f"{name}: commas are read as those {what}, such as {min(commas)!r}")
            cells = [_point(cell, grouped) if cell in commas else cell for cell in cells]
        read[name] = cells
    return read


def _are_numbers(cells: Iterable[Any], form: re.Pattern[str]) -> bool:
    labels = [cell for cell in cells if isinstance(cell, str) and cell.lower() not in MISSING]
    odd = sum(as_number(cell) is None and not form.fullmatch(cell) for cell in labels)
    return odd <= ODD * len(labels)


def _point(cell: str, grouped: bool) -> str:
    if grouped:
        return cell.replace(",", "")
    return cell.replace(".", "").replace(",", ".") if DECIMAL.fullmatch(cell) else cell
