"""Graph models of TensorFlow.js, run by torch: neither Node nor TensorFlow is needed.

Only what published face networks are made of is known; a file that asks for anything else is
refused when it is read.
"""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.errors import DataError

Settings = Mapping[str, Any]

KNOWN: Mapping[str, tuple[Any, ...]] = {
    "data_format": ("NHWC",),
    "dilations": ([1, 1, 1, 1],),
    "keep_dims": (False,),
    "padding": ("SAME", "VALID"),
    "transpose_a": (False,),
    "transpose_b": (False,),
}
"""Settings of operations that can have these values only."""

STORED = {"float32": "<f4", "int32": "<i4", "float16": "<f2", "uint8": "|u1", "uint16": "<u2"}
"""How weights lie in their files, as numpy calls it; the last three are quantised."""


@dataclass(frozen=True)
class Step:
    """One operation: what it is called, what it reads, and what nobody reads after it."""

    name: str
    run: Callable[..., Tensor]
    inputs: tuple[str, ...]
    done: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A network of one input, as far as it is needed for its ``outputs``."""

    entry: str
    constants: Mapping[str, Tensor]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]

    @torch.no_grad()
    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        """The outputs for images ``(batch, height, width, channels)``. What lies between is freed
        as soon as its last reader has run."""
        values = {self.entry: images}
        for step in self.steps:
            given = (values.get(name, self.constants.get(name)) for name in step.inputs)
            values[step.name] = step.run(*given)
            for name in step.done:
                values.pop(name, None)
        return tuple(values[name] for name in self.outputs)


def read_graph(path: Path, outputs: Sequence[str]) -> Graph:
    """Read ``model.json`` with the files of weights that it names, which lie beside it.

    Args:
        outputs: names of the nodes that are asked for.

    Raises:
        DataError: no such model, a damaged one, or one with operations that are not known here.
    """
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
        nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
        return _compiled(nodes, _weights(model["weightsManifest"], path), tuple(outputs))
    except DataError as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is not a whole graph model of TensorFlow.js ({type(error).__name__}: {error})."
        ) from None


def _weights(manifest: Sequence[Mapping[str, Any]], path: Path) -> dict[str, Tensor]:
    """All weights by name."""
    found = {}
    for group in manifest:
        if any(Path(name).name != name for name in group["paths"]):
            raise DataError("its weights must lie beside it.")
        raw = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        start = 0
        for entry in group["weights"]:
            weight, start = _weight(entry, raw, start)
            found[entry["name"]] = torch.from_numpy(weight)
        if start != len(raw):
            raise DataError(f"{group['paths'][0]} has {len(raw)} bytes, and it needs {start}.")
    return found


def _weight(entry: Mapping[str, Any], raw: bytes, start: int) -> tuple[NDArray[Any], int]:
    """One array from the bytes of its group, and where the next one starts."""
    packing = entry.get("quantization", {})
    stored = packing.get("dtype", entry["dtype"])
    if entry["dtype"] not in ("float32", "int32") or stored not in STORED:
        raise DataError(f"weights stored as {stored} for {entry['dtype']} are not known here.")
    layout, shape = np.dtype(STORED[stored]), entry["shape"]
    end = start + math.prod(shape) * layout.itemsize
    if end > len(raw):
        raise DataError(f"its weights end after {len(raw)} bytes, and it needs at least {end}.")
    values = np.frombuffer(raw[start:end], layout).reshape(shape)
    if layout.kind == "u":
        values = values * np.float32(packing["scale"]) + np.float32(packing["min"])
    return values.astype(entry["dtype"]), end


def _compiled(
    nodes: Mapping[str, Mapping[str, Any]], weights: dict[str, Tensor], outputs: tuple[str, ...]
) -> Graph:
    """What the outputs need, in an order in which each step follows those that it reads."""
    reads: dict[str, tuple[str, ...]] = {}
    asked = list(outputs)
    while asked:
        name = asked.pop()
        if name not in reads:
            if name not in nodes:
                raise DataError(f"it has no node {name!r}.")
            inputs = nodes[name].get("input", ())
            reads[name] = tuple(each.split(":")[0].lstrip("^") for each in inputs)
            asked += reads[name]
    kinds = {name: nodes[name]["op"] for name in reads}
    entries = [name for name, kind in kinds.items() if kind == "Placeholder"]
    if len(entries) != 1:
        raise DataError(f"it has {len(entries)} inputs, and one is needed.")
    steps = []
    left = Counter(each for inputs in reads.values() for each in inputs)
    left.update(outputs)
    for name in TopologicalSorter(reads).static_order():
        if kinds[name] in ("Const", "Placeholder"):
            continue
        left.subtract(reads[name])
        done = tuple(each for each in set(reads[name]) if not left[each])
        run = _operation(kinds[name], nodes[name].get("attr", {}))
        steps.append(Step(name, run, reads[name], done))
    constants = {name: weights[name] for name, kind in kinds.items() if kind == "Const"}
    return Graph(entries[0], constants, tuple(steps), outputs)


def _operation(kind: str, attributes: Mapping[str, Any]) -> Callable[..., Tensor]:
    """A node's function of what it reads.

    Raises:
        DataError: it is not known here, or not with such settings.
    """
    settings = {name: _setting(value) for name, value in attributes.items()}
    for name, known in KNOWN.items():
        if settings.get(name, known[0]) not in known:
            raise DataError(f"operation {kind} with {name} {settings[name]} is not known here.")
    after = settings.get("fused_ops", ())
    for name in (kind, *after):
        if name not in OPERATIONS:
            raise DataError(f"operation {name} is not known here.")
    operation = OPERATIONS[kind]

    def run(*given: Tensor) -> Tensor:
        if not after:
            return operation(settings, *given)
        values, rest = operation(settings, *given[:2]), iter(given[2:])
        for name in after:
            more = (next(rest),) if name in WITH_WEIGHTS else ()
            values = OPERATIONS[name](settings, values, *more)
        return values

    return run


def _setting(value: Mapping[str, Any]) -> Any:
    """A node's attribute as a plain value; None of kinds that no operation here has."""
    if "list" in value:
        return [_setting({kind: each}) for kind, all_ in value["list"].items() for each in all_]
    if "s" in value:
        return b64decode(value["s"]).decode()
    return int(value["i"]) if "i" in value else value.get("b")


def _window(
    images: Tensor, settings: Settings, size: Sequence[int], fill: float = 0.0
) -> tuple[Tensor, list[int]]:
    """Images as torch has them, ``(batch, channels, height, width)``, with a border where the
    windows of an operation reach over the edge; and the strides of these windows."""
    strides = settings["strides"][1:3]
    images = images.permute(0, 3, 1, 2)
    if settings["padding"] == "VALID":
        return images, strides
    border: list[int] = []
    for side, width, stride in zip(images.shape[:1:-1], size[::-1], strides[::-1], strict=True):
        missing = max((math.ceil(side / stride) - 1) * stride + width - side, 0)
        border += [missing // 2, missing - missing // 2]
    return F.pad(images, border, value=fill), strides


def _convolution(settings: Settings, images: Tensor, weight: Tensor) -> Tensor:
    padded, strides = _window(images, settings, weight.shape[:2])
    return F.conv2d(padded, weight.permute(3, 2, 0, 1), stride=strides).permute(0, 2, 3, 1)


def _depthwise(settings: Settings, images: Tensor, weight: Tensor) -> Tensor:
    padded, strides = _window(images, settings, weight.shape[:2])
    height, width, channels, _ = weight.shape
    filters = weight.permute(2, 3, 0, 1).reshape(-1, 1, height, width)
    return F.conv2d(padded, filters, stride=strides, groups=channels).permute(0, 2, 3, 1)


def _largest(settings: Settings, images: Tensor) -> Tensor:
    size = settings["ksize"][1:3]
    padded, strides = _window(images, settings, size, -math.inf)
    return F.max_pool2d(padded, size, strides).permute(0, 2, 3, 1)


def _padded(settings: Settings, values: Tensor, border: Tensor) -> Tensor:
    return F.pad(values, border.flip(0).flatten().tolist())


OPERATIONS: Mapping[str, Callable[..., Tensor]] = {
    "Add": lambda _, x, y: x + y,
    "AddV2": lambda _, x, y: x + y,
    "BiasAdd": lambda _, x, y: x + y,
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise,
    "Identity": lambda _, x: x,
    "MatMul": lambda _, x, y: x @ y,
    "MaxPool": _largest,
    "Maximum": lambda _, x, y: torch.maximum(x, y),
    "Mean": lambda _, x, over: x.mean(tuple(over.flatten().tolist())),
    "Minimum": lambda _, x, y: torch.minimum(x, y),
    "Mul": lambda _, x, y: x * y,
    "Pad": _padded,
    "Prelu": lambda _, x, slope: torch.where(x >= 0, x, slope * x),
    "Relu": lambda _, x: x.relu(),
    "Reshape": lambda _, x, shape: x.reshape(shape.tolist()),
    "Sigmoid": lambda _, x: x.sigmoid(),
    "Softmax": lambda _, x: x.softmax(-1),
    "_FusedConv2D": _convolution,
    "_FusedMatMul": lambda _, x, y: x @ y,
}
"""What is known: kind → function of settings and of what a node reads."""

WITH_WEIGHTS = ("BiasAdd", "Prelu")
"""Of what can be fused behind another operation, that which reads one value more."""
