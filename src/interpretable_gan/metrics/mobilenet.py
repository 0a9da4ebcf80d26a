"""MobileNetV2 (Sandler et al. 2018) as a small frozen network for features."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

_BLOCK_STRIDES = (2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)  # of blocks 1 to 16


class MobileNetV2(nn.Module):
    """ImageNet's MobileNetV2 up to its 1,280 pooled features, from int8 weights in one file.

    Batch normalisation is folded into the weights, so a layer is a convolution and a ReLU6.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        super().__init__()
        names = [str(name) for name in arrays["layers"]]
        self.layers = nn.ModuleDict(
            {name: _convolution(arrays, name, stride) for name, stride in _plan(names)}
        )

    def forward(self, images: Tensor) -> Tensor:
        features = images.to(memory_format=torch.channels_last)
        entry = features
        for name, layer in self.layers.items():
            if name.endswith("_expand"):
                entry = features
            features = layer(features)
            if name.endswith("_project"):
                features = features + entry if features.shape == entry.shape else features
            else:
                features = F.relu6(features, inplace=True)
        return features.mean(dim=(2, 3))


def _plan(names: list[str]) -> list[tuple[str, int]]:
    """Every convolution in order of execution, with its stride."""
    plan = []
    for name in names[:-1]:  # the last layer classifies
        stride = 1
        if name == "00_Conv1":
            stride = 2
        elif name.endswith("_depthwise") and "_block_" in name:
            stride = _BLOCK_STRIDES[int(name.split("_")[2]) - 1]
        plan.append((name, stride))
    return plan


def _convolution(arrays: dict[str, NDArray[Any]], name: str, stride: int) -> nn.Module:
    """One convolution with its weights; a strided one pads right and bottom only."""
    scale = arrays[f"{name}.scale"].astype(np.float32)
    weight = torch.from_numpy(arrays[f"{name}.weight_int8"] * scale[:, None, None, None])
    outputs, inputs, kernel, _ = weight.shape
    groups = outputs if inputs == 1 else 1
    convolution = nn.Conv2d(
        inputs * groups, outputs, kernel, stride, (kernel // 2) * (stride == 1), groups=groups
    )
    convolution.weight.data = weight.to(memory_format=torch.channels_last)
    convolution.bias = nn.Parameter(torch.from_numpy(arrays[f"{name}.bias"]))
    return convolution if stride == 1 else nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), convolution)
