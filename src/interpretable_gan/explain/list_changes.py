"""What would change a list: the fewest past items to forget, or the smallest wish. Every answer is
verified by scoring again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.explain.explanation import joined
from interpretable_gan.explain.suggestion import ranking
from interpretable_gan.models.recommend.model import Recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.wishes import Wish

STEP, FARTHEST = 0.25, 5.0
"""Standard deviations by which wishes are tried, and the largest."""

MOST = 25
"""Past items that are forgotten at most."""


@dataclass(frozen=True)
class ListChange:
    """The smallest change found after which an item is on the list, or is not any more.

    Args:
        item: what it is called.
        wanted: whether it shall be on the list.
        n: length of the list.
        forgotten: past items without which it is so; empty where none were found.
        wish: attribute and standard deviations that do it; None where none was found.
        rank: its place now; ``rank_then``: without the forgotten items, scored again.
    """

    item: str
    wanted: bool
    n: int
    forgotten: tuple[str, ...]
    wish: tuple[str, float] | None
    rank: int
    rank_then: int

    def sentence(self) -> str:
        """What would have to change."""
        end = "would be on" if self.wanted else "would not be on"
        goal = f"{self.item} (now number {self.rank}) {end} the list of {self.n}"
        ways = []
        if self.forgotten:
            ways.append(f"without {joined(self.forgotten)} in the history")
        if self.wish:
            name, by = self.wish
            ways.append(f"with the wish {name}={by:g}")
        if not ways:
            return f"No small change was found after which {goal}."
        return f"{goal} {', or '.join(ways)}."


def change_of_list(
    model: Recommender, people: People, item: int, *, n: int = 10, wish: Wish | None = None
) -> ListChange:
    """The fewest past items and the smallest wish after which an item leaves the list; or joins it,
    where it is not there.

    Args:
        model: a recommender.
        people: one user.
        item: its number.
        n: length of the list.
        wish: what is asked already.
    """
    people = people.without([item])
    rank = _rank(model, people, item, wish)
    wanted = rank > n
    forgotten, then = _forgotten(model, people, item, n, wanted, wish)
    return ListChange(
        item=model.catalog.titles[item],
        wanted=wanted,
        n=n,
        forgotten=tuple(model.catalog.titles[each] for each in forgotten),
        wish=_wished(model, people, item, n, wanted, wish),
        rank=rank,
        rank_then=then,
    )


def strongest_reasons(
    model: Recommender, people: People, item: int, count: int
) -> NDArray[np.int64]:
    """The past items that speak most for an item, against the mean of what would be suggested."""
    past = people.history.indices
    order = ranking(model, people)[:100]
    gain = model.influence(past, np.array([item]))[:, 0]
    gain = gain - model.influence(past, order).mean(axis=1) if len(order) else gain
    return past[np.argsort(-gain * people.history.data, kind="stable")[:count]]


def _rank(model: Recommender, people: People, item: int, wish: Wish | None) -> int:
    order = ranking(model, people, wish)
    return int(np.flatnonzero(order == item)[0]) + 1 if item in order else len(order) + 1


def _forgotten(
    model: Recommender, people: People, item: int, n: int, wanted: bool, wish: Wish | None
) -> tuple[list[int], int]:
    """Past items to forget, one after the other those that count most against the item's next
    rivals; what turns out not to be needed is put back."""
    gone: list[int] = []
    then = _rank(model, people, item, wish)
    for _ in range(min(MOST, people.history.nnz)):
        now = people.without(gone)
        past = now.history.indices
        if not len(past):
            break
        order = ranking(model, now, wish)
        rivals = order[:n] if wanted else order[n : 2 * n]
        gain = model.influence(past, np.array([item]))[:, 0]
        if len(rivals):
            gain = gain - model.influence(past, rivals).mean(axis=1)
        gain = gain * now.history.data * (-1 if wanted else 1)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        gone.append(int(past[best]))
        then = _rank(model, people.without(gone), item, wish)
        if (then <= n) == wanted:
            return _needed(model, people, item, n, wanted, wish, gone)
    return [], then


def _needed(
    model: Recommender,
    people: People,
    item: int,
    n: int,
    wanted: bool,
    wish: Wish | None,
    gone: list[int],
) -> tuple[list[int], int]:
    """Without those that are not needed, the weakest tried first."""
    for each in gone[:-1][::-1]:
        fewer = [other for other in gone if other != each]
        if (_rank(model, people.without(fewer), item, wish) <= n) == wanted:
            gone = fewer
    return gone, _rank(model, people.without(gone), item, wish)


def _wished(
    model: Recommender, people: People, item: int, n: int, wanted: bool, wish: Wish | None
) -> tuple[str, float] | None:
    """The smallest move of one taste that does it."""
    before = wish or Wish()
    movable = [
        each.name
        for number, each in enumerate(model.item_attributes)
        if model.directions[item, number] and each.name not in before.moves
    ]
    for by in np.arange(STEP, FARTHEST + STEP, STEP).tolist():
        for name in movable:
            for sign in (1, -1):
                moved = Wish({**before.moves, name: sign * by}, before.only)
                if (_rank(model, people, item, moved) <= n) == wanted:
                    return name, sign * by
    return None
