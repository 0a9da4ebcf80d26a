"""Real images that training never saw, and samples with the same labels to put beside them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.audit.evaluators import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.shapes import Code, Images, NamedCode

ENOUGH = 500
"""With fewer held-out images, training images join them."""


class Coder(Protocol):
    """Whatever has codes of its own, and of real images: see ``InterpretableGAN``."""

    def codes(self, n: int, *, seed: int = 0) -> Code: ...

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code: ...


def held_out_rows(
    data: Dataset, count: int, rng: np.random.Generator
) -> tuple[str, NDArray[np.int64]]:
    """At most ``count`` held-out rows in random order, with training rows behind them where they
    are too few, and where they are from.
    """
    held_out = rng.permutation(np.concatenate([data.rows("validation"), data.rows("test")]))
    if len(held_out) >= min(ENOUGH, count):
        return "held-out", held_out[:count]
    more = rng.permutation(data.rows("train"))
    return "held-out and training", np.concatenate([held_out, more])[:count]


def labelled_codes(
    model: Coder, data: Dataset, rows: NDArray[np.int64], seed: int
) -> tuple[Code, Code]:
    """What to ask and what to claim of the rows, ``(rows, columns)`` each: what their labels claim,
    where one is missing the model's own value or no claim, and the model's own discovered part.
    """
    asked = model.codes(len(rows), seed=seed).clone()
    named = data.schema.named_columns
    labels = claims_of(model, data, rows)[:, :named].to(asked)
    known = torch.from_numpy(data.known[rows]).to(asked.device)
    asked[:, :named] = torch.where(known, labels, asked[:, :named])
    claimed = asked.clone()
    claimed[:, :named] *= known
    return asked, claimed


def claims_of(model: Coder, data: Dataset, rows: NDArray[np.int64]) -> Code:
    """``model.code_of`` the rows and their labels, ``(rows, columns)``."""
    claims = []
    for part in slices(len(rows)):
        images, labels, _ = data.batch(rows[part])
        claims.append(model.code_of(images, labels).cpu())
    return torch.cat(claims)
