"""A recommender: every score an exact sum, twice over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.data.side_tables import SideTable
from interpretable_gan.errors import DataError, RunError, did_you_mean
from interpretable_gan.models.recommend.columns import Columns
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.encoder import Parts
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.saving import loaded, saved
from interpretable_gan.models.recommend.scorer import coded, compared, residual, scores
from interpretable_gan.models.recommend.wishes import Wish, directions
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

TOP = 100
"""Items at the head of a list over which the spread of scores is taken, by which wishes count."""

BATCH = 512
"""Users scored at a time."""

APART = "apart from history"
"""In a sum over past items: what no past item says, so popularity beyond theirs, and attributes of
the user."""

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Lists(NamedTuple):
    """``items`` (users, n), best first, −1 where there are too few; ``scores`` (users, n)."""

    items: Numbers
    scores: Array


@dataclass(frozen=True)
class Lift:
    """How wishes act: a taste moved by one standard deviation adds ``volume`` × the spread of the
    user's scores × the item's direction.

    Args:
        volume: (attributes,), such that nearly every user's list answers.
        sigma: standard deviation of each taste over users, in points of the score, (attributes,).
    """

    volume: Array
    sigma: Array


class Recommender:
    """Scores of users and items, lists, and what they are made of.

    Args:
        schema: attributes of users (group ``users``), of items (group ``items``), and tastes.
        config: what decided it.
        catalog: ids, titles and attributes of the items.
        columns: to which item attribute, or pair, each column of the parts belongs.
        parts: of the discriminator, gains included.
        fitted: of the encoder alone, to which the generator's gains apply.
        generator: its gains.
        lift: how wishes act.
        uses: how often each item was used, (items,).
        user_attributes, user_columns: what is known of users, and how it becomes columns.
    """

    name = "recommend"

    def __init__(
        self,
        schema: Schema,
        config: RecommendConfig,
        catalog: SideTable,
        columns: tuple[str, ...],
        parts: Parts,
        generator: Parts,
        scale: float,
        lift: Lift,
        uses: Array,
        user_attributes: tuple[Attribute, ...],
        user_columns: Columns,
    ) -> None:
        self.schema, self.config, self.catalog, self.columns = schema, config, catalog, columns
        self.parts, self.generator, self.scale, self.lift = parts, generator, scale, lift
        self.uses, self.user_attributes, self.user_columns = uses, user_attributes, user_columns
        self.rows = tuple(dict.fromkeys(columns))
        member = [[row == each for row in self.rows] for each in columns]
        self._member = np.array(member, float).reshape(len(columns), len(self.rows))
        self._number = {name: place for place, name in enumerate(catalog.ids)}
        self.directions = directions(catalog.attributes, catalog.cells)

    @property
    def item_attributes(self) -> tuple[Attribute, ...]:
        """What is known of items."""
        return self.catalog.attributes

    @property
    def device(self) -> torch.device:
        """Where it computes: a CPU, in double precision."""
        return torch.device("cpu")

    def to(self, device: torch.device | str) -> Recommender:
        """This one: it computes on a CPU."""
        return self

    def item(self, name: str) -> int:
        """The number of an item, by its id or its title.

        Raises:
            DataError: there is none.
        """
        if name in self._number:
            return self._number[name]
        for place, title in enumerate(self.catalog.titles):
            if title.casefold() == name.casefold():
                return place
        known = [*self.catalog.ids, *self.catalog.titles]
        raise DataError(f"no item {name!r}.{did_you_mean(name, known)}")

    def people_of(self, history: sp.csr_array, cells: Array) -> People:
        """Users with their histories and the cells of their attributes, nan where not known."""
        return People(history, self.user_columns.again(self.user_attributes, cells))

    def encode(self, people: People) -> tuple[Array, Array]:
        """The code of users: the taste for each column of item attributes, and the discovered
        tastes, (users, …) each. It is linear in what they used; nothing is trained."""
        return coded(self.parts, people)

    def scores(self, people: People, wish: Wish | None = None) -> Array:
        """The discriminator's score of every item, (users, items), wishes included."""
        found = scores(self.parts, people)
        return found + self._asked(found, people, wish) if wish and wish.moves else found

    def _asked(self, found: Array, people: People, wish: Wish) -> Array:
        """What wishes add, (users, items)."""
        return self.spread(found, people)[:, None] * self._lifted(wish)

    def _lifted(self, wish: Wish) -> Array:
        """What wishes add to items, in spreads of the user's scores, (items,)."""
        names = [each.name for each in self.item_attributes]
        whole = np.zeros(len(self.catalog.ids))
        for name, by in wish.moves.items():
            place = names.index(name)
            whole += by * self.lift.volume[place] * self.directions[:, place]
        return whole

    def spread(self, found: Array, people: People) -> Array:
        """Standard deviation of the user's `TOP` best scores among items not used, (users,)."""
        fresh = np.where(people.history.toarray() != 0, -np.inf, found)
        most = min(TOP, fresh.shape[1])
        best = -np.partition(-fresh, most - 1, axis=1)[:, :most]
        best = np.where(np.isfinite(best), best, np.nan)
        known = np.isfinite(best).sum(axis=1) > 1
        spread = np.zeros(len(found))
        spread[known] = np.nanstd(best[known], axis=1)
        return spread

    def recommend(
        self, people: People, n: int = 10, wish: Wish | None = None, *, again: bool = False
    ) -> Lists:
        """The best ``n`` items for each user, of those not used yet.

        Args:
            people: in batches as large as you like; see `stream` for a million.
            n: length of the lists.
            wish: tastes moved and conditions.
            again: items that were used already may come again.
        """
        told = [self._lists(people.at(slice(at, at + BATCH)), n, wish, again)
                for at in range(0, len(people), BATCH)]  # fmt: skip
        if not told:
            return Lists(np.zeros((0, n), np.int64), np.zeros((0, n)))
        return Lists(*(np.concatenate(each) for each in zip(*told, strict=True)))

    def stream(self, people: People, n: int = 10, wish: Wish | None = None) -> Iterator[Lists]:
        """`recommend`, batch by batch, so that memory stays the same for any number of users."""
        for at in range(0, len(people), BATCH):
            yield self._lists(people.at(slice(at, at + BATCH)), n, wish, False)

    def _lists(self, people: People, n: int, wish: Wish | None, again: bool) -> Lists:
        return self._best(self.scores(people, wish), self.open_to(people, wish, again=again), n)

    def open_to(self, people: People, wish: Wish | None, *, again: bool = False) -> Any:
        """Which items may be on each user's list, (users, items)."""
        allowed = np.ones((len(people), len(self.catalog.ids)), bool)
        if not again:
            allowed &= people.history.toarray() == 0
        if wish and wish.only:
            allowed &= wish.allows(self.item_attributes, self.catalog.cells)
        return allowed

    @staticmethod
    def _best(found: Array, allowed: NDArray[np.bool_], n: int) -> Lists:
        """The highest allowed scores; of equal ones the first item."""
        found = np.where(allowed, found, -np.inf)
        users, items = found.shape
        n = min(n, items)
        if not n:
            return Lists(np.zeros((users, 0), np.int64), np.zeros((users, 0)))
        least = np.partition(found, items - n, axis=1)[:, items - n, None]
        who, what = np.nonzero(found >= least)  # a few more than n where scores are equal
        order = np.lexsort((what, -found[who, what], who))
        first = np.searchsorted(who, np.arange(users))
        order = order[first[:, None] + np.arange(n)]
        best = found[who[order], what[order]]
        return Lists(np.where(np.isfinite(best), what[order], -1), best)

    def draw(
        self, people: People, n: int = 10, wish: Wish | None = None, *, seed: int = 0
    ) -> Lists:
        """A list that the generator draws for each user: likely items more often, no item twice.
        Each seed is another mood."""
        chances = self.chances(people, wish)
        luck = np.random.default_rng(seed).gumbel(size=chances.shape)
        with np.errstate(divide="ignore"):
            logs = np.log(chances)
        found = self._best(logs + luck, chances > 0, n)
        return Lists(found.items, np.take_along_axis(logs, np.maximum(found.items, 0), 1))

    def chances(self, people: People, wish: Wish | None = None) -> Array:
        """The generator's distribution over items that a user has not used, (users, items)."""
        logits = scores(self.generator, people)
        if wish and wish.moves:
            logits = logits + self._asked(logits, people, wish)
        allowed = self.open_to(people, wish)
        logits = np.where(allowed, self.scale * logits, -np.inf)
        top = logits.max(axis=1, keepdims=True)
        weight = np.exp(logits - np.where(np.isfinite(top), top, 0))
        whole = weight.sum(axis=1, keepdims=True)
        return np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0)

    def terms(
        self, people: People, items: Numbers, wish: Wish | None = None, users: Numbers | None = None
    ) -> Terms:
        """Scores as exact sums over popularity, attributes and tastes.

        Args:
            people: users.
            items: numbers of items, (pairs,).
            wish: what was asked.
            users: which of the users each item is scored for, (pairs,); by default the first.
        """
        users = np.zeros(len(items), np.int64) if users is None else users
        past = People(people.history, np.zeros_like(people.columns))
        named, tastes = coded(self.parts, past)
        rest = residual(self.parts, people)[users, items]
        columns = self.parts.columns[items]
        by_row = (named[users] * columns) @ self._member
        own, names, more = self._own(people, users, columns)
        found = tastes + more
        parts = [
            _part("popularity", "named", self.parts.popularity[items][:, None], ("popularity",)),
            _part("taste", "named", by_row, self.rows),
            _part("person", "named", own, names),
            _part("discovered taste", "discovered", found[users] * self.parts.traits[items],
                  self.tastes),
            _part("residual", "residual", rest[:, None], ("residual",)),
        ]  # fmt: skip
        whole = self.scores(people, wish)
        if wish and wish.moves:
            plain = scores(self.parts, people)
            parts.append(self._wished(plain, people, wish, users, items))
        total = torch.from_numpy(whole[users, items])
        return Terms(tuple(parts), torch.zeros((), dtype=torch.float64), total)

    @property
    def tastes(self) -> tuple[str, ...]:
        """Names of the discovered tastes."""
        return tuple(each.name for each in self.schema.attributes if each.source == "discovered")

    def _own(
        self, people: People, users: Numbers, columns: Array
    ) -> tuple[Array, tuple[str, ...], Array]:
        """What attributes of users add to pairs, by attribute of the user and row of items; and to
        their discovered tastes."""
        items, names = len(self.catalog.ids), self.user_columns.names
        values, told = [], []
        for attribute in dict.fromkeys(names):
            mine = np.flatnonzero([each == attribute for each in names])
            code = people.columns[:, mine] @ self.parts.named[items + mine]
            values.append((code[users] * columns) @ self._member)
            told += [f"{attribute} × {row}" for row in self.rows]
        more = people.columns @ self.parts.tastes[items:]
        whole = np.concatenate([np.zeros((len(users), 0)), *values], axis=1)
        return whole, tuple(told), more

    def _wished(
        self, plain: Array, people: People, wish: Wish, users: Numbers, items: Numbers
    ) -> Part:
        """What wishes add to pairs."""
        spread = self.spread(plain, people)[users]
        each = [Wish({name: by}) for name, by in wish.moves.items()]
        values = np.stack([spread * self._lifted(one)[items] for one in each], axis=1)
        return _part("asked", "named", values, tuple(f"asked: {name}" for name in wish.moves))

    def history_terms(self, people: People, items: Numbers) -> Terms:
        """Scores of items for one user as exact sums over past items.

        Args:
            people: one user.
            items: numbers of items, (pairs,).
        """
        past = people.history.indices
        amount = people.history.data[:, None]
        each = amount * self.influence(past, items)
        rows = tuple(self.catalog.titles[place] for place in past.tolist())
        rows = rows if len(set(rows)) == len(rows) else tuple(self.catalog.ids[i] for i in past)
        nothing = People(sp.csr_array(people.history.shape), people.columns)
        alone = scores(self.parts, nothing, compared(people))
        apart = _part("apart from history", "named", alone[0, items][:, None], (APART,))
        parts = (_part("history", "named", each.T, rows), apart)
        total = torch.from_numpy(scores(self.parts, people)[0, items])
        return Terms(parts, torch.zeros((), dtype=torch.float64), total)

    def influence(self, past: Numbers, items: Numbers) -> Array:
        """What a liked past item adds to the score of each item, (past, items)."""
        named = self.parts.named[past] @ self.parts.columns[items].T
        tastes = self.parts.tastes[past] @ self.parts.traits[items].T
        return named + tastes + sp.csr_array(self.parts.residual)[past][:, items].toarray()

    def tensors(self) -> dict[str, Tensor]:
        """All that it is made of, by name; texts are bytes of JSON."""
        told = {
            "ids": self.catalog.ids,
            "titles": self.catalog.titles,
            "columns": self.columns,
            "people": self.user_columns.names,
        }
        found = {"texts": torch.tensor(list(json.dumps(told).encode()), dtype=torch.uint8)}
        found |= saved("discriminator", self.parts) | saved("generator", self.generator)
        more = {
            "cells": np.nan_to_num(self.catalog.cells),
            "known": ~np.isnan(self.catalog.cells),
            "people.means": self.user_columns.means,
            "volume": self.lift.volume,
            "sigma": self.lift.sigma,
            "uses": self.uses,
            "scale": np.array(self.scale),
        }
        more |= {
            f"people.{place}.knots": each for place, each in enumerate(self.user_columns.knots)
        }
        return found | {name: torch.from_numpy(np.array(each)) for name, each in more.items()}

    @classmethod
    def of(
        cls, schema: Schema, config: RecommendConfig, tensors: Mapping[str, Tensor]
    ) -> Recommender:
        """The model that `tensors` describe.

        Raises:
            RunError: something is missing, or of another schema.
        """
        try:
            told = json.loads(bytes(tensors["texts"].tolist()).decode())
            ids, titles = tuple(told["ids"]), tuple(told["titles"])
            sides = {
                group: tuple(each for each in schema.named if each.group == group)
                for group in ("users", "items")
            }
            names, means = tuple(told["people"]), tensors["people.means"].numpy()
            if not set(names) <= {each.name for each in sides["users"]}:
                raise RunError("users' attributes are others than those of the schema")
            knots = [tensors[f"people.{n}.knots"].numpy() for n in range(len(sides["users"]))]
            arrays = {name: tensors[name].numpy() for name in ("volume", "sigma", "uses", "cells")}
            arrays["cells"] = np.where(tensors["known"].numpy(), arrays["cells"], np.nan)
            return cls(
                schema,
                config,
                SideTable(ids, sides["items"], arrays["cells"], titles),
                tuple(told["columns"]),
                loaded("discriminator", tensors),
                loaded("generator", tensors),
                float(tensors["scale"]),
                Lift(arrays["volume"], arrays["sigma"]),
                arrays["uses"],
                sides["users"],
                Columns(np.zeros((0, len(names))), names, means, tuple(knots)),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise RunError(f"weights of a recommender are damaged ({error!r})") from None


def _part(kind: str, source: Any, values: Array, rows: Sequence[str]) -> Part:
    return Part(
        kind, source, torch.from_numpy(np.ascontiguousarray(values))[:, :, None], tuple(rows)
    )
