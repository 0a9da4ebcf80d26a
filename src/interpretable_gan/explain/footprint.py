"""What an attribute does inside the generator, straight from the weights, before any drawing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.models.gan.blocks import Modulation
from interpretable_gan.models.gan.generator import Generator

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

Channels = dict[str, NDArray[np.float64]]
"""Layer → how strongly each of its channels is acted on, (channel,)."""


@torch.no_grad()
def channel_footprint(model: ImageModel, columns: slice) -> Channels:
    """How strongly some code columns act on every channel of every layer of the generator.

    Set to ±1, a column moves z by ±1 in its own place, and by its shift where the model is steered
    (`Steered`), which scales and shifts channel c of a modulated layer by ``(a[c], b[c])``. The
    footprint there is ``‖(a[c], b[c])‖`` over the columns, root mean square over the two signs; of
    the ``basis`` over its 4×4 places as well. The norm over a layer's channels is its footprint.
    Empty for a frozen generator, into which codes do not enter by a term of each layer.
    """
    generator = model.generator
    if not isinstance(generator, Generator):
        return {}
    moves = model.z_moves(columns).double() / math.sqrt(2)  # (2 · columns, z)
    moves[:, generator.columns :] @= generator.space.spread.double().T
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
