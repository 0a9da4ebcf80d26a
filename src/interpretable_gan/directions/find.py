"""After training: how to ask for an attribute so that others see it, and nothing else change.

The generator obeys its own encoder, which it knows. What others see of that, and what goes with an
attribute in the data, is told by readers that the game never saw: small classifiers, trained on
real images alone. A direction is a few numbers for all images, so it can hardly fool them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.directions.critic import Critic
from interpretable_gan.directions.jury import Jury, legible
from interpretable_gan.evaluate import evaluators
from interpretable_gan.evaluate.card.cooccurrence import data_rates
from interpretable_gan.evaluate.evaluators import slices, train_evaluator
from interpretable_gan.evaluate.steerability import targets
from interpretable_gan.models.directions import Directions
from interpretable_gan.run import Run
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.shapes import Code, Index, Style
from interpretable_gan.training import checkpoint, losses
from interpretable_gan.training.chance import generator as chance
from interpretable_gan.training.codes import Orders
from interpretable_gan.training.reading import Reading

if TYPE_CHECKING:
    from interpretable_gan.model import InterpretableGAN

READERS = ("residual", "plain", "residual")
"""Architectures of the classifiers that have to see it."""
READER_SEED = 1000
"""Seed of the first of them, far from those of evaluators that judge."""
READER_IMAGES = 100_000
"""Most images a reader is trained on, counting repeats; never more than the run was."""

COST = 5.2
"""Weight of leakage, mean over all that an edit should leave alone."""
EXCESS = 8.0
"""Weight of what is above the rate at which two attributes differ together in the data, squared,
also of what readers can hardly read."""
SPARING = 0.7
"""What making everything brighter by 1, of [-1, 1], takes off the worth of an edit that is seen:
light and colour, of which readers say nothing, stay as they were."""
PARTS = 4
"""Light and colour are means over parts of an image, so many by so many; what is finer may
change."""
FOOLING = 0.1
"""Weight of how surely a `Critic` tells edits from the images they were made of."""
CREDITING = 0.05
"""Weight of what the discriminator credits an edit to: to the attribute that was asked for."""
SHORT = 0.004
"""Weight of a direction's squared length."""
MEMORY = 50
"""So many edits of a kind are behind what is usual for it."""
SELDOM = 0.15
"""What is seen less often than this counts as seen so often."""

EDITS = 100_000
"""Most edits to learn from."""
BATCH = 48
RATE = 0.01
"""Of Adam, falling to nothing: about how far a number moves in a step."""
RATE_OF_TRAITS = RATE / 10
"""The same for what an edit takes of one trait: there are many such numbers."""

Rates = Float[Tensor, "attributes named"]
Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it, of how much)."""


def find_directions(run: Run, data: Dataset, *, progress: Progress | None = None) -> None:
    """Find the `Directions` of a trained run and keep them with its weights.

    Over edits e of training codes (one attribute k asked for in full that readers do not see yet),
    it is what the card counts, made smooth::

        s_e  = E[p]                    how often an edit is seen
        L_ej = E[p · drop_j] / s_e     how often what is seen changed attribute j as well

        maximise  Σ_e 2√s_e − COST · mean_j L_ej − EXCESS · Σ_j max(0, L_ej − r_kj)²

    p is the probability, mean over readers, that the attribute is read as asked; drop_j how much
    less probable it is than before that a legible attribute j is read as it was; r_kj how often j
    differs in the data where k does. The root, for what is hard is not to be given up for what is
    easy. Beside it count what an edit does to light and colour (SPARING), what a critic tells it by
    (FOOLING), the crediting of training and the lengths of directions.

    Nothing is done where labels say all (``typical`` 1), where every attribute is continuous, or
    where the run has its directions already.

    Args:
        run: trained; its folder is written to.
        data: what it was trained on. Readers are fitted on its training split.
        progress: called with (what is being done, how much of it, of how much).

    Raises:
        RunError: the run has no weights yet.
    """
    path = run.path / "weights.safetensors"
    weights = checkpoint.load_weights(path)
    measured = Reading(data.schema).measured.all()
    if run.config.typical == 1 or measured or "directions.on" in weights:
        return
    report = progress or _silent
    readers = [
        train_evaluator(
            data,
            architecture,
            images=max(min(READER_IMAGES, run.config.images), evaluators.BATCH),
            seed=READER_SEED + number,
            progress=lambda done, of, number=number: report(  # type: ignore[misc]
                f"training reader {number + 1} of {len(READERS)}", done, of
            ),
        )
        for number, architecture in enumerate(READERS)
    ]
    jury = Jury(readers, legible(data, readers))
    steps = max(min(EDITS, run.config.images) // BATCH, 1)
    found = fitted(run.model(), jury, together(data), steps, report)
    tensors = {f"directions.{name}": tensor for name, tensor in found.state_dict().items()}
    checkpoint.save_weights(path, weights | tensors)


def fitted(
    model: InterpretableGAN, jury: Jury, together: Rates, steps: int, report: Progress
) -> Directions:
    """The directions for which a jury sees most of what is asked, and little else change.

    ``together``: how often columns differ in the data where an attribute does.
    """
    edits = Edits(model.schema)
    count = Count(edits, jury.legible, together)
    code, seed = model.codes_of_training, model.config.seed
    style = model.styles(len(code), seed=seed)
    with torch.no_grad():
        before = torch.cat(
            [jury(model.draw(code[part], style[part])) for part in slices(len(code))], dim=1
        )  # (readers, codes, named)
    unseen = (before.mean(dim=0)[:, edits.column] > 0) != (edits.side > 0)  # (codes, edits)

    directions = model.networks.directions.requires_grad_()
    directions.learn_traits(code)
    traits = [directions.off_traits, directions.on_traits]
    alike = [directions.off, directions.on, directions.gain_off, directions.gain_on]
    optimizer = torch.optim.Adam(alike, lr=RATE)
    optimizer.add_param_group({"params": traits, "lr": RATE_OF_TRAITS})
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    owners = Reading(model.schema).owners
    critic = Critic(model.channels, model.config.size, seed)
    luck = chance(seed, "directions", 0)
    for step in range(steps):
        chosen = torch.randint(len(edits.column), (BATCH,), generator=luck)
        rows = torch.multinomial(unseen.T[chosen] + 1e-6, 1, generator=luck)[:, 0]
        plain = model.draw(code[rows], style[rows])
        asked = edits.asked(code[rows], chosen)
        edited = model.networks.average(*directions(asked, style[rows])).clamp(-1, 1)
        was, now = before[:, rows], jury(edited)
        seen = jury.seen(now, edits.column[chosen], edits.side[chosen])
        lost = seen[..., None] * (jury.kept(was, was) - jury.kept(was, now)).clamp(min=0)
        tint = F.adaptive_avg_pool2d(edited - plain, PARTS).abs().mean(dim=(1, 2, 3))
        critic.learn(plain, edited)
        worth = count.worth(chosen, seen, lost, tint).mean()
        orders = edits.orders(code[rows], asked, style[rows], chosen)
        decision = model.networks.discriminator(torch.cat([plain, edited]), orders.code)
        credited = losses.crediting(decision, orders, owners)
        length = torch.stack([each.square().sum() for each in directions.parameters()]).sum()
        told = critic(edited).mean()
        loss = SHORT * length / len(edits.column) + CREDITING * credited + FOOLING * told - worth
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        pace.step()
        report("finding directions", step + 1, steps)
    return directions.requires_grad_(False)


class Count:
    """What usually becomes of every edit, running means: how often it is ``seen``, ``(edits,)``,
    and how much of every column its ``leakage`` is where it is seen, ``(edits, named)``.

    They turn the gradient of the whole objective into a worth of each edit: that of 2√s is that of
    p / √s, and that of L = E[p · drop] / s is that of p · (drop − L) / s.

    Args:
        edits: what is counted.
        legible: 1 for the columns whose leakage has a price, ``(named,)``.
        together: how often columns differ in the data where an attribute does.
    """

    def __init__(self, edits: Edits, legible: Float[Tensor, "named"], together: Rates) -> None:
        others = edits.others * legible
        self._cost = COST * others / others.sum(dim=1, keepdim=True).clamp(min=1)
        self._excess, self._together = EXCESS * edits.others, together[edits.attribute]
        self._edits, self.seen = torch.zeros(len(others)), torch.zeros(len(others))
        self._lost = torch.zeros_like(others)

    @property
    def leakage(self) -> Float[Tensor, "edits named"]:
        """Of what is seen."""
        return self._lost / self.seen[:, None].clamp(min=1e-6)

    def worth(
        self,
        chosen: Index,
        seen: Float[Tensor, "readers batch"],
        lost: Float[Tensor, "readers batch named"],
        tint: Float[Tensor, "batch"],
    ) -> Float[Tensor, "readers batch"]:
        """What some more edits add to the objective, beside what is usual: p, p · drop_j and how
        much light and colour changed."""
        self._add(chosen, seen.detach().mean(dim=0), lost.detach().mean(dim=0))
        often, leakage = self.seen[chosen].clamp(min=SELDOM), self.leakage[chosen]
        above = (leakage - self._together[chosen]).clamp(min=0)
        price = self._cost[chosen] + 2 * self._excess[chosen] * above
        leaked = ((lost - seen[..., None] * leakage) * price).sum(dim=2)
        return seen * (1 - SPARING * tint) / often.sqrt() - leaked / often

    def _add(
        self, chosen: Index, seen: Float[Tensor, "batch"], lost: Float[Tensor, "batch named"]
    ) -> None:
        count = torch.bincount(chosen, minlength=len(self.seen))
        self._edits += count
        share = (count / self._edits.clamp(1, MEMORY)).clamp(max=1)
        each = (share / count.clamp(min=1))[chosen]
        self.seen = ((1 - share) * self.seen).index_add(0, chosen, each * seen)
        self._lost = ((1 - share[:, None]) * self._lost).index_add(0, chosen, each[:, None] * lost)


class Edits:
    """Every value that an attribute which is not continuous can be set to, ``(edits,)`` each.

    ``attribute``: which is set. ``column``: by which it is read, and on which ``side`` of 0, ±1.
    ``others``: the named columns of all other attributes, ``(edits, named)``.
    """

    def __init__(self, schema: Schema) -> None:
        wanted = [each for each in targets(schema) if schema[each.attribute].kind != "continuous"]
        count, numbers = len(wanted), {a.name: n for n, a in enumerate(schema.named)}
        self.attribute = torch.tensor([numbers[each.attribute] for each in wanted])
        self.column = torch.zeros(count, dtype=torch.long)
        self.side = torch.ones(count)
        self.others = torch.ones(count, schema.named_columns)
        self._values = torch.zeros(count, schema.columns)
        for number, target in enumerate(wanted):
            span = schema.slices[target.attribute]
            self.column[number] = span.start
            if schema[target.attribute].kind == "categorical":
                self.column[number] += target.reads
            elif not target.reads:
                self.side[number] = -1
            self.others[number, span] = 0
            self._values[number, span] = torch.from_numpy(target.columns)

    def asked(self, code: Code, chosen: Index) -> Code:
        """The codes, each with its chosen edit, all else as it was."""
        return torch.where(self._values[chosen] != 0, self._values[chosen], code)

    def orders(self, code: Code, asked: Code, style: Style, chosen: Index) -> Orders:
        """The codes and, behind them, their edits, as training has them."""
        known = torch.ones(2 * len(code), self.others.shape[1], dtype=torch.bool)
        return Orders(
            code=torch.cat([code, asked]),
            style=torch.cat([style, style]),
            known=known,
            kept=len(code),
            twin_of=torch.arange(len(code)),
            changed=self.attribute[chosen],
        )


def together(data: Dataset) -> Rates:
    """How often each named column differs between two training images where an attribute does."""
    rows, names = data.rows("train"), tuple(attribute.name for attribute in data.schema.named)
    rates = torch.from_numpy(data_rates(data.schema, data.codes[rows], data.known[rows], names))
    return rates.float()[:, Reading(data.schema).owners[: data.schema.named_columns].argmax(dim=1)]


def _silent(what: str, done: int, of: int) -> None:
    """Nobody wants to know."""
