"""What an attribute does inside the generator, straight from the weights, before any drawing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from interpretable_gan.models.gan.blocks import Modulation

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN

Channels = dict[str, NDArray[np.float64]]
"""Layer → how strongly each of its channels is acted on, (channel,)."""


@torch.no_grad()
def channel_footprint(model: InterpretableGAN, columns: slice) -> Channels:
    """How strongly some code columns act on every channel of every layer of the generator.

    Set to ±1, a column moves z by ±1 in its own place and along its direction (`Directions`), which
    scales and shifts channel c of a modulated layer by ``(a[c], b[c])``. The footprint there is
    ``‖(a[c], b[c])‖`` over the columns, root mean square over the two signs; of the ``basis`` over
    its 4×4 places as well. The norm over a layer's channels is its footprint.
    """
    generator, directions = model.networks.average, model.networks.directions
    own = torch.eye(len(generator.basis), dtype=torch.double)[columns]  # (column, z)
    discovered = model.schema.columns - model.schema.named_columns
    on, off = (
        F.pad(each, (0, 0, 0, discovered))[columns] for each in (directions.on, directions.off)
    )
    moves = torch.cat([own + on, off - own]) / math.sqrt(2)
    weights = {"basis": generator.basis.flatten(2)}  # (z, channel, number)
    for layer, modulation in generator.named_modules():
        if isinstance(modulation, Modulation):
            weights[layer] = torch.stack([modulation.scale, modulation.shift], dim=2)
    effects = {
        layer: torch.einsum("kz,zcn->kcn", moves, each.double()) for layer, each in weights.items()
    }
    return {
        layer: effect.square().sum(dim=(0, 2)).sqrt().cpu().numpy()
        for layer, effect in effects.items()
    }
