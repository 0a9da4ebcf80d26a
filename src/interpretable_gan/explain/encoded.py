"""Images as rows of a table: what is read in each, and what each attribute adds to its score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import ImageModel
from interpretable_gan.shapes import Images


def encoded(
    model: ImageModel, images: Images, *, places: bool = False
) -> Mapping[str, NDArray[Any]]:
    """Columns by name, one entry for each image.

    - ``strangeness``: above 1, the image is unlike the training images.
    - ``reading.NAME``: of a binary attribute the probability of being on, 0 to 1; of one with
      levels the likeliest; of a number its value; of a discovered one from -1 to 1.
    - ``score``: given what is read; of a GAN its discriminator's. ``bias`` and all
      ``contribution.NAME``, that of what has no name among them (``residual``), add up to it. A
      black box has none of these.

    - with ``places`` ``places.KIND.NAME``, ``(batch, cells)``: what each attribute adds at each
      cell of a grid over the image, row by row, by kinds such as agreement and realism. The bias
      and all cells add up to the score.

    Args:
        images: ``(batch, channels, size, size)`` in [-1, 1].
        places: with the columns of places.

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
    columns |= {f"contribution.{name}": each.cpu().numpy() for name, each in added.items()}
    for part in terms.parts if places else ():
        for name, each in zip(part.rows, part.values.unbind(1), strict=True):
            columns[f"places.{part.label}.{name}"] = each.cpu().numpy()
    return columns
