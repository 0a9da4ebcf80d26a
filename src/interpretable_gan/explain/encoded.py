"""Images as rows of a table: what is read in each, and what each attribute adds to its score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.shapes import Images


def encoded(model: InterpretableGAN, images: Images) -> Mapping[str, NDArray[Any]]:
    """Columns by name, one entry for each image.

    - ``strangeness``: above 1, the image is unlike the training images.
    - ``reading.NAME``: of a binary attribute the probability of being on, 0 to 1; of one with
      levels the likeliest; of a number its value; of a discovered one from -1 to 1.
    - ``score``: of the discriminator, given what is read. ``bias`` and all ``contribution.NAME``,
      that of what has no name among them (``residual``), add up to it.

    Args:
        model: whose discriminator is additive, or none of the last columns is there.
        images: ``(batch, channels, size, size)`` in [-1, 1].

    Raises:
        DataError: images that cannot be read, see `ImageModality.check`.
    """
    readings = model.schema.read(model.read_code(images))
    columns: dict[str, NDArray[Any]] = {"strangeness": model.strangeness(images).cpu().numpy()}
    columns |= {f"reading.{name}": each for name, each in readings.items()}
    if model.config.discriminator != "additive":
        return columns
    terms = model.terms(images)
    added = terms.by_row() | {"residual": terms.by_source()["residual"]}
    columns["score"] = terms.total.cpu().numpy()
    columns["bias"] = np.full(len(images), float(terms.bias), np.float32)
    return columns | {f"contribution.{name}": each.cpu().numpy() for name, each in added.items()}
