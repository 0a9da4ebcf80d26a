"""What becomes of suggested items when past items are forgotten and the rest is encoded again."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.models.recommend.model import BATCH, TOP, Recommender
from interpretable_gan.models.recommend.people import People

ITEMS, REASONS = 5, 3
"""First items of a list that are looked at; past items that are forgotten."""


def sinks(model: Recommender, people: People, *, seed: int = 0) -> NDArray[np.float64]:
    """Places that items lose, mean over the first `ITEMS` of each list: without their `REASONS`
    strongest past items, and without as many random ones, (users, 2).

    Users with fewer than twice `REASONS` past items are left out. Only items that could be
    suggested before are ranked.
    """
    luck = np.random.default_rng([seed, 6])
    found = []
    for at in range(0, len(people), BATCH // 8):
        part = people.at(slice(at, at + BATCH // 8))
        found += _of(model, part, luck)
    return np.array(found, np.float64).reshape(-1, 2)


def _of(model: Recommender, people: People, luck: np.random.Generator) -> list[list[float]]:
    """The same for a few users, whose changed histories are encoded together."""
    fresh = model.open_to(people, None)
    order = model.recommend(people, TOP).items
    rows, owners, items = [], [], []
    for user in range(len(people)):
        one = people.at(slice(user, user + 1))
        past, around = one.history.indices, order[user][order[user] >= 0]
        if len(past) < 2 * REASONS or len(around) < ITEMS:
            continue
        pull = model.influence(past, around) * one.history.data[:, None]
        gain = pull - pull.mean(axis=1, keepdims=True)
        for place, item in enumerate(around[:ITEMS].tolist()):
            strongest = past[np.argsort(-gain[:, place], kind="stable")[:REASONS]]
            for gone in (strongest, luck.permutation(past)[:REASONS]):
                changed = one.history.toarray()
                changed[0, gone] = 0
                rows.append(sp.csr_array(changed))
                owners.append(user)
                items.append(item)
    if not rows:
        return []
    who, what = np.array(owners), np.array(items)
    scores = model.scores(People(sp.csr_array(sp.vstack(rows)), people.columns[who]))
    mine = scores[np.arange(len(what)), what]
    now = ((scores > mine[:, None]) & fresh[who]).sum(axis=1)
    then = (order[who] == what[:, None]).argmax(axis=1)
    lost = (now - then).reshape(-1, ITEMS, 2).mean(axis=1)
    return lost.tolist()
