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
from torch import Tensor

from interpretable_gan.arithmetic import arithmetic
from interpretable_gan.audit import evaluators
from interpretable_gan.audit.cooccurrence import data_rates
from interpretable_gan.audit.evaluators import Evaluator, train_evaluator
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.chance import generator as chance
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.directions.count import Count, Rates
from interpretable_gan.directions.critic import Critic
from interpretable_gan.directions.edits import Edits
from interpretable_gan.directions.jury import Jury, legible
from interpretable_gan.models.gan import losses
from interpretable_gan.models.gan.directions import Directions
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.training import checkpoint
from interpretable_gan.training.run import Run

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN

READERS = ("residual", "plain", "residual")
"""Architectures of the classifiers that have to see it."""
WITNESSES = "residual"
"""Architecture of the panel that only counts, like those that judge: nothing is done to please
it."""
SEED = 1000
"""Of the first of all these, far from those of evaluators that judge."""
READING = 4 / 3
"""How many images each is trained on, counting repeats, for one that the run was."""

PARTS = 4
"""Light and colour are means over parts of an image, so many by so many; what is finer may
change."""
FOOLING = 0.1
"""Weight of how surely a `Critic` tells edits from the images they were made of."""
CREDITING = 0.12
"""Weight of what the discriminator credits an edit to: to the attribute that was asked for."""
SHORT = 0.004
"""Weight of a direction's squared length."""

MOST = Sizes().edits / Sizes().samples
"""Of all samples, the share that the card edits at most for one value."""

EDITS = 100_000
"""Most edits to learn from."""
BATCH = 48
RATE = 0.01
"""Of Adam, falling to nothing: about how far a number moves in a step."""
RATE_OF_TRAITS = RATE / 10
"""The same for what an edit takes of one trait: there are many such numbers."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it, of how much)."""


def find_directions(run: Run, data: Dataset, *, progress: Progress | None = None) -> None:
    """Find the `Directions` of a trained run and keep them with its weights.

    Over edits e of training codes (one attribute k asked for in full that readers do not see yet),
    it is what the card counts, made smooth::

        s_e  = E[p]                    how often an edit is seen
        L_ej = E[p · drop_j] / s_e     how often what is seen changed attribute j as well

        maximise  Σ_e 2√s_e − COST · mean_j L_ej − EXCESS · Σ_j max(0, L_kj − r_kj)²

    p is the probability, mean over readers, that the attribute is read as asked; drop_j how much
    less probable it is than before that a legible attribute j is read as it was; L_kj the leakage
    of all values of k together, each as often as the card counts it, among those people no further
    than SHIFT from the mix of training who have it worst; r_kj how often j differs in the data
    where k does. The root, for what is hard is not to be given up for what is easy. How far L is
    above r is told by a panel of witnesses that nothing is done to please: those that are climbed
    see less of it than others do.
    Beside it count what an edit does to light and colour (SPARING), what a critic tells it by
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
    path = run.path / checkpoint.WEIGHTS
    weights = checkpoint.load_weights(path)
    measured = Reading(data.schema).measured.all()
    if run.config.typical == 1 or measured or "directions.on" in weights:
        return
    report = progress or _silent
    readers = _readers(data, run.config.images, report)
    climbed, asked = readers[: len(READERS)], readers[len(READERS) :]
    can_read = legible(data, climbed)
    found = fitted(
        run.model(),
        Jury(climbed, can_read),
        Jury(asked, can_read),
        together(data),
        max(min(EDITS, run.config.images) // BATCH, 1),
        report,
    )
    tensors = {f"directions.{name}": tensor for name, tensor in found.state_dict().items()}
    checkpoint.save_weights(path, weights | tensors)


def fitted(
    model: InterpretableGAN,
    jury: Jury,
    witnesses: Jury,
    together: Rates,
    steps: int,
    report: Progress,
) -> Directions:
    """The directions for which a jury sees most of what is asked, and little else change.

    ``together``: how often each named column differs in the data where an attribute does,
    ``(attributes, named)``.
    """
    edits = Edits(model.schema)
    code, seed = model.codes_of_training, model.config.seed
    style = model.styles(len(code), seed=seed)
    with torch.no_grad():
        drawn = (model.draw(code[part], style[part]) for part in slices(len(code)))
        said = zip(*((jury(images), witnesses(images)) for images in drawn), strict=True)
        before, witnessed = (torch.cat(parts, dim=1) for parts in said)  # (readers, codes, named)
    unseen = (before.mean(dim=0)[:, edits.column] > 0) != (edits.side > 0)  # (codes, edits)
    counted = unseen.float().mean(dim=0).clamp(1e-6, MOST)

    directions = model.networks.directions.requires_grad_()
    directions.learn_traits(code)
    allowed = together[edits.attribute]
    count = Count(edits, jury.legible, allowed, counted, traits=len(directions.traits))
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
        column, side = edits.column[chosen], edits.side[chosen]
        asked = edits.asked(code[rows], chosen)
        orders = edits.orders(code[rows], asked, style[rows], chosen)
        moved, who = directions(asked, style[rows]), directions.traits_of(code[rows])
        with arithmetic(code.device, model.config.precision):
            plain = model.draw(code[rows], style[rows])
            edited = model.networks.average(*moved).clamp(-1, 1)
            was, now = before[:, rows], jury(edited)
            critic.learn(plain, edited)
            told = critic(edited).mean()
            decision = model.networks.discriminator(torch.cat([plain, edited]), orders.code)
            with torch.no_grad():
                read = witnessed[:, rows], witnesses(edited)
                count.testify(chosen, who, *witnesses.verdict(*read, column, side))
        seen = jury.seen(now, column, side)
        lost = seen[..., None] * (jury.kept(was, was) - jury.kept(was, now)).clamp(min=0)
        tint = F.adaptive_avg_pool2d(edited - plain, PARTS).abs().mean(dim=(1, 2, 3))
        worth = count.worth(chosen, who, seen, lost, tint).mean()
        credited = losses.crediting(decision, orders, owners)
        length = torch.stack([each.square().sum() for each in directions.parameters()]).sum()
        loss = SHORT * length / len(edits.column) + CREDITING * credited + FOOLING * told - worth
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        pace.step()
        report("finding directions", step + 1, steps)
    return directions.requires_grad_(False)


def together(data: Dataset) -> Tensor:
    """How often each named column differs between two training images where an attribute does,
    ``(attributes, named)``."""
    rows, names = data.rows("train"), tuple(attribute.name for attribute in data.schema.named)
    rates = torch.from_numpy(data_rates(data.schema, data.codes[rows], data.known[rows], names))
    return rates.float()[:, Reading(data.schema).owners[: data.schema.named_columns].argmax(dim=1)]


def _readers(data: Dataset, images: int, report: Progress) -> list[Evaluator]:
    """The jury and, behind it, the panel of witnesses, trained or taken from the cache."""
    wanted = [(architecture, 1) for architecture in READERS] + [(WITNESSES, evaluators.MEMBERS)]
    return [
        train_evaluator(
            data,
            architecture,
            images=max(round(READING * images), evaluators.BATCH),
            members=members,
            seed=SEED + number,
            progress=lambda done, of, number=number: report(  # type: ignore[misc]
                f"training reader {number + 1} of {len(wanted)}", done, of
            ),
        )
        for number, (architecture, members) in enumerate(wanted)
    ]


def _silent(what: str, done: int, of: int) -> None:
    """Nobody wants to know."""
