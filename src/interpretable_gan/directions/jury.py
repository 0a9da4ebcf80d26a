"""Who says what an edit shows and what it changes besides: small classifiers of real images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.audit.evaluators import Evaluator
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.readings import THIRD, agreement
from interpretable_gan.models.gan.reading import SPREAD, Reading
from interpretable_gan.shapes import Images, Index, Scores

SHARPNESS = 3.0
"""Readings of edits times this: what counts is the side that they are on."""


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

    def seen(
        self, now: Float[Tensor, "readers batch named"], column: Index, side: Scores
    ) -> Float[Tensor, "readers batch"]:
        """How probable it is that a column of each image, ``(batch,)``, is on a side, ±1."""
        read = now[:, torch.arange(len(column)), column]
        return torch.sigmoid(SHARPNESS * side * read)

    def kept(
        self, was: Float[Tensor, "readers batch named"], now: Float[Tensor, "readers batch named"]
    ) -> Float[Tensor, "readers batch named"]:
        """How probable it is that each column is read as it was."""
        same = torch.sigmoid(SHARPNESS * was.sign() * now)
        return torch.where(
            self.reading.measured, (-((now - was) / SPREAD).square() / 2).exp(), same
        )

    def verdict(
        self,
        was: Float[Tensor, "readers batch named"],
        now: Float[Tensor, "readers batch named"],
        column: Index,
        side: Scores,
    ) -> tuple[Scores, Float[Tensor, "batch named"]]:
        """To what share of the readers each edit shows its column on a side where the plain image
        did not, and to what share it does and every column says another thing."""
        rows = torch.arange(len(column))
        shown = (side * now[:, rows, column] > 0) & (side * was[:, rows, column] <= 0)
        far = (now - was).abs() > 2 * THIRD
        flipped = torch.where(self.reading.measured, far, (was > 0) != (now > 0))
        flipped &= shown[..., None]
        return shown.float().mean(dim=0), flipped.float().mean(dim=0)


def legible(data: Dataset, readers: Sequence[Evaluator]) -> Float[Tensor, "named"]:
    """1 for columns of attributes that most readers can read in validation images."""
    rows, schema = data.rows("validation"), data.schema
    images = (data.batch(rows[part])[0] for part in slices(len(rows)))
    said = np.concatenate([[reader.read(part) for reader in readers] for part in images], axis=1)
    found = [agreement(schema, each, data.codes[rows], data.known[rows]) for each in said]
    columns = torch.zeros(schema.named_columns)
    for attribute in schema.named:
        able = [each[attribute.name].readable for each in found]
        columns[schema.slices[attribute.name]] = float(2 * sum(able) > len(able))
    return columns
