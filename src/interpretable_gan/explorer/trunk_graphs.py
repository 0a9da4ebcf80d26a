"""The trunks of discriminator and encoder, as nodes of an ONNX graph.

A published network becomes part of the graph: it needs nothing else beside it.
"""

from __future__ import annotations

import math

from torch import nn

from interpretable_gan.explorer.layer_graphs import (
    activate,
    bias_of,
    convolution,
    double,
    pool,
    residual_block,
    resize,
)
from interpretable_gan.explorer.onnx_graph import Graph
from interpretable_gan.models.gan.discriminator import GlobalTrunk
from interpretable_gan.models.gan.encoder import (
    GAIN,
    PLACES,
    Head,
    LocalTrunk,
    PretrainedTrunk,
    Trunk,
)
from interpretable_gan.models.gan.pretrained import TAPS, Block, Lite0, before, lite0
from interpretable_gan.models.gan.style import StyleEncoder


def trunk(graph: Graph, network: Trunk, image: str) -> tuple[str, str]:
    """`Encoder.features`, (images, width, 8, 8), and what a style is read from (``for_style``)."""
    if isinstance(network, LocalTrunk):
        features = _local(graph, network, image)
        return features, features
    return _pretrained(graph, network, image)


def style_trunk(graph: Graph, network: StyleEncoder, features: str) -> str:
    """`StyleEncoder.forward` up to its read, (images, width · 4 · 4)."""
    if not isinstance(network.enter, nn.Identity):
        features = activate(graph, convolution(graph, network.enter[0], features))  # type: ignore[arg-type]
    return global_trunk(graph, network.trunk, features)


def global_trunk(graph: Graph, network: GlobalTrunk, features: str) -> str:
    """`GlobalTrunk.forward`, (images, width · 4 · 4)."""
    seen = activate(graph, residual_block(graph, network.block, pool(graph, features)))
    flat = graph.node("Flatten", seen, axis=1)
    width = network.block.first.in_channels * (PLACES // 2) ** 2
    return graph.node("Mul", flat, graph.constant(1 / math.sqrt(width)))


def _local(graph: Graph, network: LocalTrunk, image: str) -> str:
    """`LocalTrunk.forward`. Folding and the first convolution are one convolution with strides."""
    fold, enter = network.fold, network.enter
    outputs, inputs, side, _ = enter.kernel.shape
    kernel = enter.kernel.reshape(outputs, inputs // fold**2, fold, fold, side, side)
    kernel = kernel.permute(0, 1, 4, 2, 5, 3).reshape(outputs, -1, side * fold, side * fold)
    bias = graph.constant(bias_of(enter))
    features = graph.node(
        "Conv", image, graph.constant(kernel), bias, strides=[fold] * 2, pads=[fold] * 4
    )
    features = activate(graph, residual_block(graph, network.block, features))
    return activate(graph, convolution(graph, network.leave, pool(graph, features)))


def _pretrained(graph: Graph, network: PretrainedTrunk, image: str) -> tuple[str, str]:
    """`PretrainedTrunk.view`, then ``forward`` and ``for_style``, level by level."""
    published = lite0(next(network.parameters()).device)
    levels = _lite0(graph, published, image)
    heads = [
        _head(graph, head, level, side)  # type: ignore[arg-type]
        for head, level, (_, side, _) in zip(network.heads, levels, network.shapes, strict=True)
    ]
    sides = [side for _, side, _ in network.shapes]
    placed = [_placed(graph, level, side) for level, side in zip(levels, sides, strict=True)]
    return graph.node("Concat", *heads, axis=1), graph.node("Concat", *placed, axis=1)


def _head(graph: Graph, head: Head, features: str, side: int) -> str:
    """`Head.forward`."""
    features = convolution(graph, head.enter, features)
    if not isinstance(head.block, nn.Identity):
        features = residual_block(graph, head.block, features)
    left = activate(graph, convolution(graph, head.leave, activate(graph, features)))
    return graph.node("Mul", _placed(graph, left, side), graph.constant(GAIN))


def _placed(graph: Graph, features: str, side: int) -> str:
    """Adaptive pooling to 8×8 places, which repeats what is too coarse."""
    if side < PLACES:
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"}
        return resize(graph, features, PLACES / side, nearest_mode="floor", **how)
    return features if side == PLACES else pool(graph, features, side // PLACES)


def _lite0(graph: Graph, network: Lite0, image: str) -> list[str]:
    """`Lite0.forward`: the features of each tap."""
    features = _relu6(graph, _same(graph, network.stem, double(graph, image)))
    found = []
    for number, block in enumerate(network.blocks):
        features = _block(graph, block, features)  # type: ignore[arg-type]
        if any(number == tap.block for tap in TAPS):
            mean, scale = (getattr(network, f"{each}{number}") for each in ("mean", "scale"))
            moved = graph.node("Sub", features, graph.constant(mean.reshape(-1, 1, 1)))
            found.append(graph.node("Mul", moved, graph.constant(scale.reshape(-1, 1, 1))))
    return found


def _block(graph: Graph, block: Block, features: str) -> str:
    """`Block.forward`."""
    wide = features
    if block.expand is not None:
        wide = _relu6(graph, _same(graph, block.expand, features))
    narrow = _same(graph, block.project, _relu6(graph, _same(graph, block.depthwise, wide)))
    return graph.node("Add", features, narrow) if block.skip else narrow


def _same(graph: Graph, layer: nn.Conv2d, features: str) -> str:
    """`pretrained.same`: padded as TensorFlow pads."""
    side, stride = layer.kernel_size[0], layer.stride[0]
    first = before(layer)
    pads = [first] * 2 + [side - stride - first] * 2
    assert layer.bias is not None  # what was folded into it
    constants = graph.constant(layer.weight), graph.constant(layer.bias)
    settings = {"strides": [stride] * 2, "pads": pads, "group": layer.groups}
    return graph.node("Conv", features, *constants, **settings)


def _relu6(graph: Graph, features: str) -> str:
    return graph.node("Clip", features, graph.constant(0.0), graph.constant(6.0))
