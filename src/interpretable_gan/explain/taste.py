"""What a discovered taste of a recommender is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.explain.explanation import joined
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.recommend.people import People

SHOWN = 5
"""Items, users and attributes at each end."""

CLEAR = 0.15
"""Correlation from which on an attribute is named."""


@dataclass(frozen=True)
class TasteExplanation:
    """What a discovered taste is.

    Args:
        name, label: of the taste, and what people call it.
        high, low: items that meet it most and least.
        users: numbers of the users who have it most.
        attributes: item attribute → correlation of an item's trait with it, weighted by uses.
        arrives, leaves: items that most often join or leave lists of ten when the taste grows by
            one standard deviation.
    """

    name: str
    label: str
    high: tuple[str, ...]
    low: tuple[str, ...]
    users: tuple[int, ...]
    attributes: dict[str, float]
    arrives: tuple[str, ...]
    leaves: tuple[str, ...]

    def sentence(self) -> str:
        """Both ends, and the attributes that go with it."""
        clear = {n: c for n, c in self.attributes.items() if abs(c) >= CLEAR}
        order = sorted(clear, key=lambda name: -abs(clear[name]))[:3]
        with_it = joined([f"{n} ({clear[n]:+.2f})" for n in order]) if order else "no attribute"
        return (
            f"{self.label} tells {joined(self.high[:3])} from {joined(self.low[:3])}; it goes with "
            f"{with_it}."
        )

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return dict(self.__dict__) | {"sentence": self.sentence()}


def explain_taste(model: Recommender, people: People, name: str) -> TasteExplanation:
    """What a discovered taste is.

    Args:
        model: a recommender.
        people: users with their histories.
        name: of the taste, or its alias.

    Raises:
        UnknownAttributeError: there is no such taste.
    """
    found = [a for a in model.schema.attributes if a.source == "discovered"]
    by_name = {each.name: each for each in found} | {a.alias: a for a in found if a.alias}
    if name not in by_name:
        raise UnknownAttributeError(name, known=model.tastes, schema=model.schema.name)
    taste = by_name[name]
    place = model.tastes.index(taste.name)
    trait, weight = model.parts.traits[:, place], np.sqrt(model.uses)
    order = np.argsort(-trait * weight, kind="stable").tolist()
    code = model.encode(people)[1][:, place]
    titles = model.catalog.titles
    arrives, leaves = _moved(model, people, place, float(code.std()))
    return TasteExplanation(
        name=taste.name,
        label=taste.label,
        high=tuple(titles[each] for each in order[:SHOWN]),
        low=tuple(titles[each] for each in order[::-1][:SHOWN]),
        users=tuple(np.argsort(-code, kind="stable")[:SHOWN].tolist()),
        attributes=_correlations(model, trait),
        arrives=tuple(titles[each] for each in arrives),
        leaves=tuple(titles[each] for each in leaves),
    )


def _correlations(model: Recommender, trait: Any) -> dict[str, float]:
    """Of the trait with each item attribute, items weighted by uses."""
    weight = model.uses / max(model.uses.sum(), 1)
    found = {}
    for number, attribute in enumerate(model.item_attributes):
        column = model.directions[:, number]
        x, y = (each - weight @ each for each in (trait, column))
        spread = float(np.sqrt((weight @ x**2) * (weight @ y**2)))
        found[attribute.name] = float(weight @ (x * y)) / spread if spread > 0 else 0.0
    return found


def _moved(
    model: Recommender, people: People, place: int, by: float, most: int = 200
) -> tuple[list[int], list[int]]:
    """Items that most often join and leave lists of ten as the taste grows."""
    some = people.at(slice(0, most))
    fresh = model.open_to(some, None)
    found = np.where(fresh, model.scores(some), -np.inf)
    moved = found + by * model.parts.traits[:, place]
    change = np.zeros(found.shape[1])
    for sign, scores in ((-1, found), (1, moved)):
        top = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        np.add.at(change, top.reshape(-1), sign)
    order = np.argsort(-change, kind="stable").tolist()
    return (
        [each for each in order[:SHOWN] if change[each] > 0],
        [each for each in order[::-1][:SHOWN] if change[each] < 0],
    )
