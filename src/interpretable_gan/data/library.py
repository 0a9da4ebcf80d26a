"""A drawn library: who borrowed and rated which book. The rule is known; nobody is meant.

A reader rates a book by how much they like its genres, by its year, and by a mood (slow or fast)
that no column names. Older readers like older books. Three genres out of eight decide most.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

GENRES = ("comedy", "crime", "drama", "fantasy", "history", "poetry", "romance", "science")
TOWNS = ("north", "south", "east")
FIRST, LAST = 1950, 2025
"""Years of the books."""

START = 1_600_000_000
"""Seconds since 1970 at which the library opens."""

Table = dict[str, list[str]]


class Library(NamedTuple):
    """Tables of loans, of readers and of books, column by column as texts; ``liking`` is what the
    rule says, (readers, books)."""

    loans: Table
    readers: Table
    books: Table
    liking: NDArray[np.float64]


def library(readers: int = 300, books: int = 200, *, seed: int = 0) -> Library:
    """Draw a library.

    Args:
        readers, books: how many of each.
        seed: of every choice; the same gives the same library.
    """
    luck = np.random.default_rng([seed, 7])
    genres = luck.random((books, len(GENRES))) < 0.22
    genres[np.arange(books), luck.integers(0, len(GENRES), books)] = True
    years = np.round(FIRST + (LAST - FIRST) * luck.beta(2.5, 1.0, books))
    mood, known = luck.normal(size=books), luck.gamma(0.8, 1.0, books)
    age = luck.integers(16, 80, readers)
    tastes = luck.normal(0, 1.0, (readers, len(GENRES)))
    pace = luck.normal(0, 1.0, readers)
    late = (years - years.mean()) / years.std()
    young = -(age - age.mean()) / age.std()
    liking = tastes @ genres.T + 0.6 * np.outer(young, late) + 0.8 * np.outer(pace, mood)
    return Library(
        _loans(liking, known, luck),
        {
            "reader": [f"r{number:03d}" for number in range(readers)],
            "age": [str(each) for each in age.tolist()],
            "town": luck.choice(TOWNS, readers).tolist(),
        },
        {
            "book": [f"b{number:03d}" for number in range(books)],
            "title": [_title(number) for number in range(books)],
            "genres": ["|".join(np.array(GENRES)[row].tolist()) for row in genres],
            "year": [f"{each:.0f}" for each in years.tolist()],
        },
        liking,
    )


def _loans(liking: Any, known: Any, luck: np.random.Generator) -> Table:
    """Each reader borrows 12 to 60 books, well known and liked ones sooner, and rates them."""
    table: Table = {"reader": [], "book": [], "rating": [], "time": []}
    readers, books = liking.shape
    noise = luck.gumbel(size=liking.shape)
    order = np.argsort(-(0.7 * liking + np.log(known + 0.02) + noise), axis=1)
    for reader in range(readers):
        count = min(int(luck.integers(12, 61)), books)
        chosen = luck.permutation(order[reader, :count])
        enjoyed = liking[reader, chosen] + luck.normal(0, 0.5, count)
        stars = np.digitize(enjoyed, [-1.5, -0.6, 0.2, 1.2]) + 1
        times = START + np.sort(luck.integers(0, 10**8, count))
        table["reader"] += [f"r{reader:03d}"] * count
        table["book"] += [f"b{book:03d}" for book in chosen.tolist()]
        table["rating"] += [str(each) for each in stars.tolist()]
        table["time"] += [str(each) for each in times.tolist()]
    return table


WORDS = (
    ("Silent", "Green", "Last", "Paper", "Winter", "Hidden", "Early", "Broken", "Golden", "Far"),
    ("Garden", "River", "Letter", "House", "Bridge", "Clock", "Harbour", "Orchard", "Road", "Sky"),
)


def _title(number: int) -> str:
    """A title of two words, with a number behind from the second hundred on."""
    first, second = WORDS[0][number % 10], WORDS[1][number // 10 % 10]
    volume = number // 100
    return f"The {first} {second}" + (f" {volume + 1}" if volume else "")
