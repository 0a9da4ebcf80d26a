"""What an attribute does inside the generator, straight from the weights, before any drawing."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.models.blocks import Modulation
from interpretable_gan.models.generator import Generator

Channels = dict[str, NDArray[np.float64]]
"""Layer → how strongly each of its channels is acted on, (channel,)."""


@torch.no_grad()
def channel_footprint(generator: Generator, columns: slice) -> Channels:
    """How strongly some code columns act on every channel of every layer.

    Of a modulated layer ``‖(a[k, c], b[k, c])‖`` over the columns k: what they scale and shift in
    channel c. Of the ``basis`` the norm over its 4×4 places as well. The norm over a layer's
    channels is its footprint, as `Generator.footprint` has it for single columns.
    """
    weights = {"basis": generator.basis.flatten(2)}  # (column, channel, number)
    for name, layer in generator.named_modules():
        if isinstance(layer, Modulation):
            weights[name] = torch.stack([layer.scale, layer.shift], dim=2)
    return {
        name: each[columns].double().square().sum(dim=(0, 2)).sqrt().cpu().numpy()
        for name, each in weights.items()
    }
