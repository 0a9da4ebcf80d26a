"""From interactions to a recommender."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.data.interactions import Interactions
from interpretable_gan.models.recommend.columns import PAIR, Columns, columns_of
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.encoder import fit_parts
from interpretable_gan.models.recommend.game import play
from interpretable_gan.models.recommend.model import Lift, Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.scorer import Gains, scores
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

Array = NDArray[np.float64]

LISTED = 10
"""Items of a list that a wish shall change."""

FULL = 8
"""So many of them have an attribute already: then no more are asked for."""

ANSWER = 0.97
"""Share of users whose list answers to a wish of one standard deviation."""

ASKED = 400
"""Users on whom that is fitted."""

LOUDEST = 20.0
"""Most spreads of scores that one standard deviation adds."""


def fit_recommender(
    data: Interactions,
    config: RecommendConfig,
    *,
    splits: Sequence[str] = ("train", "validation"),
    progress: Progress = silent,
) -> Recommender:
    """Fit a recommender.

    The encoder is fitted on the training rows, then the game is played for the validation rows,
    which it has not seen; then the encoder is fitted again on both with the gains found.

    Args:
        data: interactions.
        config: settings.
        splits: what the encoder learns from in the end.
        progress: told the step.
    """
    steps = 4
    progress(Status(0, steps, "fitting the encoder"))
    rows = data.rows(*splits)
    uses = np.bincount(data.items[rows], minlength=len(data.catalog.ids)).astype(np.float64)
    items = columns_of(data.catalog.attributes, data.catalog.cells, uses, pairs=config.pairs)
    users = columns_of(data.people.attributes, data.people.cells, np.ones(len(data.people.ids)))
    progress(Status(1, steps, "playing the game"))
    judge, forger = _gains(data, config, items, users)
    progress(Status(2, steps, "fitting the encoder again"))
    people = _people(data, rows, users, config)
    fitted = fit_parts(people, items, _single(items), config)
    progress(Status(3, steps, "fitting wishes"))
    model = Recommender(
        schema_of(data, config),
        config,
        data.catalog,
        items.names,
        judge.apply(fitted),
        forger.apply(fitted),
        float(forger.scale),
        Lift(*(np.ones(len(data.catalog.attributes)) for _ in range(2))),
        uses,
        data.people.attributes,
        users,
    )
    model.lift = fit_lift(model, people, config.seed)
    progress(Status(steps, steps))
    return model


def schema_of(data: Interactions, config: RecommendConfig) -> Schema:
    """Attributes of users, of items, and discovered tastes."""
    found = tuple(
        Attribute(name=f"d{i:02d}", kind="continuous", range=(-1, 1), source="discovered")
        for i in range(config.tastes)
    )
    return Schema(name=data.name, attributes=(*data.attributes, *found), augmentations=())


def _people(
    data: Interactions, rows: NDArray[np.int64], users: Columns, config: RecommendConfig
) -> People:
    return People(data.history(rows, seen=config.seen), users.values)


def _single(items: Columns) -> NDArray[np.bool_]:
    """Which columns are of one attribute."""
    return np.array([PAIR not in name for name in items.names], bool)


def _gains(
    data: Interactions, config: RecommendConfig, items: Columns, users: Columns
) -> tuple[Gains, Gains]:
    """What the game finds on validation rows, with an encoder that has not seen them."""
    people = _people(data, data.rows("train"), users, config)
    parts = fit_parts(people, items, _single(items), config)
    later = data.history(data.rows("validation"), seen=0)
    return play(parts, people, sp.csr_array(later), items.names, config)


def fit_lift(model: Recommender, people: People, seed: int) -> Lift:
    """The volume at which a wish of one standard deviation brings at least one more such item into
    the list of `ANSWER` of the users, and what that deviation is in points.

    Args:
        model: whose lift is not looked at.
        people: with the histories that the encoder knows.
        seed: of the users that are asked.
    """
    some = people.at(asked_users(len(people), seed))
    found = scores(model.parts, some)
    fresh = model.open_to(some, Wish())
    spread = model.spread(found, some)
    attributes = model.item_attributes
    volume, sigma = np.ones(len(attributes)), np.zeros(len(attributes))
    named, _ = model.encode(some)
    for place, attribute in enumerate(attributes):
        mine = np.flatnonzero([name == attribute.name for name in model.columns])
        reach = named[:, mine] @ model.parts.columns[:, mine].T
        direction = model.directions[:, place]
        size = float(direction @ direction)
        sigma[place] = float((reach @ direction).std() / size) if size else 0.0
        if attribute.kind == "binary":
            needed = _needed(found, fresh, direction > 0) / np.maximum(spread, 1e-12)
            needed = needed[np.isfinite(needed)]
            if len(needed):
                volume[place] = float(np.quantile(needed, ANSWER)) * (1 + 1e-6)
    return Lift(np.clip(volume, 1e-6, LOUDEST), sigma)


def asked_users(count: int, seed: int) -> NDArray[np.int64]:
    """The users on whom wishes are fitted, half of them at most; an audit looks at the others."""
    luck = np.random.default_rng([seed, 4])
    return np.sort(luck.permutation(count)[: max(min(ASKED, count // 2), 1)])


def _needed(found: Array, fresh: NDArray[np.bool_], has: NDArray[np.bool_]) -> Array:
    """By how much items that have an attribute must be lifted until one more of them is among the
    first `LISTED`, (users,); inf where there is none more, nan where there are `FULL` already."""
    found = np.where(fresh, found, -np.inf)
    order = np.argsort(-found, axis=1, kind="stable")
    ranked = np.take_along_axis(found, order, axis=1)
    mine = has[order]
    inside = np.arange(found.shape[1]) < LISTED
    worst = np.where(~mine & inside, ranked, np.inf).min(axis=1)
    best = np.where(mine & ~inside, ranked, -np.inf).max(axis=1)
    possible = np.isfinite(best) & np.isfinite(worst)
    needed = np.full(len(found), np.inf)
    needed[possible] = worst[possible] - best[possible]
    return np.where((mine & inside).sum(axis=1) >= FULL, np.nan, needed)
