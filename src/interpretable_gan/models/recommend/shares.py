"""What carries the decision: real items against those that the generator draws."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.interactions import Interactions
from interpretable_gan.models.recommend.model import BATCH, Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.terms import SOURCES, Terms

MOST = 6000
"""Pairs that are compared."""

Array = NDArray[np.float64]


class Pairs(NamedTuple):
    """``gaps``: terms of real items less those of generated ones; ``users`` of each pair;
    ``scores``: terms of the real ones."""

    gaps: Terms
    users: NDArray[np.int64]
    scores: Terms


def people_before(model: Recommender, data: Interactions, split: str) -> People:
    """All users with what they used before a split."""
    before = ("train",) if split == "validation" else ("train", "validation")
    history = data.history(data.rows(*before), seen=model.config.seen)
    return model.people_of(history, data.people.cells)


def real_and_fake(
    model: Recommender, data: Interactions, split: str, *, seed: int = 0, most: int = MOST
) -> Pairs:
    """Items that users liked in a split, each beside one that the generator draws for the same user
    from the same history."""
    luck = np.random.default_rng([seed, 5])
    rows = data.rows(split)
    rows = rows[data.liked[rows]]
    rows = np.sort(luck.permutation(rows)[:most])
    people = people_before(model, data, split)
    gaps, scores = [], []
    who = np.unique(data.users[rows])
    for at in range(0, len(who), BATCH):
        some = who[at : at + BATCH]
        mine = rows[np.isin(data.users[rows], some)]
        place = np.searchsorted(some, data.users[mine])
        part = people.at(some)
        ends = model.chances(part)[place].cumsum(axis=1)
        fake = (ends < luck.random(len(mine))[:, None] * ends[:, -1:]).sum(axis=1)
        real = model.terms(part, data.items[mine], users=place)
        scores.append(real)
        gaps.append(real.minus(model.terms(part, fake.clip(max=ends.shape[1] - 1), users=place)))
    return Pairs(Terms.joined(gaps), data.users[rows], Terms.joined(scores))


def carried(gaps: Terms) -> dict[str, Array]:
    """What each kind of part adds to the gaps, (pairs,) each: ``named`` without popularity, which
    stands apart."""
    popularity = gaps.by_kind()["popularity"].numpy()
    found = {name: gaps.by_source()[name].numpy() for name in SOURCES}
    return found | {"named": found["named"] - popularity, "popularity": popularity}


def shares(gaps: Terms) -> dict[str, float]:
    """Each kind's share of the variance of the gaps, Cov(kind, whole) / Var(whole); they add up
    to 1, and one that works against the others is negative."""
    parts = carried(gaps)
    whole = np.sum(list(parts.values()), axis=0)
    centred = whole - whole.mean()
    spread = float((centred**2).mean())
    if not spread:
        return dict.fromkeys(parts, float("nan"))
    return {name: float((each * centred).mean()) / spread for name, each in parts.items()}
