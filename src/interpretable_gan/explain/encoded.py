"""Images as rows of a table: what is read in each, and what each attribute adds to its score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import ImageModel
from interpretable_gan.shapes import Images


def encoded(model: ImageModel, images: Images) -> Mapping[str, NDArray[Any]]:
    """Columns by name, one entry for each image.

    - ``strangeness``: above 1, the image is unlike the training images.
    - ``reading.NAME``: of a binary attribute the probability of being on, 0 to 1; of one with
      levels the likeliest; of a number its value; of a discovered one from -1 to 1.
    - ``score``: given what is read; of a GAN its discriminator's. ``bias`` and all
      ``contribution.NAME``, that of what has no name among them (``residual``), add up to it. A
      black box has none of these.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].

    Raises:
        DataError: images that cannot be read, see `ImageModality.check`.
    """
    reading = model.read(images)
    scale = Reading(model.schema).to(model.device)
    readings = model.schema.read(scale.as_code(reading))
    columns: dict[str, NDArray[Any]] = {"strangeness": model.strangeness(images).cpu().numpy()}
    columns |= {f"reading.{name}": each for name, each in readings.items()}
    if not model.explains:
        return columns
    terms, _ = model.scored(images, model.code_from(reading))
    added = terms.by_row() | {"residual": terms.by_source()["residual"]}
    columns["score"] = terms.total.cpu().numpy()
    columns["bias"] = np.full(len(images), float(terms.bias), np.float32)
    return columns | {f"contribution.{name}": each.cpu().numpy() for name, each in added.items()}
