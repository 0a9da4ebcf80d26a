"""The form of LPIPS on any network and weights: distance of unit-normalised activations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.errors import MetricError

SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)
TINY = 1e-10


@torch.no_grad()
def lpips(
    a: Tensor,
    b: Tensor,
    backbone: Callable[[Tensor], Sequence[Tensor]],
    weights: Sequence[Tensor],
) -> NDArray[np.float64]:
    """Distance of image pairs, ``(batch,)``: Σ_l mean_hw Σ_c w_lc (â − b̂)² (Zhang et al. 2018).

    0 for equal images, no upper end. It may be called LPIPS only with the published backbone and
    weights (AlexNet or VGG16); with others say which.

    Args:
        a: images ``(batch, 3, height, width)`` in [−1, 1].
        b: the images to compare them with, same shape.
        backbone: shifted and scaled images to activations ``(batch, c_l, h_l, w_l)`` of each layer.
        weights: non-negative ``(c_l,)`` of each layer.
    """
    if a.shape != b.shape or a.ndim != 4 or a.shape[1] != 3:
        raise MetricError(
            f"images have shapes {tuple(a.shape)} and {tuple(b.shape)}; expected two equal "
            "(batch, 3, height, width)."
        )
    layers = [backbone(_shifted(images)) for images in (a, b)]
    if len(layers[0]) != len(weights):
        raise MetricError(f"the backbone has {len(layers[0])} layers, {len(weights)} have weights.")
    total = torch.zeros(len(a), dtype=torch.float64)
    for left, right, weight in zip(*layers, weights, strict=True):
        if bool((weight < 0).any()) or weight.shape != left.shape[1:2]:
            raise MetricError(
                f"a layer of {left.shape[1]} channels has weights of shape {tuple(weight.shape)}; "
                "expected as many, none below 0."
            )
        gap = (_unit(left) - _unit(right)).square()  # (batch, channels, height, width)
        total += (gap * weight.double()[:, None, None]).sum(dim=1).mean(dim=(1, 2)).cpu()
    return total.numpy()


def _shifted(images: Tensor) -> Tensor:
    shift, scale = (torch.tensor(x).to(images)[:, None, None] for x in (SHIFT, SCALE))
    return (images - shift) / scale


def _unit(activations: Tensor) -> Tensor:
    """Activations of length 1 across channels, in float64."""
    exact = activations.double()
    return exact / (exact.square().sum(dim=1, keepdim=True).sqrt() + TINY)
