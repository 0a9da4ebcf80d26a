"""The codes that labels of real images stand for: to draw samples of the same labels, and to decide
on both."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.shapes import Code, Images, NamedCode


class Coder(Protocol):
    """Whatever has codes of its own, and of real images: see ``ImageModel``."""

    def codes(self, n: int, *, seed: int = 0) -> Code: ...

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code: ...


def labelled_codes(
    model: Coder, data: Dataset, rows: NDArray[np.int64], seed: int
) -> tuple[Code, Code]:
    """The codes to draw with and the codes to decide by, ``(rows, columns)`` each: what the rows'
    labels say. Where a label is missing the first has the model's own value and the second 0; the
    discovered part of both is the model's own.
    """
    drawn = model.codes(len(rows), seed=seed).clone()
    named = data.schema.named_columns
    labels = _codes_of_labels(model, data, rows)[:, :named].to(drawn)
    known = torch.from_numpy(data.known[rows]).to(drawn.device)
    drawn[:, :named] = torch.where(known, labels, drawn[:, :named])
    condition = drawn.clone()
    condition[:, :named] *= known
    return drawn, condition


def _codes_of_labels(model: Coder, data: Dataset, rows: NDArray[np.int64]) -> Code:
    """``model.code_of`` the rows and their labels, ``(rows, columns)``."""
    found = []
    for part in slices(len(rows)):
        images, labels, _ = data.batch(rows[part])
        found.append(model.code_of(images, labels).cpu())
    return torch.cat(found)
