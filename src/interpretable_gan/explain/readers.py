"""Who says what an image shows: an evaluator apart from the model, or else the model's encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import DataError
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

OWN = "encoder"
"""Name of the model's own encoder among readers."""


@dataclass(frozen=True)
class EncoderReader:
    """The model's encoder: its training has seen the generator, so it is easily convinced."""

    model: ImageModel
    name: str = OWN

    @property
    def schema(self) -> Schema:
        """What it reads."""
        return self.model.schema

    @property
    def readable(self) -> tuple[str, ...]:
        """Every attribute with a meaning, named or taught: nobody has checked."""
        attributes = self.model.schema.attributes
        return tuple(each.name for each in attributes if each.source != "discovered")

    def read(self, images: Images) -> NDArray[np.float32]:
        """Codes ``(batch, columns)``."""
        return self.model.read_code(images).cpu().numpy()


def reader_of(model: ImageModel, evaluator: Judge | None) -> Judge:
    """The evaluator, or the model's encoder where there is none.

    Raises:
        DataError: an evaluator of another schema.
    """
    if evaluator is None:
        return EncoderReader(model)
    if evaluator.schema.named != model.schema.named:
        raise DataError(
            f"the evaluator reads schema {evaluator.schema.name!r}, which is another than the "
            f"model's, {model.schema.name!r}: train one on the model's own data."
        )
    return evaluator


def worded(attribute: Attribute, value: Any) -> str:
    """One of the whole numbers of ``readings.value`` as people say it."""
    if attribute.kind == "categorical":
        return attribute.levels[value]
    return (("off", "on") if attribute.kind == "binary" else ("low", "middle", "high"))[value]
