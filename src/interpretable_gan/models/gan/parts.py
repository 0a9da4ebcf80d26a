"""The parts of a decision, as terms by attribute and place."""

from __future__ import annotations

import torch
from torch import Tensor

from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.terms import Part, Source, Terms
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

CELLS = tuple(f"{row},{column}" for row in range(PLACES) for column in range(PLACES))
"""The places where evidence is read, row by row."""


def terms_of(schema: Schema, decision: Decision, agreement: Tensor, realism: Tensor) -> Terms:
    """Terms of a decision, from its agreement and realism ``(batch, columns, levels, places…)``."""
    named = agreement.shape[1]
    parts = (
        *_parts("agreement", agreement, schema.named),
        *_parts("realism", realism[:, :named], schema.named),
        *_parts("realism", realism[:, named:], schema.discovered),
        Part("residual", "residual", decision.residual[:, None, None], ("residual",)),
    )
    return Terms(parts, decision.bias, decision.logit)


def _parts(kind: str, columns: Tensor, attributes: tuple[Attribute, ...]) -> list[Part]:
    """Terms ``(batch, columns, levels, places…)`` of some attributes: of those that claim places at
    the first level, and what is said of the whole image. The columns of a categorical attribute are
    one row."""
    widths = [attribute.width for attribute in attributes]
    cells = columns.flatten(3)  # (batch, columns, levels, places)
    each = [some.sum(dim=1) for some in torch.split(cells, widths, dim=1)]
    placed = CELLS if cells.shape[3] == len(CELLS) else ()
    local, whole_image = {}, {}
    for attribute, values in zip(attributes, each, strict=True):
        if placed and attribute.scope == "local":
            local[attribute.name] = values[:, 0]
            values = values[:, 1:]
        if values.shape[1]:
            whole_image[attribute.name] = values.sum(dim=(1, 2))[:, None]
    named = any(attribute.source == "named" for attribute in attributes)
    source: Source = "named" if named else "discovered"
    return [
        Part(kind, source, torch.stack(list(found.values()), 1), (*found,), places)
        for found, places in ((local, placed), (whole_image, ()))
        if found
    ]
