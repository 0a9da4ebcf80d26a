"""Why an item is suggested to a user, twice over: by what it is, and by what the user used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import DataError
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.explain.explanation import Explanation, joined
from interpretable_gan.models.recommend.columns import PAIR
from interpretable_gan.models.recommend.model import APART, TOP, Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.models.terms import Terms
from interpretable_gan.schema.cells import write_cell

if TYPE_CHECKING:
    from PIL import Image

TOLD = 3
"""Reasons of each kind in a sentence."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SuggestionExplanation(Explanation):
    """Why one item is scored so for one user, compared with the mean of the `TOP` items that would
    be suggested first.

    Args:
        item: what it is called.
        rank: its place among all items that may be suggested, from 1.
        by_row: what popularity, each attribute, pair and taste adds, against the mean.
        by_item: what each past item adds, against the mean.
        sources: to each row whether it is named, discovered or residual.
        words: attribute → what to say of it, such as ``not drama`` of an item that is none.
        score: of the item; ``mean``: of those it is compared with.
        sum_error: the largest relative gap between a sum and the score, of both sums.
    """

    item: str
    rank: int
    by_row: dict[str, float]
    by_item: dict[str, float]
    sources: dict[str, str]
    words: dict[str, str]
    score: float
    mean: float
    sum_error: float

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """Rows of the first sum, and past items of the second."""
        return {"row": list(self.by_row), "past item": list(self.by_item)}

    @cached_property
    def shares(self) -> dict[str, float]:
        """Each source's share of the absolute contributions against the mean; popularity apart."""
        sizes: dict[str, float] = dict.fromkeys(
            ("named", "discovered", "popularity", "residual"), 0.0
        )
        for row, value in self.by_row.items():
            sizes["popularity" if row == "popularity" else self.sources[row]] += abs(value)
        whole = sum(sizes.values())
        return {name: size / whole if whole else float("nan") for name, size in sizes.items()}

    @cached_property
    def folded(self) -> dict[str, float]:
        """What each attribute and taste adds, where a pair is divided between its attributes."""
        found: dict[str, float] = {}
        for row, value in self.by_row.items():
            if self.sources[row] == "residual":
                continue  # it has no name, and its share is told apart
            parts = [row] if row in self.words else row.split(PAIR)
            for part in parts:
                found[part] = found.get(part, 0.0) + value / len(parts)
        return found

    def strongest(self, count: int = TOLD, *, sign: int = 1) -> list[str]:
        """Attributes and tastes that speak most for the item, or against it, in words."""
        order = sorted(self.folded, key=lambda name: -sign * self.folded[name])[:count]
        return [self.words.get(name, name) for name in order if sign * self.folded[name] > 0]

    def because_of(self, count: int = TOLD) -> list[str]:
        """Past items that speak most for the item."""
        order = sorted(self.by_item, key=lambda name: -self.by_item[name])
        found = [name for name in order if name != APART and self.by_item[name] > 0]
        return found[:count]

    def sentence(self) -> str:
        """Its place, and the strongest reasons of both kinds."""
        return self._text(f"{self.item} is number {self.rank}, for ")

    def reasons(self) -> str:
        """The item and its strongest reasons on one line."""
        return self._text(f"{self.item}: for ")

    def _text(self, start: str) -> str:
        rows, items = self.strongest(), self.because_of()
        text = start + (joined(rows) if rows else "no reason of its own")
        return text + (f"; because of {joined(items)}." if items else ".")

    def against(self) -> str:
        """What speaks against it most."""
        rows = self.strongest(2, sign=-1)
        return f"Against it: {joined(rows)}." if rows else ""

    def to_rows(self) -> list[dict[str, Any]]:
        """Both sums, one row each."""
        first = [
            {"sum": "attributes", "reason": row, "source": self.sources[row], "contribution": each}
            for row, each in self.by_row.items()
        ]
        then = [
            {"sum": "history", "reason": name, "source": "named", "contribution": each}
            for name, each in self.by_item.items()
        ]
        return first + then

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return {
            "item": self.item,
            "rank": self.rank,
            "score": self.score,
            "mean": self.mean,
            "by_row": dict(self.by_row),
            "by_item": dict(self.by_item),
            "sources": dict(self.sources),
            "shares": self.shares,
            "sum_error": self.sum_error,
            "sentence": self.sentence(),
        }

    def plot(self, *shown: Any, **settings: Any) -> Image.Image:
        """The strongest reasons of the first sum as bars."""
        names = sorted(self.folded, key=lambda name: -abs(self.folded[name]))[:12]
        bars = {self.words.get(name, name): self.folded[name] for name in names}
        return bar_picture(bars, title=self.item)


def explain_suggestion(
    model: Recommender, people: People, item: int, wish: Wish | None = None
) -> SuggestionExplanation:
    """Why an item is scored so for a user. Of one that they used already, as if they had not.

    Args:
        model: a recommender.
        people: one user.
        item: its number.
        wish: what was asked of the list.

    Raises:
        DataError: more users than one.
    """
    if len(people) != 1:
        raise DataError(f"{len(people)} users: explain one at a time.")
    people = people.without([item])
    whole = model.scores(people, wish)[0]
    order = ranking(model, people, wish)
    rank = int(np.flatnonzero(order == item)[0]) + 1 if item in order else len(order) + 1
    around = order[:TOP]
    here = np.array([item])
    mine, others = (model.terms(people, each, wish) for each in (here, around))
    past, theirs = (model.history_terms(people, each) for each in (here, around))
    errors = [float(each.error()) for each in (mine, others, past, theirs)]
    by_row = _first(mine.minus(others.mean()) if len(around) else mine)
    by_item = _first(past.minus(theirs.mean()) if len(around) else past)
    sources = {row: part.source for part in mine.parts for row in part.rows}
    aliases = {each.name: each.label for each in model.schema.attributes}
    return SuggestionExplanation(
        item=model.catalog.titles[item],
        rank=rank,
        by_row={aliases.get(row, row): value for row, value in by_row.items()},
        by_item=by_item,
        sources={aliases.get(row, row): str(source) for row, source in sources.items()},
        words=_words(model, item, wish),
        score=float(whole[item]),
        mean=float(whole[around].mean()) if len(around) else 0.0,
        sum_error=max(errors),
    )


def ranking(model: Recommender, people: People, wish: Wish | None = None) -> NDArray[np.int64]:
    """Every item that may be suggested to one user, best first."""
    found = model.recommend(people, len(model.catalog.ids), wish).items[0]
    return found[found >= 0]


def _first(terms: Terms) -> dict[str, float]:
    """What each row of the one example adds."""
    return {row: float(v[0]) for row, v in terms.by_row("named", "discovered", "residual").items()}


def _words(model: Recommender, item: int, wish: Wish | None) -> dict[str, str]:
    """What to say of each attribute of an item, of a user, and of each taste."""
    found = {"popularity": "its popularity"}
    for number, attribute in enumerate(model.item_attributes):
        cell = float(model.catalog.cells[item, number])
        if np.isnan(cell):
            found[attribute.name] = f"{attribute.name} not known"
        elif attribute.kind == "binary":
            found[attribute.name] = attribute.name if cell else f"not {attribute.name}"
        else:
            found[attribute.name] = f"{attribute.name} {write_cell(attribute, cell)}"
    found |= {each.name: f"the user's {each.name}" for each in model.user_attributes}
    for attribute in model.schema.attributes:
        if attribute.source == "discovered":
            found[attribute.label] = f"the taste {attribute.label}"
    return found | {f"asked: {name}": f"the wish for {name}" for name in (wish or Wish()).moves}
