"""After training: how to ask for an attribute so that others see it, and nothing else change.

The generator obeys its own encoder, which it knows. What others see of that, and what goes with an
attribute in the data, is told by readers that the game never saw: small classifiers, trained on
real images alone. Each direction is a few numbers for all images alike, so it can hardly fool them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.evaluate import evaluators
from interpretable_gan.evaluate.evaluators import (
    Evaluator,
    agreement,
    first_rows,
    slices,
    train_evaluator,
)
from interpretable_gan.evaluate.steerability import targets
from interpretable_gan.models.directions import Directions
from interpretable_gan.run import Run
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.shapes import Code, Images, Index, Style
from interpretable_gan.training import checkpoint, losses
from interpretable_gan.training.chance import generator as chance
from interpretable_gan.training.codes import Orders
from interpretable_gan.training.reading import SPREAD, Reading

if TYPE_CHECKING:
    from interpretable_gan.model import InterpretableGAN

READERS = ("residual", "plain", "residual")
"""Architectures of the classifiers that have to see it."""
READER_SEED = 1000
"""Seed of the first of them, far from those of evaluators that judge."""
READER_IMAGES = 100_000
"""Most images a reader is trained on, counting repeats; never more than the run was."""

COST = 6.0
"""What changing all that it should leave alone takes off the worth of an edit that is seen. What is
not seen costs nothing: else all that is hard would be given up."""
SPARING = 0.7
"""The same of moving every pixel by 1, of [-1, 1]: light and colour, of which readers say nothing,
stay as they were."""
CREDITING = 0.3
"""Weight of what the discriminator credits an edit to: to the attribute that was asked for."""
SHORT = 0.004
"""Weight of a direction's squared length."""

EDITS = 50_000
"""Most edits to learn from."""
BATCH = 48
RATE = 0.01
"""Of Adam, falling to nothing: about how far a number moves in a step."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it, of how much)."""


def find_directions(run: Run, data: Dataset, *, progress: Progress | None = None) -> None:
    """Find the `Directions` of a trained run and keep them with its weights.

    For edits of training codes (one attribute asked for in full that no reader sees yet)::

        maximise  p_k · (1 − COST · mean_j≠k drop_j − SPARING · mean |Δx|)
                  − CREDITING · crediting − SHORT · ‖d_k‖²

    p_k is the probability, mean over readers, that the attribute is read as asked; drop_j how much
    less probable it is than before that a legible attribute j is read as it was; Δx how far the
    edit moves each pixel; crediting is the term of training (`losses`). Nothing is done where
    labels say all (``typical`` 1), where every attribute is continuous, or where the run has its
    directions already.

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
    found = fitted(run.model(), jury, max(min(EDITS, run.config.images) // BATCH, 1), report)
    tensors = {f"directions.{name}": tensor for name, tensor in found.state_dict().items()}
    checkpoint.save_weights(path, weights | tensors)


def fitted(model: InterpretableGAN, jury: Jury, steps: int, report: Progress) -> Directions:
    """The directions for which a jury sees most of what is asked, and little else change."""
    edits = Edits(model.schema)
    code, seed = model.codes_of_training, model.config.seed
    style = model.styles(len(code), seed=seed)
    with torch.no_grad():
        before = torch.cat(
            [jury(model.draw(code[part], style[part])) for part in slices(len(code))], dim=1
        )  # (readers, codes, named)
    unseen = (before.mean(dim=0)[:, edits.column] > 0) != (edits.side > 0)  # (codes, edits)

    directions = model.networks.directions.requires_grad_()
    optimizer = torch.optim.Adam(directions.parameters(), lr=RATE)
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    owners = Reading(model.schema).owners
    luck = chance(seed, "directions", 0)
    for step in range(steps):
        chosen = torch.randint(len(edits.column), (BATCH,), generator=luck)
        rows = torch.multinomial(unseen.T[chosen] + 1e-6, 1, generator=luck)[:, 0]
        plain = model.draw(code[rows], style[rows])
        asked = edits.asked(code[rows], chosen)
        edited = model.networks.average(*directions(asked, style[rows])).clamp(-1, 1)
        was, now = before[:, rows], jury(edited)
        read = now[:, torch.arange(BATCH), edits.column[chosen]]  # (readers, batch)
        reached = torch.sigmoid(edits.side[chosen] * read)
        drop = (jury.kept(was, was) - jury.kept(was, now)).clamp(min=0)
        others = edits.others[chosen] * jury.legible
        dropped = (drop * others).sum(dim=2) / others.sum(dim=1).clamp(min=1)
        moved = (edited - plain).abs().mean(dim=(1, 2, 3))
        worth = reached * (1 - COST * dropped - SPARING * moved)
        orders = edits.orders(code[rows], asked, style[rows], chosen)
        decision = model.networks.discriminator(torch.cat([plain, edited]), orders.code)
        credited = losses.crediting(decision, orders, owners)
        length = torch.stack([each.square().sum() for each in directions.parameters()]).sum()
        loss = SHORT * length / len(edits.column) + CREDITING * credited - worth.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pace.step()
        report("finding directions", step + 1, steps)
    return directions.requires_grad_(False)


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


class Jury:
    """Readers side by side, and gradients pass through what they say.

    Called with images: (readers, batch, named columns), above 0 where a binary column is on or a
    level is the one, on a scale of log-odds; continuous ones are values. What is not ``legible``
    (1 or 0 for each named column) has no say in what an edit changes beside.
    """

    def __init__(self, readers: Sequence[Evaluator], legible: Float[Tensor, "named"]) -> None:
        self.readers, self.legible = readers, legible
        self.reading = Reading(readers[0].schema)

    def __call__(self, images: Images) -> Float[Tensor, "readers batch named"]:
        scores = torch.stack([reader.scores(images) for reader in self.readers])
        return self.reading.odds(scores)

    def kept(
        self, was: Float[Tensor, "readers batch named"], now: Float[Tensor, "readers batch named"]
    ) -> Float[Tensor, "readers batch named"]:
        """How probable it is that each column is read as it was."""
        same = torch.sigmoid(was.sign() * now)
        return torch.where(
            self.reading.measured, (-((now - was) / SPREAD).square() / 2).exp(), same
        )


def legible(data: Dataset, readers: Sequence[Evaluator]) -> Float[Tensor, "named"]:
    """1 for columns of attributes that most readers can read in validation images."""
    rows, schema = first_rows(data, "validation", "train"), data.schema
    images = (data.batch(rows[part])[0] for part in slices(len(rows)))
    said = np.concatenate([[reader.read(part) for reader in readers] for part in images], axis=1)
    found = [agreement(schema, each, data.codes[rows], data.known[rows]) for each in said]
    columns = torch.zeros(schema.named_columns)
    for attribute in schema.named:
        able = [each[attribute.name].readable for each in found]
        columns[schema.slices[attribute.name]] = float(2 * sum(able) > len(able))
    return columns


def _silent(what: str, done: int, of: int) -> None:
    """Nobody wants to know."""
