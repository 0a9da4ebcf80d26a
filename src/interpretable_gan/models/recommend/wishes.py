"""What a person asks of a list: more of this, less of that, only such items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import SchemaError, UnknownAttributeError
from interpretable_gan.schema.attribute import Attribute, as_number, as_text
from interpretable_gan.schema.conditions import Condition, conditions
from interpretable_gan.schema.schema import Schema

FARTHEST = 10.0
"""Standard deviations by which a taste can be moved."""


@dataclass(frozen=True)
class Wish:
    """Tastes moved by standard deviations over users, and conditions on items.

    Args:
        moves: item attribute → by how many standard deviations its taste is moved.
        only: item attribute → what it must be.
    """

    moves: Mapping[str, float] = field(default_factory=dict)
    only: Mapping[str, Condition] = field(default_factory=dict)

    @classmethod
    def of(cls, attributes: Sequence[Attribute], asked: Mapping[str, Any]) -> Wish:
        """What was asked, by name: a number moves the taste for an attribute, a word or a range
        chooses items.

        Args:
            attributes: of items.
            asked: ``{"drama": 0.5}`` is half a standard deviation more drama;
                ``{"year": "..1970"}``, ``{"genres": "comedy"}`` and ``{"comedy": "yes"}`` choose.

        Raises:
            UnknownAttributeError: no item has such an attribute.
            SchemaError: a value that it cannot have, or a move beyond `FARTHEST`.
        """
        by_name = {each.name: each for each in attributes}
        moves: dict[str, float] = {}
        chosen: dict[str, Any] = {}
        for name, value in asked.items():
            text = as_text(value)
            attribute = by_name.get(name)
            if attribute is None:
                chosen[_label(name, text, attributes)] = "yes"
                continue
            number = as_number(text)
            if number is None or attribute.kind == "categorical" or text in (attribute.words or ()):
                chosen[name] = value
            elif abs(number) > FARTHEST:
                raise SchemaError(
                    f"the taste for {name} cannot be moved by {number:g} standard deviations: give "
                    f"{-FARTHEST:g} to {FARTHEST:g}. To choose items, give a range such as "
                    f"{name}={number:g}..{number:g}."
                )
            else:
                moves[name] = number
        if not chosen:
            return cls(moves)
        schema = Schema(name="items", attributes=tuple(attributes))
        return cls(moves, conditions(schema, chosen))

    def allows(self, attributes: Sequence[Attribute], cells: NDArray[Any]) -> NDArray[np.bool_]:
        """Which items are as asked, (items,)."""
        found = np.ones(len(cells), bool)
        for number, attribute in enumerate(attributes):
            if attribute.name in self.only:
                found &= self.only[attribute.name].holds(cells[:, number])
        return found

    def __bool__(self) -> bool:
        return bool(self.moves or self.only)


def _label(name: str, text: str, attributes: Sequence[Attribute]) -> str:
    """The attribute that a label of a column of several labels became."""
    label = text.lower()
    for each in attributes:
        if each.name == label and each.description in (name, f"{name}s"):
            return label
    raise UnknownAttributeError(name, known=[a.name for a in attributes], schema="items")


def directions(attributes: Sequence[Attribute], cells: NDArray[Any]) -> NDArray[np.float64]:
    """By how much each item is lifted where a taste is moved up, (items, attributes): 1 for items
    that have it; standard deviations above the mean of a number, at most 2; 0 where not known."""
    found = np.zeros((len(cells), len(attributes)))
    for number, attribute in enumerate(attributes):
        column = cells[:, number]
        known = ~np.isnan(column)
        if attribute.kind == "binary":
            found[known, number] = column[known]
        elif attribute.kind == "continuous" and known.any():
            scaled = column[known] / (np.abs(column[known]).max() or 1.0)  # squares stay finite
            if (spread := float(scaled.std())) > 0:
                found[known, number] = np.clip((scaled - scaled.mean()) / spread, -2, 2)
    return found
