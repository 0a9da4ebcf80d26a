"""Which column of a table of interactions is what, and what its ratings and times mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.errors import DataError, did_you_mean
from interpretable_gan.schema.attribute import MISSING, as_number, as_text, distinct
from interpretable_gan.schema.naming import plain

Feedback = Literal["implicit", "explicit"]

ROLES = {
    "user": "user userid member memberid reader readerid customer customerid visitor visitorid "
    "person personid client clientid account accountid reviewerid uid",
    "item": "item itemid movie movieid film filmid book bookid product productid article articleid "
    "track trackid song songid artist artistid isbn asin sku iid",
    "rating": "rating ratings score stars stars5 grade bookrating value vote count plays listens "
    "weight quantity",
    "time": "time timestamp date datetime ratedat createdat when day",
}
"""What each column may be called, without capitals and punctuation."""

NEEDED = ("user", "item")

STEPS = 21
"""Different ratings above which they are counts, not a scale."""

TOP = 0.7
"""From this part of the scale of ratings on, a rating says that the item is liked."""

MILLISECONDS = 10**11
"""Numbers of time above are milliseconds."""

Array = NDArray[np.float64]
Table = Mapping[str, Any]


def find_roles(table: Table, given: Mapping[str, str], source: str) -> dict[str, str]:
    """Role → column, by names; what was given wins.

    Raises:
        DataError: no such role or column; no column of users or of items.
    """
    for role, column in given.items():
        if role not in ROLES:
            raise DataError(
                f"no column can be {role!r}.{did_you_mean(role, list(ROLES))} There are: "
                f"{', '.join(ROLES)}."
            )
        if column not in table:
            raise DataError(
                f"{source} has no column {column!r}.{did_you_mean(column, list(table))} It has: "
                f"{', '.join(table)}."
            )
    found = dict(given)
    for role, words in ROLES.items():
        known = words.split()
        free = [name for name in table if plain(name) in known and name not in found.values()]
        if role not in found and free:
            found[role] = min(free, key=lambda name: known.index(plain(name)))
    for role in NEEDED:
        if role not in found:
            raise DataError(
                f"{source}: no column is called like a {role}; say which: --column {role}=NAME. It "
                f"has: {', '.join(table)}."
            )
    return found


def identities(column: Any) -> list[str]:
    """Ids as texts in one spelling, '' where there is none."""
    texts, which = distinct(column)
    spelt = [" ".join(text.split()) for text in texts]
    known = ["" if text.lower() in MISSING else text for text in spelt]
    return [known[number] for number in which.tolist()]


def read_ratings(column: Any, names: list[str], intake: Intake) -> tuple[Array, NDArray[np.bool_]]:
    """Numbers, nan where none stands there, and which rows can be used."""
    texts, which = distinct(column)
    numbers = [as_number(text) for text in texts]
    read = np.array([math.nan if number is None else number for number in numbers], np.float64)
    values = read[which]
    for row in np.flatnonzero(np.isnan(values)).tolist():
        intake.note("unreadable rating", f"{names[row]} {texts[which[row]]!r}")
    return values, ~np.isnan(values)


def feedback_of(values: Array, asked: Feedback | None, intake: Intake) -> Feedback:
    """Whether ratings say what was liked, or only what was used and how often; says which."""
    different = np.unique(values)
    counts = bool(len(different) > STEPS and (values >= 0).all())
    found: Feedback = "implicit" if counts or len(different) < 2 else "explicit"
    if asked is not None and asked != found:
        return asked
    why = (
        "all equal" if len(different) < 2
        else f"{len(different)} different numbers, taken for counts" if counts
        else f"a scale from {different[0]:g} to {different[-1]:g}"
    )  # fmt: skip
    intake.remarks.append(f"feedback is {found}: the ratings are {why} (--liked says otherwise)")
    return found


def liked_from(values: Array, threshold: float | None, intake: Intake) -> float:
    """The rating from which on an item counts as liked; says which.

    Raises:
        DataError: no rating, or every rating, reaches the one that was given.
    """
    low, high = float(values.min()), float(values.max())
    if threshold is None:
        wanted = low + TOP * (high - low)
        threshold = float(values[values >= wanted].min())
        share = float((values >= threshold).mean())
        intake.remarks.append(
            f"ratings from {threshold:g} on ({share:.0%}) say that an item is liked, others that "
            "it was seen (--liked says otherwise)"
        )
    elif not low < threshold <= high:
        raise DataError(
            f"ratings from {threshold:g} on shall mean liked, but they go from {low:g} to "
            f"{high:g}: give a number above the lowest and up to the highest."
        )
    return threshold


def read_times(column: Any, names: list[str], intake: Intake) -> Array:
    """Seconds since 1970-01-01 UTC, nan where not known."""
    zones: set[bool] = set()
    texts = [as_text(value) for value in column]
    known = {text: _seconds(text, zones) for text in set(texts)}
    values = np.array([known[text] for text in texts], np.float64)
    for row in np.flatnonzero(np.isnan(values)).tolist():
        if texts[row].lower() not in MISSING:
            intake.note("unreadable time", f"{names[row]} {texts[row]!r}")
    if len(zones) > 1:
        intake.remarks.append("some times name a zone and some do not; the latter are taken as UTC")
    elif zones == {False}:
        intake.remarks.append("times name no zone and are taken as UTC")
    return values


def _seconds(text: str, zones: set[bool]) -> float:
    """A time in seconds; notes whether a date named its zone."""
    number = as_number(text)
    if number is not None:
        return number / 1000 if abs(number) > MILLISECONDS else number
    try:
        date = datetime.fromisoformat(text.replace("Z", "+00:00"))
        zones.add(date.tzinfo is not None)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan
