"""Layers that several networks share, as nodes of an ONNX graph."""

from __future__ import annotations

import torch
from torch import Tensor

from interpretable_gan.explorer.onnx_graph import Graph
from interpretable_gan.models.gan.blocks import SLOPE, Convolution, ResidualBlock


def convolution(graph: Graph, layer: Convolution, features: str) -> str:
    """`Convolution.forward`."""
    settings = {"pads": [layer.kernel_size[0] // 2] * 4, "group": layer.groups}
    kernel, bias = graph.constant(layer.kernel), graph.constant(bias_of(layer))
    return graph.node("Conv", features, kernel, bias, **settings)


def bias_of(layer: Convolution) -> Tensor:
    """The bias, which a `Convolution` always has."""
    assert layer.bias is not None
    return layer.bias


def residual_block(graph: Graph, block: ResidualBlock, features: str) -> str:
    """`ResidualBlock.forward`."""
    first = convolution(graph, block.first, activate(graph, features))
    return graph.node("Add", features, convolution(graph, block.second, activate(graph, first)))


def activate(graph: Graph, features: str) -> str:
    """`blocks.activate`."""
    return graph.node("LeakyRelu", features, alpha=SLOPE)


def pool(graph: Graph, features: str, side: int = 2) -> str:
    """The mean over squares of ``side`` places."""
    return graph.node("AveragePool", features, kernel_shape=[side] * 2, strides=[side] * 2)


def resize(graph: Graph, features: str, times: float, **how: str) -> str:
    """Features of ``times`` the side."""
    scales = graph.constant(torch.tensor([1.0, 1.0, times, times]))
    return graph.node("Resize", features, "", scales, **how)


def double(graph: Graph, features: str) -> str:
    """Twice the side, by bilinear interpolation."""
    how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    return resize(graph, features, 2.0, **how)
