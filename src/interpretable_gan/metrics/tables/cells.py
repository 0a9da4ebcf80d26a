"""One cell of a table, as a number, a moment, a truth value or a text spelled in one way.

The same value comes as ``1``, ``1.0``, ``"1"``, ``TRUE`` or ``datetime64`` from a CSV file, a data
frame or Parquet; metrics compare values, so that a spelling must never look like a difference.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import numpy as np

USUAL_MISSING = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NaT", "null", "<NA>"})
"""What a missing cell looks like as text."""
ALSO_MISSING = frozenset(
    {"?", "None", "none", "NULL", "#N/A", "#NA", "#N/A N/A", "-nan", "-NaN"}
    | {"1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"}
)
"""The same, but worth a word: pandas takes most of them out of a CSV file without one."""

TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}

LARGEST = 1e150
"""The square of a larger number would overflow float64."""

GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
"""1,234 or 1,234,567.8"""
GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
"""1.234,5"""
WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
"""12,5"""
DURATION = re.compile(r"(-?\d+) days?(?: \+?(\d+):(\d\d):(\d\d(?:\.\d+)?))?")
"""2 days 03:00:00, as pandas writes it."""
WHOLE = re.compile(r"(-?\d+)\.0+")
"""1.0, which is 1"""

Comma = Literal["decimal", "grouping"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_missing(cell: Any) -> bool:
    """Whether a cell holds nothing."""
    if isinstance(cell, str):
        text = cell.strip()
        return text in USUAL_MISSING or text in ALSO_MISSING
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return str(cell) in USUAL_MISSING  # pandas' NA and NaT


def is_truth(cell: Any) -> bool:
    """Whether a cell says true or false, in any case."""
    return isinstance(cell, bool) or str(cell).strip().lower() in ("true", "false")


def is_date(cell: Any) -> bool:
    """Whether a container already holds the cell as a date or moment."""
    return isinstance(cell, date | np.datetime64)


def comma_of(cells: Iterable[Any]) -> Comma | None:
    """What a comma means in the numbers of a column; None where no number has one.

    1,234 is a thousand unless some other cell, such as 12,5 or 1.234,5, can only be decimal.
    """
    found = [text for cell in cells if isinstance(cell, str) and "," in (text := cell.strip())]
    if any(
        (WITH_COMMA.fullmatch(text) and not GROUPED.fullmatch(text))
        or GROUPED_BY_POINTS.fullmatch(text)
        for text in found
    ):
        return "decimal"
    return "grouping" if any(map(GROUPED.fullmatch, found)) else None


def as_number(cell: Any, comma: Comma | None = None) -> float:
    """A number of any type or spelling; a duration in nanoseconds.

    Raises:
        ValueError, TypeError: it is none.
    """
    if isinstance(cell, timedelta):
        return cell / timedelta(microseconds=1) * 1e3
    if not isinstance(cell, str):
        return float(cell)
    text = cell.strip()
    if "_" in text:  # Python's own spelling
        raise ValueError(text)
    if comma == "grouping" and GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif comma == "decimal" and GROUPED_BY_POINTS.fullmatch(text) and "," in text:
        text = text.replace(".", "").replace(",", ".")
    elif comma == "decimal" and WITH_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif is_truth(text):
        return float(as_truth(text))
    elif duration := DURATION.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in duration.groups())
        return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1e9
    return float(text)


def as_moment(cell: Any, form: str | None = None) -> float:
    """Nanoseconds since 1970, in UTC where no zone is given, cut to the microsecond.

    Raises:
        ValueError, TypeError: no date in ISO 8601 or in the stated format.
    """
    if isinstance(cell, np.datetime64):
        return float(cell.astype("datetime64[us]").astype(np.int64)) * 1e3
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, datetime):
        text = str(cell).strip()
        cell = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    moment = cell if cell.tzinfo else cell.replace(tzinfo=UTC)
    return float((moment - EPOCH) // timedelta(microseconds=1)) * 1e3


def as_truth(cell: Any) -> bool:
    """True or false, from either word in any case, or from 1 and 0.

    Raises:
        KeyError: neither.
    """
    return TRUTH[str(cell).strip().lower()]


def as_text(cell: Any) -> str:
    """The name of a category: 1.0 and "1" are 1, TRUE is True; composed letters are one letter."""
    if is_truth(cell):
        return str(as_truth(cell))
    text = cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell)
    text = unicodedata.normalize("NFC", text.strip())
    whole = WHOLE.fullmatch(text)
    return whole[1] if whole else text
