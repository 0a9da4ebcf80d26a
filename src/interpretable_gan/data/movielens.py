"""MovieLens' own files as tables: ``u.data``, ``u.item`` and ``u.user`` have no line of names."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from interpretable_gan.errors import DataError

GENRES = (
    *("unknown", "action", "adventure", "animation", "children", "comedy", "crime"),
    *("documentary", "drama", "fantasy", "film-noir", "horror", "musical", "mystery"),
    *("romance", "sci-fi", "thriller", "war", "western"),
)
"""The last 19 columns of ``u.item``."""

FILES = {
    "u.data": ("\t", ("user", "item", "rating", "time")),
    "u.user": ("|", ("user", "age", "sex", "occupation", "zip")),
    "u.item": ("|", ("item", "title", "released", "video", "url", *GENRES)),
}
"""File → delimiter and columns, as their README has them."""

ASIDE = ("released", "video", "url", "zip")
"""Columns that are no attributes: where somebody lives is nobody's business."""

YEAR = re.compile(r"\((\d{4})\)\s*$")
"""The year at the end of a title."""

Table = dict[str, list[Any]]


def is_movielens(path: Path) -> bool:
    """Whether a file is one of `FILES`, or a folder has ``u.data``."""
    return path.name in FILES or (path / "u.data").is_file()


def beside(path: Path) -> tuple[Path, Path | None, Path | None]:
    """Ratings, users and items that lie in a folder of MovieLens, or beside its ``u.data``."""
    folder = path if path.is_dir() else path.parent
    users, items = (folder / name for name in ("u.user", "u.item"))
    ratings = folder / "u.data" if path.is_dir() else path
    return ratings, users if users.is_file() else None, items if items.is_file() else None


def read_movielens(path: Path) -> Table:
    """One of `FILES` by column, without those `ASIDE`; released is told as a year.

    Raises:
        DataError: a row has other cells than it should.
    """
    delimiter, names = FILES[path.name]
    columns: Table = {name: [] for name in names}
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    rows = csv.reader(text.splitlines(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for number, row in enumerate(rows, 1):
        if row and len(row) != len(names):
            raise DataError(f"{path}, line {number}: {len(row)} cells, but it has {len(names)}.")
        for name, cell in zip(names, row, strict=False):
            columns[name].append(cell.strip())
    if path.name == "u.item":
        columns["year"] = [_year(cell) for cell in columns["released"]]
    return {name: cells for name, cells in columns.items() if name not in ASIDE}


def years_of(titles: list[Any]) -> list[str] | None:
    """The years at the end of titles such as ``Toy Story (1995)``; None where most have none."""
    found = [YEAR.search(str(title)) for title in titles]
    if 2 * sum(each is not None for each in found) <= len(found):
        return None
    return [each[1] if each else "" for each in found]


def _year(date: str) -> str:
    try:
        return str(datetime.strptime(date, "%d-%b-%Y").year)
    except ValueError:
        return ""
