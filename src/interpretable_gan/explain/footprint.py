"""What an attribute does inside the generator, straight from the weights, before any drawing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.models.blocks import Modulation

if TYPE_CHECKING:
    from interpretable_gan.model import InterpretableGAN

Channels = dict[str, NDArray[np.float64]]
"""Layer → how strongly each of its channels is acted on, (channel,)."""


@torch.no_grad()
def channel_footprint(model: InterpretableGAN, name: str) -> Channels:
    """How strongly an attribute acts on every channel of every layer of the generator.

    Set to ±1, a column k moves z by ±1 in its own place and along its direction (`Directions`),
    which scales and shifts channel c of a modulated layer by ``(a[c], b[c])``. The footprint there
    is ``‖(a[c], b[c])‖`` over the attribute's columns, root mean square over the two signs; of the
    ``basis`` over its 4×4 places as well. The norm over a layer's channels is its footprint.
    """
    generator, columns = model.networks.average, model.schema.slices[name]
    moves = torch.eye(len(generator.basis))[columns]  # (column, z)
    if columns.start < model.schema.named_columns:
        directions = model.networks.directions
        moves = torch.cat([moves + directions.on[columns], directions.off[columns] - moves])
        moves = moves / math.sqrt(2)
    weights = {"basis": generator.basis.flatten(2)}  # (z, channel, number)
    for layer, modulation in generator.named_modules():
        if isinstance(modulation, Modulation):
            weights[layer] = torch.stack([modulation.scale, modulation.shift], dim=2)
    return {
        layer: torch.einsum("kz,zcn->kcn", moves.double(), each.double())
        .square()
        .sum(dim=(0, 2))
        .sqrt()
        .cpu()
        .numpy()
        for layer, each in weights.items()
    }
