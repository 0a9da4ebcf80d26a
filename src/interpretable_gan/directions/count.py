"""What usually becomes of every edit, and what one more is worth."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.directions.edits import Edits
from interpretable_gan.shapes import Index, Scores

COST = 4.2
"""Weight of leakage, mean over all that an edit should leave alone."""
EXCESS = 20.0
"""Weight of what is above the rate at which two attributes differ together in the data, squared,
also of what readers can hardly read. All values of an attribute count together, as on the card."""
SHIFT = 0.15
"""How far, in standard deviations, the mean traits of those who will be edited may lie from those
that directions learn from: a few dozen persons are never the whole."""
SPARING = 0.7
"""What making everything brighter by 1, of [-1, 1], takes off the worth of an edit that is seen:
light and colour, of which readers say nothing, stay as they were."""
SELDOM = 0.15
"""What is seen less often than this counts as seen so often."""
MEMORY, WITNESSED = 50, 200
"""So many edits of a kind are behind what is usual for it, in the eyes of the jury and of
witnesses, whose yes and no take more to settle."""

Rates = Float[Tensor, "edits named"]
Named = Float[Tensor, "batch named"]
Traits = Float[Tensor, "batch traits"]


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
        counted: how many edits of each kind are counted, beside others, ``(edits,)``.
        traits: so many are known of who is edited.
    """

    def __init__(
        self,
        edits: Edits,
        legible: Float[Tensor, " named"],
        allowed: Rates,
        counted: Scores,
        traits: int,
    ) -> None:
        others = edits.others * legible
        self._cost = COST * others / others.sum(dim=1, keepdim=True).clamp(min=1)
        kinds, named = edits.others.shape
        same = (edits.attribute[:, None] == edits.attribute).float()
        usual = (same @ counted) / same.sum(dim=1)
        self._pool = same * counted / (same @ counted)[:, None]
        self._excess = EXCESS * (counted / usual)[:, None] * edits.others
        self._allowed = allowed
        self.seen, self.lost = Running(kinds, memory=MEMORY), Running(kinds, named, memory=MEMORY)
        self.shown = Running(kinds, 1 + traits, memory=WITNESSED)
        self.flipped = Running(kinds, named, 1 + traits, memory=WITNESSED)

    def testify(self, chosen: Index, who: Traits, shown: Scores, flipped: Named) -> None:
        """Take in of how many witnesses each edit is shown to, and to how many it is and flips a
        column, as shares; ``who`` is edited."""
        who = F.pad(who, (1, 0), value=1.0)
        self.shown.add(chosen, shown[:, None] * who)
        self.flipped.add(chosen, flipped[..., None] * who[:, None])

    def above(self) -> tuple[Rates, Float[Tensor, "edits named traits"]]:
        """How much more often what is shown of an edit's attribute flips a column than the data
        have it, by witnesses, where those are edited that have it worst; and which way they lie,
        `SHIFT` away.

        A mix whose traits have mean m instead of 0 has the rate L + m · E[shown (flips − L) f] /
        E[shown], to first order, with the traits f.
        """
        shown = torch.einsum("ek,kt->et", self._pool, self.shown.mean)
        flipped = torch.einsum("ek,knt->ent", self._pool, self.flipped.mean)
        often = shown[:, None, :1].clamp(min=0.01)
        rate = flipped[..., :1] / often
        slope = (flipped[..., 1:] - rate * shown[:, None, 1:]) / often
        steep = slope.norm(dim=2, keepdim=True)
        worst = (rate + SHIFT * steep)[..., 0]
        return (worst - self._allowed).clamp(min=0), SHIFT * slope / steep.clamp(min=1e-6)

    def worth(
        self,
        chosen: Index,
        who: Traits,
        seen: Float[Tensor, "readers batch"],
        lost: Float[Tensor, "readers batch named"],
        tint: Scores,
    ) -> Float[Tensor, "readers batch"]:
        """What some more edits of some people add to the objective, beside what is usual: p,
        p · drop_j and how much light and colour changed."""
        self.seen.add(chosen, seen.detach().mean(dim=0))
        self.lost.add(chosen, lost.detach().mean(dim=0))
        often, lost_often = self.seen.mean, self.lost.mean

        def leaked(often: Scores, lost_often: Rates, price: Named) -> Tensor:
            usual = lost_often / often[:, None].clamp(min=1e-6)
            beyond = lost - seen[..., None] * usual[chosen]
            return (beyond * price).sum(dim=2) / often[chosen].clamp(min=SELDOM)

        gained = seen * (1 - SPARING * tint) / often[chosen].clamp(min=SELDOM).sqrt()
        above, where = self.above()
        weight = 1 + torch.einsum("bnt,bt->bn", where[chosen], who)
        excess = 2 * (self._excess * above)[chosen] * weight.clamp(min=0)
        return (
            gained
            - leaked(often, lost_often, self._cost[chosen])
            - leaked(self._pool @ often, self._pool @ lost_often, excess)
        )
