"""The moving average of the generator, which draws better than the generator of any moment."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, *, images: int, batch: int, half: int) -> None:
    """Move ``average`` towards ``network`` so that ``half`` images ago counts half.

    Early on, the memory is a tenth of the images seen so far, so that the start is forgotten.
    """
    memory = min(half, max(images / 10, 1))
    forget = 1 - 0.5 ** (batch / memory)
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), forget)
    for kept, now in zip(average.buffers(), network.buffers(), strict=True):
        kept.copy_(now)
