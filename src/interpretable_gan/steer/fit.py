"""How far to move z when a value is asked for in full.

An attribute is edited by z + α n. `directions` says where n comes from; α is as large as a budget
allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, RunError, did_you_mean
from interpretable_gan.models.base import Model
from interpretable_gan.models.steered import Shifts, Steerable, Steered
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, NamedCode, Scores, Style
from interpretable_gan.steer.directions import DIRECTIONS, Directions
from interpretable_gan.steer.readers import Readers, train_readers

BUDGET = 1.0
"""An edit may change other attributes as much as a fresh style does. Set before any result was
looked at, and not tuned."""
SAMPLES = 4096
"""Samples of the linear fit: about forty for each number of z."""
EDITS = 64
"""Edits over which a value's success and change are measured."""
HALVINGS = 8
"""Steps of the bisection, which find a length to 1/256 of the longest."""
BATCH = 512
"""Images at a time."""


class Value(NamedTuple):
    """What to ask for: ``on``, ``off`` or a level. It shows where the log-odds of ``column`` are on
    ``side`` of 0, ±1."""

    attribute: str
    label: str
    column: int
    side: int


class Outcome(NamedTuple):
    """What asking for each value in full does, ``(values,)``.

    success: of images without the value, the share that show it after the edit; 0 to 1, higher is
        better; nan where all had it.
    change: mean absolute change of the log-odds of the other readable attributes, in units of what
        a fresh style changes; lower is better; nan where there are no others.
    """

    success: Scores
    change: Scores


def steer(
    model: Steerable,
    data: Dataset,
    *,
    budget: float = BUDGET,
    directions: str = "boundaries",
    readers: Readers | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Steered:
    """A trained model with a shift of z for every value that readers can read.

    A shift has a direction (`DIRECTIONS`) and the greatest length with which the whole edit, asked
    in full and shifted, changes other attributes no more than the budget says. It is at most as
    long as two samples are apart, and 0 where the edit alone exceeds the budget. Where labels say
    all (``typical`` 1) nothing can be asked beyond them, and nothing shifts.

    Args:
        model: trained on ``data``.
        data: from half of which readers learn (`train_readers`), where none are given.
        budget: most `Outcome.change` of an edit.
        directions: one of `DIRECTIONS`.
        readers: of the model's images.
        seed: of readers and samples.
        progress: hears how far it has come.

    Raises:
        ConfigError: a budget that is not above 0, or directions that this model does not have.
        DataError: no images for readers to learn from.
        RunError: the model draws images that cannot be read.
    """
    check_budget(budget)
    if directions not in DIRECTIONS:
        raise ConfigError(
            f"there are no directions {directions!r}.{did_you_mean(directions, tuple(DIRECTIONS))} "
            f"There are: {', '.join(DIRECTIONS)}."
        )
    if model.typical == 1:
        return Steered(model, _shifts(model, [], [], budget, "no readers"))
    readers = readers or train_readers(data, device=model.device, seed=seed, progress=progress)
    if not values(model.schema, readers.readable):
        return Steered(model, _shifts(model, [], [], budget, readers.checksum))
    trial = Trial(model, readers, seed)

    def moved(moves: Float[Tensor, "values z"]) -> Steered:
        return Steered(model, _shifts(model, trial.values, moves, budget, readers.checksum))

    found = DIRECTIONS[directions](trial, model)
    return moved(fit_moves(trial, model, moved, found, budget=budget, progress=progress))


def fit_moves(
    trial: Trial,
    model: Model,
    moved: Callable[[Float[Tensor, "values z"]], Model],
    direction: Directions,
    *,
    budget: float,
    progress: Progress = silent,
) -> Float[Tensor, "values z"]:
    """The move of z for every value of a trial: its direction, as long as the budget allows.

    Args:
        model: without moves.
        moved: the same with a move for every value.
        direction: of unit length, one for each value.
        budget: most `Outcome.change` of an edit.
    """
    progress(Status(0, HALVINGS, "finding shifts"))
    z, direction = trial.z, direction.to(trial.z)
    apart = (z - z.roll(1, dims=0)).norm(dim=1).mean()  # two samples, on average
    low, high = torch.zeros(len(direction)).to(z), apart * (trial.outcome(model).change <= budget)
    for step in range(HALVINGS):
        middle = (low + high) / 2
        within = trial.outcome(moved(middle[:, None] * direction)).change <= budget
        low, high = torch.where(within, middle, low), torch.where(within, high, middle)
        progress(Status(step + 1, HALVINGS, "finding shifts"))
    return low[:, None] * direction


def check_budget(budget: float) -> None:
    """Refuse a budget with which nothing could be steered.

    Raises:
        ConfigError: it is not above 0.
    """
    if not 0 < budget < math.inf:
        raise ConfigError(f"budget {budget:g}: give a number above 0, such as {BUDGET:g}.")


def values(schema: Schema, readable: Sequence[str]) -> list[Value]:
    """On and off of readable binary attributes, and every level of categorical ones."""
    found = []
    for attribute in schema.attributes:
        name, first = attribute.name, schema.slices[attribute.name].start
        if name in readable and attribute.kind == "binary":
            found += [Value(name, "on", first, 1), Value(name, "off", first, -1)]
        elif name in readable:  # a continuous one has no levels
            found += [Value(name, label, first + n, 1) for n, label in enumerate(attribute.levels)]
    return found


class Trial:
    """The same edits, whichever model draws them: every value asked in full of samples of ``model``
    that do not show it, as far as there are such.

    Args:
        readers: of the model's images; they read its named attributes, or all of them.
        asked: the attributes whose values are asked for; by default all that can be read.

    Raises:
        RunError: the model draws images that cannot be read.
    """

    def __init__(
        self, model: Model, readers: Readers, seed: int, asked: Sequence[str] | None = None
    ) -> None:
        schema, self.readers = model.schema, readers
        self.values = values(schema, readers.readable if asked is None else asked)
        self.code = model.codes(SAMPLES, seed=seed)
        self.style, fresh = torch.split(model.styles(2 * SAMPLES, seed=seed), SAMPLES)
        self.z = torch.cat([self.code[:, : schema.trained.columns], self.style], dim=1)
        self.odds = self._read(model, self.code, self.style)  # (samples, read)
        if not self.odds.isfinite().all():
            raise RunError(f"{model.name} draws images whose log-odds are NaN or infinite.")
        self.usual = (self._read(model, self.code, fresh) - self.odds).abs().mean(dim=0)
        owners = [each.name for each in schema.attributes for _ in range(each.width)]
        read = owners[: self.odds.shape[1]]
        others = [[n in readers.readable and n != v.attribute for n in read] for v in self.values]
        self.others = torch.tensor(others, device=self.odds.device)  # (values, read)
        self.side = torch.tensor([value.side for value in self.values]).to(self.odds)
        self.column = torch.tensor([value.column for value in self.values]).to(self.side.device)
        lacking = self.side * self.odds[:, self.column] <= 0  # (samples, values)
        self.rows = torch.multinomial(
            lacking.T.cpu() + 1e-6, EDITS, generator=chance(seed, "edits", 0)
        ).to(self.odds.device)
        edited = [
            schema.replace(self.code[rows], {value.attribute: value.label})
            for value, rows in zip(self.values, self.rows, strict=True)
        ]
        self.asked = torch.cat(edited)  # (values · EDITS, columns)

    def outcome(self, model: Model) -> Outcome:
        """What these edits do when ``model`` draws them."""
        before = self.odds[self.rows]  # (values, EDITS, read)
        after = self._read(model, self.asked, self.style[self.rows.flatten()]).view_as(before)
        own = torch.arange(len(self.values)), slice(None), self.column
        had, has = (self.side * odds[own].T > 0 for odds in (before, after))  # (EDITS, values)
        change = (after - before).abs().mean(dim=1)  # (values, read)
        return Outcome(
            success=(has & ~had).sum(dim=0) / (~had).sum(dim=0),
            change=(change * self.others).sum(dim=1) / (self.usual * self.others).sum(dim=1),
        )

    def _read(self, model: Model, code: Code, style: Style) -> NamedCode:
        parts = zip(torch.split(code, BATCH), torch.split(style, BATCH), strict=True)
        return torch.cat([self.readers(model.draw(*part)) for part in parts])


def _shifts(
    model: Steerable, found: Sequence[Value], moves: Iterable[Tensor], budget: float, readers: str
) -> Shifts:
    """Shifts in which every value found has its own move of z, ``(z,)``, and all else none."""
    named, z = model.schema.named_columns, model.schema.columns + model.styles(1).shape[1]
    on, off = torch.zeros(2, named, z, device=model.device)
    for value, move in zip(found, moves, strict=True):
        (on if value.side > 0 else off)[value.column] = move
    steered = {v.attribute: True for v, move in zip(found, moves, strict=True) if move.any()}
    return Shifts(on, off, model.typical, budget, readers, tuple(steered))
