"""Strips: the same samples with one attribute at each of its values."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.shapes import Code, Style

STEPS = 5
"""Values that a strip shows of an attribute without levels."""

Strips = Float[Tensor, "batch values channels height width"]


def strip_values(attribute: Attribute, steps: int = STEPS) -> dict[str, Any]:
    """Captions and values of a strip: levels as listed, else ``steps`` from low to high."""
    if attribute.kind == "categorical":
        return {level: level for level in attribute.levels}
    low, high = attribute.range or (0.0, 1.0)
    values = [low + (high - low) * step / (steps - 1) for step in range(steps)]
    captions = [f"{value:.3g}" for value in values]
    if attribute.kind == "binary":
        captions[0], captions[-1] = "off", "on"
    return dict(zip(captions, values, strict=True))


def draw_strips(
    model: ImageModel, name: str, code: Code, style: Style, *, steps: int = STEPS
) -> Strips:
    """Each sample with the attribute at each of its values, all else as it is.

    Raises:
        UnknownAttributeError: the schema has no attribute ``name``.
    """
    attribute = model.schema[name]
    values = strip_values(attribute, steps).values()
    changed = [model.schema.replace(code, {attribute.name: value}) for value in values]
    return torch.stack([model.draw(each, style) for each in changed], dim=1)
