"""A zero for the discriminator's score, which has none of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.data.batches import rows_for
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.calibration import best_threshold
from interpretable_gan.models.base import sample
from interpretable_gan.models.images import ImageModel
from interpretable_gan.shapes import Images

JUDGED = 1000
"""Most images of either kind behind a threshold."""


@dataclass(frozen=True)
class DecisionThreshold:
    """Where the discriminator's score parts real from generated.

    Training compares scores and never looks at their level, so none is real by itself: this is the
    score that best separates validation images from as many generated ones, each judged against
    its own reading. ``accuracy``: share it tells right, 0.5 to 1.
    """

    score: float
    accuracy: float
    images: int


def decision_threshold(model: ImageModel, data: Dataset, *, seed: int = 0) -> DecisionThreshold:
    """The score that best separates validation images from generated ones.

    Raises:
        DataError: no validation images, or images of another size than the model's.
    """
    rows = rows_for("which set the threshold", data, "validation")[:JUDGED]
    real = score(model, data.batch(rows)[0])
    generated = score(model, sample(model, len(rows), seed=seed))
    cut, accuracy = best_threshold(real, generated)
    return DecisionThreshold(cut, accuracy, len(rows))


@torch.no_grad()
def score(model: ImageModel, images: Images) -> NDArray[np.float32]:
    """The discriminator's logit of images against their own readings, ``(batch,)``."""
    return model.scored(images, model.code_of(images))[0].total.cpu().numpy()
