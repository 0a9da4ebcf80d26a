"""How much each part of a score counts: what the game between discriminator and generator learns.

Both score a user and an item by the same parts (`encoder.Parts`), each with gains of its own: one
for each item attribute, one for the discovered tastes, the residual and the attributes of users,
and an offset for each item's popularity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.models.recommend.encoder import Parts
from interpretable_gan.models.recommend.people import People

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gains:
    """What each part counts; 1 and 0 leave the parts as they were fitted.

    Args:
        columns: of item attributes, (columns,).
        tastes, residual, people: ``()`` each; the last multiplies attributes of users.
        offsets: added to popularity, (items,).
        scale: by which scores are multiplied before they are probabilities, ``()``.
    """

    columns: Tensor
    tastes: Tensor
    residual: Tensor
    people: Tensor
    offsets: Tensor
    scale: Tensor

    @classmethod
    def start(cls, parts: Parts, scale: float) -> Gains:
        """Gains that change nothing."""
        one = torch.ones((), dtype=torch.float64)
        return cls(
            torch.ones(parts.columns.shape[1], dtype=torch.float64),
            one.clone(),
            one.clone(),
            one.clone(),
            torch.zeros(len(parts.popularity), dtype=torch.float64),
            torch.tensor(scale, dtype=torch.float64),
        )

    def tensors(self) -> dict[str, Tensor]:
        """By name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def apply(self, parts: Parts) -> Parts:
        """The parts with the gains in them; the scale is left out, as it changes no order."""
        columns = self.columns.numpy()
        items = len(parts.popularity)
        inputs = np.ones(len(parts.mean))
        inputs[items:] = float(self.people)
        return replace(
            parts,
            named=parts.named * inputs[:, None] * columns,
            tastes=parts.tastes * inputs[:, None] * float(self.tastes),
            residual=_scaled(parts, inputs * float(self.residual)),
            popularity=parts.popularity + self.offsets.numpy(),
        )


def _scaled(parts: Parts, inputs: Array) -> sp.csc_array:
    return sp.csc_array(parts.residual * inputs[:, None])


SHORT, LONG = 5, 10
"""Likes up to which a user is compared with nobody, so that popularity counts in full, and from
which on with the mean of all users."""


def compared(people: People) -> Array:
    """How much of the mean user each user is compared with, (users,): 0 for short histories, since
    little is known of what these users do not use, 1 for long ones."""
    length = np.asarray(abs(people.history).sum(axis=1)).reshape(-1)
    return np.clip((length - SHORT) / (LONG - SHORT), 0, 1)


def coded(parts: Parts, people: People, share: Array | None = None) -> tuple[Array, Array]:
    """The code of users: tastes for columns of item attributes, and discovered tastes.

    Args:
        parts: of a score.
        people: users.
        share: of the mean that is taken off, by default `compared`.
    """
    items = len(parts.popularity)
    past, own = people.history, people.columns
    share = compared(people) if share is None else share

    def read(weights: Array) -> Array:
        mean = np.outer(share, parts.mean @ weights)
        return past @ weights[:items] + own @ weights[items:] - mean

    return read(parts.named), read(parts.tastes)


def residual(parts: Parts, people: People, share: Array | None = None) -> Array:
    """What nothing with a name explains, (users, items)."""
    share = compared(people) if share is None else share
    items = len(parts.popularity)
    found = (people.history @ parts.residual[:items]).toarray()
    found += people.columns @ parts.residual[items:].toarray()
    return found - np.outer(share, parts.residual.T @ parts.mean)


def scores(parts: Parts, people: People, share: Array | None = None) -> Array:
    """The score of every item, (users, items)."""
    named, tastes = coded(parts, people, share)
    whole = named @ parts.columns.T + tastes @ parts.traits.T + residual(parts, people, share)
    return whole + parts.popularity
