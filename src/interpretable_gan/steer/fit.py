"""How far to move z when a value is asked for in full.

An attribute is edited by z + α n. `directions` says where n comes from; α is as large as a budget
allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import ConfigError, did_you_mean
from interpretable_gan.models.base import Model
from interpretable_gan.models.steered import Shifts, Steerable, Steered
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.steer.directions import DIRECTIONS, Directions
from interpretable_gan.steer.readers import Readers, train_readers
from interpretable_gan.steer.trial import Trial, Value, values

BUDGET = 1.0
"""An edit may change other attributes as much as a fresh style does. Set before any result was
looked at, and not tuned."""
HALVINGS = 8
"""Steps of the bisection, which find a length to 1/256 of the longest."""


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
