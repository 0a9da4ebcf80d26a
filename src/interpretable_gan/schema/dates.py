"""Dates as numbers: days since 1970-01-01, so that they can be compared, learned and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FORMS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y"),
)
"""Usual forms, the likeliest first. Two digits for a year, or none, could mean anything."""

BEGIN = datetime(1970, 1, 1)
DAY = timedelta(days=1)
SECONDS = 86_400
"""Of a day."""


def as_days(text: str, form: str) -> float | None:
    """Days since 1970-01-01 of a date in some form, with the time of day as a share; or None.

    >>> as_days("1970-01-03", "%Y-%m-%d"), as_days("1970-01-03", "%d.%m.%Y")
    (2.0, None)
    """
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return None
    return (moment - BEGIN) / DAY


def as_date(days: float, form: str) -> str:
    """The date of that many days since 1970-01-01, to the second.

    >>> as_date(2.5, "%Y-%m-%d %H:%M:%S")
    '1970-01-03 12:00:00'
    """
    seconds = round(days * SECONDS)
    first, last = (round((each - BEGIN) / DAY * SECONDS) for each in (datetime.min, datetime.max))
    return (BEGIN + timedelta(seconds=min(max(seconds, first), last - 1))).strftime(form)


def date_form(texts: Sequence[str]) -> tuple[str, str] | None:
    """The form in which all texts are dates, and another in which they could be as well, or ''.
    None where there is no such form; a form must also write each text as it stands.

    >>> date_form(["03.04.2020", "24.12.2021"])
    ('%d.%m.%Y', '')
    """
    able = [form for form in FORMS if all(_is_written_so(text, form) for text in texts)]
    return (able[0], able[1] if len(able) > 1 else "") if able else None


def _is_written_so(text: str, form: str) -> bool:
    days = as_days(text, form)
    return days is not None and as_date(days, form) == text
