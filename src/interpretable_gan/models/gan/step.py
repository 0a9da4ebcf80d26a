"""One step of the game: the discriminator learns to tell and to read, the generator to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.models.gan import losses
from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.config import GANConfig, JudgingConfig
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.encoder import View
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.shapes import Code, Features, Images, Known, NamedCode, Scores, Style

PENALISED = 8
"""Every step, one image in this many is penalised. Spread over all steps, since a lazy penalty
comes as a spike that Adam's second moment remembers while everything else waits."""


@dataclass(frozen=True)
class Batch:
    """What the discriminator's trunk learns from of real images, their labels and the codes of
    these, what the generator is asked to draw beside them, what should be read of that, and which
    pairs are judged by all terms (1) or by names alone (0).
    """

    view: View
    labels: NamedCode
    code: NamedCode
    known: Known
    orders: Orders
    expected: Code
    nameless: Scores


class Seen(NamedTuple):
    """What the encoder sees of images: its features, and what it reads in them."""

    features: Features
    reading: Code


@dataclass(frozen=True)
class Memory:
    """What was read of some real ``images``, for the generator to draw them again: what was
    discovered in them, their posterior, and ``style`` drawn from it.
    """

    images: Images
    found: Code
    posterior: Posterior
    style: Style

    def reconstruction_error(self, drawn: Images) -> Tensor:
        """Mean squared difference of the images and the first ones drawn."""
        return F.mse_loss(drawn[: len(self.images)], self.images)


@dataclass(frozen=True)
class Outcome:
    """Losses and measurements of a half-step by name; tensors, so that nothing waits for them.

    All are single numbers but ``importance``, (attributes,), and ``obeyed``, (edited,).
    """

    total: Tensor
    report: dict[str, Tensor]


def discriminator_loss(
    discriminator: nn.Module,
    reading: Reading,
    batch: Batch,
    fakes: View,
    config: JudgingConfig,
    step: int,
) -> tuple[Outcome, Scores]:
    """Tell real from generated on the same code, read real images, find the discovered ones."""
    named = reading.schema.named_columns
    paired, nameless = batch.orders.paired, batch.nameless
    views = torch.cat([batch.view, fakes])
    codes = torch.cat([_with_discovered(batch.code, batch.orders.code), batch.orders.code])
    both: Decision = discriminator.decide(views, codes)  # type: ignore[operator]
    real, fake = _split(both)
    won, lost = losses.judged(real, paired, nameless), losses.judged(fake, paired, nameless)

    share = losses.residual_share(real, fake)
    errors = reading.error(real.reading, batch.labels)
    terms = {
        "game": losses.relativistic(won, lost),
        "reading": _known_mean(errors, reading.known(batch.known)),
        "discovering": F.mse_loss(fake.reading[:, named:], batch.orders.code[:, named:])
        if config.discovered
        else won.new_zeros(()),
        "penalty": _penalty(discriminator, views, codes, paired, nameless, step)
        if config.weights.penalty or config.trunk == "own"
        else won.new_zeros(()),
        "level": torch.cat([won, lost]).mean().square(),
    }
    if config.discriminator == "additive":
        terms |= {
            "matching": losses.matching(real, config.typical),
            "budget": F.relu(share - config.residual_share),
            "separation": losses.separation(both),
            "impartiality": losses.impartiality(real, fake),
        }
        if config.weights.sharing:
            terms["sharing"] = losses.sharing(real, fake)
        if len(batch.orders.changed):
            terms["crediting"] = losses.crediting(fake, batch.orders, reading.owners)
    same = slice(0, batch.orders.kept)
    report = terms | {
        "residual_share": share,
        "paired_accuracy": (real.logit > fake.logit)[same].float().mean(),
        "spread": losses.spread(fakes) / losses.spread(batch.view),
        "importance": losses.importance(real, fake, reading.owners),
    }
    return Outcome(_weighted(terms, config), report), won.detach()


def generator_loss(
    discriminator: nn.Module,
    reading: Reading,
    batch: Batch,
    fakes: View,
    won: Scores,
    memory: Memory,
    drawn: Images,
    config: GANConfig,
    opened: float,
) -> Outcome:
    """Draw what is remembered, look real beside ``won``, show what was asked and change only what
    was changed. ``fakes`` are the ``drawn`` images as the discriminator's trunk sees them;
    ``opened`` is how far the opening has come, and what all but drawing from memory counts.
    """
    orders, named = batch.orders, reading.schema.named_columns
    decision: Decision = discriminator.decide(fakes, orders.code)  # type: ignore[operator]
    errors = reading.error(decision.reading, batch.expected)  # (batch, attributes)
    edits = torch.arange(orders.kept, len(fakes)), orders.changed
    terms = {
        "playing": losses.relativistic(losses.judged(decision, orders.paired, batch.nameless), won),
        "obeying": _known_mean(errors, reading.known(orders.known)),
        "discovering": F.mse_loss(decision.reading[:, named:], orders.code[:, named:])
        if config.discovered
        else won.new_zeros(()),
    }
    if len(orders.changed):
        edited = slice(orders.kept, None)
        unchanged = orders.code[edited] == orders.code[orders.twin_of]
        unchanged[:, named:] = False
        terms |= {
            "intervening": errors[edits].mean(),
            "keeping": losses.keeping(
                decision.reading[edited], decision.reading[orders.twin_of], unchanged.float()
            ),
        }
    recalled = {
        "reconstructing": memory.reconstruction_error(drawn),
        "divergence": losses.divergence(memory.posterior),
    }
    if config.trunk != "own":
        again = slice(len(memory.images))
        levels: Callable[[View], list[Tensor]] = discriminator.encoder.trunk.by_level  # type: ignore[union-attr, assignment]
        recalled["resembling"] = losses.resembling(levels(fakes[again]), levels(batch.view[again]))
    report = terms | recalled
    with torch.no_grad():
        report["obeyed"] = reading.agrees(decision.reading, orders.code)[edits]
    return Outcome(opened * _weighted(terms, config) + _weighted(recalled, config), report)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Hold a network fixed: gradients pass through it, none stay."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _weighted(terms: dict[str, Tensor], config: JudgingConfig) -> Tensor:
    """Sum of the terms, each times the weight of its name; the game itself counts 1."""
    weights = config.weights.model_dump() | {"game": 1.0, "playing": 1.0}
    return torch.stack([weights[name] * term for name, term in terms.items()]).sum()


def _penalty(
    discriminator: nn.Module,
    views: View,
    codes: Code,
    paired: Float[Tensor, " pairs"],
    nameless: Float[Tensor, " pairs"],
    step: int,
) -> Tensor:
    """R1 + R2 on the images whose turn it is, as many real as generated."""
    batch = len(paired)
    count = max(batch // PENALISED, 1)
    turn = (torch.arange(count, device=views.device) + step * count) % batch
    chosen, pairs = torch.cat([turn, turn + batch]), torch.cat([turn, turn])
    return losses.gradient_penalty(
        lambda here: losses.judged(
            discriminator.decide(here, codes[chosen]),  # type: ignore[operator]
            paired[pairs],
            nameless[pairs],
        ),
        views[chosen],
    )


def _with_discovered(labels: NamedCode, orders: Code) -> Code:
    """Labels of real images as whole codes; their discovered part, which nobody reads, is 0."""
    return torch.cat([labels, torch.zeros_like(orders[:, labels.shape[1] :])], dim=1)


def _known_mean(errors: Tensor, known: Tensor) -> Tensor:
    """Mean over the cells that carry a label; 0 when none does."""
    return (errors * known).sum() / known.sum().clamp(min=1)


def _split(decision: Decision) -> tuple[Decision, Decision]:
    """The first and the second half of a batch."""
    parts = [
        part.chunk(2)
        for part in (decision.agreement, decision.realism, decision.residual, decision.reading)
    ]
    first, second = (
        Decision(agreement, realism, residual, decision.bias, reading)
        for agreement, realism, residual, reading in zip(*parts, strict=True)
    )
    return first, second
