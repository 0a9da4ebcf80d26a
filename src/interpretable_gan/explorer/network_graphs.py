"""The networks of a GAN as ONNX graphs: what draws, and what reads and decides.

Each function follows the ``forward`` of the network that it is named after, in the same order.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from interpretable_gan.explorer.layer_graphs import activate, convolution, double, pool
from interpretable_gan.explorer.onnx_graph import Graph
from interpretable_gan.explorer.trunk_graphs import global_trunk, style_trunk, trunk
from interpretable_gan.models.gan.blocks import Modulation
from interpretable_gan.models.gan.discriminator import Discriminator
from interpretable_gan.models.gan.encoder import CHANNELS, PLACES, Encoder, LinearRead
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.generator import START, Generator
from interpretable_gan.models.gan.labels import PLAIN, Labels
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.steered import Shifts, Steered
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

BATCH = "images"
"""The name of the size that varies: how many images."""

CERTAIN = 1e-6
"""Probabilities of levels are kept this far from 0 and 1 before their log-odds are taken, as
`Reading.odds` has it."""


def draw_graph(model: InterpretableGAN | Steered, *, half: bool = False) -> Graph:
    """``code, style → image``: what ``model.draw`` draws, shifts of a steered model included.

    Shape: code (images, columns), style (images, style) to image (images, channels, size, size)
    in [-1, 1].
    """
    generator = model.networks.average
    graph = Graph("draw", half=half)
    code = graph.input("code", BATCH, generator.columns)
    style = graph.input("style", BATCH, generator.style)
    z = graph.node("Concat", code, style, axis=1)
    if isinstance(model, Steered) and model.typical < 1:
        z = _shifted(graph, z, code, model.schema, model.shifts)
    drawn = _generator(graph, generator, z)
    clipped = graph.node("Clip", drawn, graph.constant(-1.0), graph.constant(1.0))
    channels = generator.to_image.convolution.out_channels
    graph.output("image", clipped, BATCH, channels, generator.size, generator.size)
    return graph


def read_graph(model: InterpretableGAN | Steered, *, half: bool = False) -> Graph:
    """``image, code → readings, code read, style, and the decision as a sum``.

    Outputs, for so many images: ``reading`` ŝ and ``read_code`` (columns), ``read_style`` (style),
    ``agreement`` (named attributes) and ``realism`` (attributes) with their maps at the first level
    of evidence (local attributes, 8, 8) and, where there are several levels, their sums by level
    (attributes, levels), ``residual``, ``bias`` and ``logit`` (1). The black-box twin has no parts:
    no agreement, realism, residual and bias.
    """
    discriminator, config = model.networks.discriminator, model.config
    encoder = discriminator.encoder
    channels = model.networks.average.to_image.convolution.out_channels
    graph = Graph("read", half=half)
    image = graph.input("image", BATCH, channels, config.size, config.size)
    code = graph.input("code", BATCH, encoder.columns)
    features, for_style = trunk(graph, encoder.trunk, image)
    evidence = _evidence(graph, encoder, features)
    reads: list[LinearRead] = [encoder.read]
    if isinstance(discriminator, Discriminator):
        reads += [discriminator.agreement, discriminator.realism]
    read, *judged = _read_together(graph, evidence, encoder.columns, reads)
    reading = graph.node("Add", read, graph.constant(encoder.offset))
    graph.output("reading", reading, BATCH, encoder.columns)
    graph.output("read_code", _code(graph, model.labels, reading), BATCH, encoder.columns)
    graph.output("read_style", _style(graph, model, for_style), BATCH, config.style)
    strange = _strangeness(graph, model.networks.style_encoder.familiar, for_style)
    graph.output("strangeness", strange, BATCH, 1)
    if isinstance(discriminator, Discriminator):
        _decision(graph, model, (evidence, features, code), judged)
    else:
        _opaque(graph, discriminator, features, code)
    return graph


def _style(graph: Graph, model: Any, features: str) -> str:
    """The style of `InterpretableGAN.encode`; `StyleSpace.to_normal` is part of the last read."""
    reader, space = model.networks.style_encoder, model.networks.average.space
    means = slice(model.config.style)
    weight, bias = reader.read.weight[means], reader.read.bias[means]
    weight = torch.linalg.solve_triangular(space.spread, weight, upper=False)
    constants = graph.constant(weight), graph.constant(space.to_normal(bias[None])[0])
    return graph.node("Gemm", style_trunk(graph, reader, features), *constants, transB=1)


def _strangeness(graph: Graph, familiar: Familiar, features: str) -> str:
    """`Familiar.forward`, (images, 1)."""
    row = graph.node("Flatten", pool(graph, features), axis=1)
    apart = graph.node("Sub", row, graph.constant(familiar.mean))
    along = graph.node("MatMul", apart, graph.constant(familiar.axes))
    whole, held = (_total(graph, graph.node("Mul", each, each)) for each in (apart, along))
    left = graph.node("Sqrt", graph.node("Relu", graph.node("Sub", whole, held)))
    return graph.node("Mul", left, graph.constant(familiar.scale.reshape(1)))


def _decision(graph: Graph, model: Any, seen: tuple[str, str, str], judged: list[str]) -> None:
    """Outputs of `Discriminator.judge` and `Discriminator.placed`, by attribute."""
    discriminator, schema = model.networks.discriminator, model.schema
    evidence, features, code = seen
    shown, real = judged
    named = _columns(graph, code, 0, discriminator.named)
    residual = graph.node(
        "Gemm",
        global_trunk(graph, discriminator.global_trunk, features),
        graph.constant(discriminator.residual.weight),
        transB=1,
    )
    bias = graph.constant(discriminator.bias.reshape(1))
    agreed = graph.node("Mul", named, shown)
    logit = graph.node("Add", bias, graph.node("Add", _total(graph, agreed), _total(graph, real)))
    graph.output("logit", graph.node("Add", logit, residual), BATCH, 1)
    graph.output("residual", residual, BATCH, 1)
    graph.output("bias", bias, 1)
    for kind, read, attributes in (
        ("agreement", discriminator.agreement, schema.named),
        ("realism", discriminator.realism, schema.attributes),
    ):
        placed = _contributions(graph, read, evidence)  # (images, columns, levels · places²)
        if kind == "agreement":
            of_code = graph.node("Unsqueeze", named, graph.constant([2]))
            placed = graph.node("Mul", of_code, placed)
        owners = _owners(schema, len(attributes), columns=len(read.weight))
        by_attribute = graph.node("MatMul", graph.constant(owners), placed)
        _judged(graph, kind, by_attribute, attributes, discriminator.encoder.trunk.levels)


def _judged(
    graph: Graph, kind: str, terms: str, attributes: tuple[Attribute, ...], levels: int
) -> None:
    """Outputs of one kind of terms (images, attributes, levels · places²): sums, sums by level, and
    maps at the first level."""
    count = len(attributes)
    sums = graph.node("ReduceSum", terms, graph.constant([2]), keepdims=0)
    graph.output(kind, sums, BATCH, count)
    split = graph.node("Reshape", terms, graph.constant([0, count, levels, PLACES**2]))
    if levels > 1:
        by_level = graph.node("ReduceSum", split, graph.constant([3]), keepdims=0)
        graph.output(f"{kind}_levels", by_level, BATCH, count, levels)
    local = [n for n, attribute in enumerate(attributes) if attribute.scope == "local"]
    if not local:
        return
    first = graph.node("Gather", split, graph.constant([0]), axis=2)
    maps = graph.node("Gather", first, graph.constant(local), axis=1)
    maps = graph.node("Reshape", maps, graph.constant([0, len(local), PLACES, PLACES]))
    graph.output(f"{kind}_map", maps, BATCH, len(local), PLACES, PLACES)


def _opaque(graph: Graph, discriminator: Any, features: str, code: str) -> None:
    """Output of `OpaqueDiscriminator`: its logit."""
    seen = global_trunk(graph, discriminator.global_trunk, features)
    named = _columns(graph, code, 0, discriminator.named)
    asked = graph.node("Gemm", named, graph.constant(discriminator.project.weight), transB=1)
    weight = graph.node("Add", asked, graph.constant(discriminator.judge.weight))
    logit = _total(graph, graph.node("Mul", seen, weight))
    bias = graph.constant(discriminator.judge.bias)
    graph.output("logit", graph.node("Add", logit, bias), BATCH, 1)


def _shifted(graph: Graph, z: str, code: str, schema: Schema, shifts: Shifts) -> str:
    """z + Σ_k h(s_k) · d[k, side of s_k], see `Steered`."""
    claims = [float(a.kind != "continuous") for a in schema.named for _ in range(a.width)]
    slope = torch.tensor(claims) / (1 - shifts.typical)
    named = _columns(graph, code, 0, schema.named_columns)
    for side, shift in ((named, shifts.on), (graph.node("Neg", named), shifts.off)):
        beyond = graph.node("Relu", graph.node("Sub", side, graph.constant(shifts.typical)))
        asked = graph.node("Mul", beyond, graph.constant(slope))
        z = graph.node("Add", z, graph.node("MatMul", asked, graph.constant(shift)))
    return z


def _generator(graph: Graph, generator: Generator, z: str) -> str:
    """`Generator.forward` from z, code and style side by side."""
    space = generator.space
    turn = torch.block_diag(torch.eye(generator.columns), space.spread.T)  # type: ignore[no-untyped-call]
    mean = torch.cat([torch.zeros(generator.columns), space.mean])
    z = graph.node("Gemm", z, graph.constant(turn), graph.constant(mean))
    z = graph.node("Mul", z, graph.constant(1 / math.sqrt(generator.columns + generator.style)))
    grown = graph.node("MatMul", z, graph.constant(generator.basis.flatten(1)))
    begun = graph.node("Add", grown, graph.constant(generator.start.reshape(1, -1)))
    shape = graph.constant([0, generator.start.shape[0], START, START])
    features = graph.node("Reshape", begun, shape)
    for widen, stage in zip(generator.widenings, generator.stages, strict=True):
        features = double(graph, convolution(graph, widen, features))  # type: ignore[arg-type]
        residual = features
        for modulate, convolve in zip(stage.modulations, stage.convolutions, strict=True):  # type: ignore[arg-type]
            modulated = activate(graph, _modulation(graph, modulate, residual, z))
            residual = convolution(graph, convolve, modulated)
        features = graph.node("Add", features, residual)
    last = generator.to_image
    modulated = activate(graph, _modulation(graph, last.modulation, features, z))
    return convolution(graph, last.convolution, modulated)


def _modulation(graph: Graph, modulation: Modulation, features: str, z: str) -> str:
    channels = modulation.scale.shape[1]
    shape = graph.constant([0, channels, 1, 1])
    one = graph.constant(1.0)
    scale = graph.node("Add", graph.node("MatMul", z, graph.constant(modulation.scale)), one)
    shift = graph.node("MatMul", z, graph.constant(modulation.shift))
    scaled = graph.node("Mul", features, graph.node("Reshape", scale, shape))
    return graph.node("Add", scaled, graph.node("Reshape", shift, shape))


def _evidence(graph: Graph, encoder: Encoder, features: str) -> str:
    """`Encoder.evidence`, column by column: (images, columns · levels · channels, 8, 8)."""
    evidence = convolution(graph, encoder.to_evidence, features)
    levels, columns = encoder.trunk.levels, encoder.columns
    if levels == 1:
        return evidence
    apart = graph.constant([0, levels, columns, CHANNELS * PLACES**2])
    split = graph.node("Transpose", graph.node("Reshape", evidence, apart), perm=[0, 2, 1, 3])
    together = graph.constant([0, columns * levels * CHANNELS, PLACES, PLACES])
    return graph.node("Reshape", split, together)


def _read_together(graph: Graph, evidence: str, columns: int, reads: list[LinearRead]) -> list[str]:
    """`read_together`: (images, columns) of each read, or its first columns."""
    terms = _weights(reads[0])[0].numel()
    shape = graph.constant([0, columns, terms])
    flat = graph.node("Transpose", graph.node("Reshape", evidence, shape), perm=[1, 0, 2])
    weights = torch.zeros(columns, terms, len(reads))
    for number, read in enumerate(reads):
        weights[: len(read.weight), :, number] = _weights(read).flatten(1)
    numbers = graph.node("MatMul", flat, graph.constant(weights))  # (columns, images, reads)
    found = []
    for number, read in enumerate(reads):
        mine = graph.node("Gather", numbers, graph.constant([number]), axis=2)
        mine = graph.node(
            "Squeeze", graph.node("Transpose", mine, perm=[1, 0, 2]), graph.constant([2])
        )
        found.append(_columns(graph, mine, 0, len(read.weight)))
    return found


def _weights(read: LinearRead) -> Tensor:
    """What a read multiplies evidence by, (columns, channels, 8, 8), also where places share it."""
    return read.weights.expand(-1, -1, PLACES, PLACES)


def _contributions(graph: Graph, read: LinearRead, evidence: str) -> str:
    """`LinearRead.by_level`, (images, columns, levels · places²)."""
    columns, channels = read.weight.shape[:2]
    cut = _columns(graph, evidence, 0, columns * channels)
    levels = channels // CHANNELS
    shape = [columns, levels, CHANNELS, PLACES**2]
    split = graph.node("Reshape", cut, graph.constant([0, *shape]))
    weighted = graph.node("Mul", split, graph.constant(_weights(read).reshape(shape)))
    summed = graph.node("ReduceSum", weighted, graph.constant([3]), keepdims=0)
    return graph.node("Reshape", summed, graph.constant([0, columns, levels * PLACES**2]))


def _code(graph: Graph, labels: Labels, reading: str) -> str:
    """`InterpretableGAN.code_from`: the code of real images, from what is read of them."""
    schema, found = labels.reading.schema, []
    for attribute in schema.attributes:
        columns = schema.slices[attribute.name]
        part = _columns(graph, reading, columns.start, columns.stop)
        prior = labels.prior[columns]
        if attribute.kind == "continuous":
            found.append(graph.node("Clip", part, graph.constant(-1.0), graph.constant(1.0)))
        elif attribute.kind == "binary" and labels.exact:
            found.append(graph.node("Tanh", graph.node("Mul", part, graph.constant(0.5))))
        elif attribute.kind == "binary":
            plain = _plain(graph, part, prior)
            found.append(graph.node("Mul", plain, graph.constant(labels.typical)))
        else:
            found.append(_levels(graph, labels, part, prior))
    return graph.node("Concat", *found, axis=1)


def _levels(graph: Graph, labels: Labels, reading: str, prior: Tensor) -> str:
    """The part of the code of a categorical attribute."""
    one = graph.constant(1.0)
    chance = graph.node("Softmax", reading, axis=1)
    if labels.exact:
        return graph.node("Sub", graph.node("Mul", chance, graph.constant(2.0)), one)
    kept = graph.node("Clip", chance, graph.constant(CERTAIN), graph.constant(1 - CERTAIN))
    odds = graph.node("Log", graph.node("Div", kept, graph.node("Sub", one, kept)))
    plain = _plain(graph, odds, prior)
    strongest = graph.node("ArgMax", plain, axis=1, keepdims=0)
    ends = graph.constant(torch.tensor([-1.0, 1.0]))
    claimed = graph.node("OneHot", strongest, graph.constant([len(prior)]), ends, axis=1)
    most = graph.node("Relu", graph.node("ReduceMax", plain, graph.constant([1]), keepdims=1))
    return graph.node("Mul", claimed, graph.node("Mul", most, graph.constant(labels.typical)))


def _plain(graph: Graph, odds: str, prior: Tensor) -> str:
    """How far log-odds are from those of the frequency, as `Labels` has it."""
    beyond = graph.node("Sub", odds, graph.constant(prior))
    return graph.node("Tanh", graph.node("Mul", beyond, graph.constant(1 / PLAIN)))


def _owners(schema: Schema, attributes: int, *, columns: int) -> Tensor:
    """1 where a column belongs to an attribute, (attributes, columns)."""
    owners = torch.zeros(attributes, columns)
    for number, attribute in enumerate(schema.attributes[:attributes]):
        owners[number, schema.slices[attribute.name]] = 1
    return owners


def _columns(graph: Graph, value: str, start: int, stop: int) -> str:
    """Some columns of a value, along its second axis."""
    ends = [graph.constant([each]) for each in (start, stop, 1)]
    return graph.node("Slice", value, *ends)


def _total(graph: Graph, values: str) -> str:
    return graph.node("ReduceSum", values, graph.constant([1]), keepdims=1)
