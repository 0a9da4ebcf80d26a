"""What usually becomes of every edit, and what one more is worth."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.directions.edits import Edits
from interpretable_gan.shapes import Index, Scores

COST = 5.2
"""Weight of leakage, mean over all that an edit should leave alone."""
EXCESS = 9.0
"""Weight of what is above the rate at which two attributes differ together in the data, squared,
also of what readers can hardly read. All values of an attribute count together, as on the card."""
SPARING = 0.7
"""What making everything brighter by 1, of [-1, 1], takes off the worth of an edit that is seen:
light and colour, of which readers say nothing, stay as they were."""
SELDOM = 0.15
"""What is seen less often than this counts as seen so often."""
MEMORY, WITNESSED = 50, 100
"""So many edits of a kind are behind what is usual for it, in the eyes of the jury and of
witnesses, whose yes and no take more to settle."""

Rates = Float[Tensor, "edits named"]
Named = Float[Tensor, "batch named"]


class Running:
    """Means over about the last ``memory`` edits of each kind, ``mean`` has shape ``shape``."""

    def __init__(self, *shape: int, memory: int) -> None:
        self.mean, self._memory = torch.zeros(shape), memory
        self._count = torch.zeros(shape[0])

    def add(self, chosen: Index, values: Tensor) -> None:
        """Take in the values of some edits, of kinds ``chosen``, both ``(batch, …)``."""
        count = torch.bincount(chosen, minlength=len(self.mean))
        self._count += count
        share = (count / self._count.clamp(1, self._memory)).clamp(max=1)
        each, rest = (share / count.clamp(min=1))[chosen], 1 - share
        wide = (-1, *[1] * (values.ndim - 1))
        self.mean = (rest.view(wide) * self.mean).index_add(0, chosen, each.view(wide) * values)


class Count:
    """What the card counts, made smooth, as running means over edits of every kind.

    ``seen`` is how often an edit is seen, ``lost`` how often it is seen and changes a column; their
    ratio is the leakage of what is seen. They turn the gradient of the whole objective into a
    worth of each edit: that of 2√s is that of p / √s, and that of L = E[p · drop] / s is that of
    p · (drop − L) / s. What is above the rate in the data is told by witnesses, in yes and no.

    Args:
        edits: what is counted.
        legible: 1 for the columns whose leakage has a price, ``(named,)``.
        allowed: how often columns differ in the data where an edit's attribute does.
    """

    def __init__(self, edits: Edits, legible: Float[Tensor, "named"], allowed: Rates) -> None:
        others = edits.others * legible
        self._cost = COST * others / others.sum(dim=1, keepdim=True).clamp(min=1)
        self._excess, self._allowed = EXCESS * edits.others, allowed
        kinds, named = edits.others.shape
        same = (edits.attribute[:, None] == edits.attribute).float()
        self._pool = same / same.sum(dim=1, keepdim=True)
        self.seen, self.lost = Running(kinds, memory=MEMORY), Running(kinds, named, memory=MEMORY)
        self.shown = Running(kinds, memory=WITNESSED)
        self.flipped = Running(kinds, named, memory=WITNESSED)

    @property
    def above(self) -> Rates:
        """How much more often what is shown of an edit's attribute flips a column than the data
        have it, by witnesses."""
        shown, flipped = self._pool @ self.shown.mean, self._pool @ self.flipped.mean
        return (flipped / shown[:, None].clamp(min=0.01) - self._allowed).clamp(min=0)

    def testify(self, chosen: Index, shown: Scores, flipped: Named) -> None:
        """Take in of how many witnesses each edit is shown to, and to how many it is and flips a
        column, as shares."""
        self.shown.add(chosen, shown)
        self.flipped.add(chosen, flipped)

    def worth(
        self,
        chosen: Index,
        seen: Float[Tensor, "readers batch"],
        lost: Float[Tensor, "readers batch named"],
        tint: Scores,
    ) -> Float[Tensor, "readers batch"]:
        """What some more edits add to the objective, beside what is usual: p, p · drop_j and how
        much light and colour changed."""
        self.seen.add(chosen, seen.detach().mean(dim=0))
        self.lost.add(chosen, lost.detach().mean(dim=0))
        often, lost_often = self.seen.mean, self.lost.mean

        def leaked(often: Scores, lost_often: Rates, price: Rates) -> Tensor:
            usual = lost_often / often[:, None].clamp(min=1e-6)
            beyond = lost - seen[..., None] * usual[chosen]
            return (beyond * price[chosen]).sum(dim=2) / often[chosen].clamp(min=SELDOM)

        gained = seen * (1 - SPARING * tint) / often[chosen].clamp(min=SELDOM).sqrt()
        excess = 2 * self._excess * self.above
        return (
            gained
            - leaked(often, lost_often, self._cost)
            - leaked(self._pool @ often, self._pool @ lost_often, excess)
        )
