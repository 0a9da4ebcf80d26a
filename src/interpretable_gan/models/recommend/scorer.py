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


def coded(parts: Parts, people: People) -> tuple[Array, Array]:
    """The code of users: tastes for columns of item attributes, and discovered tastes."""
    items = len(parts.popularity)
    past, own = people.history, people.columns

    def read(weights: Array) -> Array:
        return past @ weights[:items] + own @ weights[items:] - parts.mean @ weights

    return read(parts.named), read(parts.tastes)


def residual(parts: Parts, people: People) -> Array:
    """What nothing with a name explains, (users, items)."""
    items = len(parts.popularity)
    found = (people.history @ parts.residual[:items]).toarray()
    found += people.columns @ parts.residual[items:].toarray()
    return found - parts.residual.T @ parts.mean


def scores(parts: Parts, people: People) -> Array:
    """The score of every item, (users, items)."""
    named, tastes = coded(parts, people)
    whole = named @ parts.columns.T + tastes @ parts.traits.T + residual(parts, people)
    return whole + parts.popularity
