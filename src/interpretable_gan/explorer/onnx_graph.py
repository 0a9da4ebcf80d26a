"""ONNX files, written byte by byte: a graph of operators and weights needs no further package.

The fields and their numbers are those of onnx.proto (https://onnx.ai), whose wire format is that of
Protocol Buffers: a field is its number and wire type, then a number or so many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

IR_VERSION, OPSET = 8, 18
"""Of 2022: read by every onnxruntime since 1.14."""

FLOAT, INT64, FLOAT16 = 1, 7, 10
"""Element types."""

SMALL = 256
"""Constants with fewer numbers stay in float32: to halve them saves nothing."""

Dimension = int | str
"""A size, or the name of one that varies."""


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte; negative ones as 64 bits in two's complement."""
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def field(number: int, value: int | float | str | bytes) -> bytes:
    """One field of a message: a whole number, a float of 32 bits, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


class Graph:
    """An ONNX graph under construction. Values go by name; `node` and `constant` make names.

    Args:
        name: of the graph.
        half: store large constants in 16 bits, which the graph turns into 32 on loading.
    """

    def __init__(self, name: str, *, half: bool = False) -> None:
        self.name, self.half = name, half
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._count = 0

    def input(self, name: str, *shape: Dimension) -> str:
        """Declare a float input."""
        self._inputs.append(field(11, _value_info(name, shape)))
        return name

    def output(self, name: str, value: str, *shape: Dimension) -> None:
        """Declare ``value`` a float output called ``name``."""
        self._nodes.append(field(1, _node("Identity", [value], name, {})))
        self._outputs.append(field(12, _value_info(name, shape)))

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Apply an operator with one output; '' stands for an optional input that is left out."""
        name = self._fresh(operator)
        self._nodes.append(field(1, _node(operator, inputs, name, attributes)))
        return name

    def constant(self, value: Tensor | float | Sequence[int]) -> str:
        """A constant: a tensor or a number as floats, a sequence as whole numbers."""
        if isinstance(value, float):
            value = torch.tensor(value)
        name = self._fresh("constant")
        if not isinstance(value, Tensor):
            numbers = np.array(value, "<i8")
            self._constants.append(field(5, _tensor(name, INT64, numbers)))
            return name
        values = value.detach().cpu().float().contiguous().numpy()
        if self.half and values.size >= SMALL:
            self._constants.append(field(5, _tensor(name, FLOAT16, values.astype("<f2"))))
            return self.node("Cast", name, to=FLOAT)
        self._constants.append(field(5, _tensor(name, FLOAT, values.astype("<f4"))))
        return name

    def to_bytes(self, metadata: Mapping[str, str]) -> bytes:
        """The whole file, with metadata as text by name."""
        graph = b"".join(
            [*self._nodes, field(2, self.name), *self._constants, *self._inputs, *self._outputs]
        )
        properties = [field(14, field(1, key) + field(2, text)) for key, text in metadata.items()]
        opset = field(1, "") + field(2, OPSET)
        return b"".join(
            [
                field(1, IR_VERSION),
                field(2, "interpretable-gan"),
                field(7, graph),
                field(8, opset),
                *properties,
            ]
        )

    def _fresh(self, what: str) -> str:
        self._count += 1
        return f"{what.lower()}_{self._count}"


def _node(
    operator: str, inputs: Sequence[str], output: str, attributes: Mapping[str, Any]
) -> bytes:
    return b"".join(
        [
            *(field(1, each) for each in inputs),
            field(2, output),
            field(4, operator),
            *(field(5, _attribute(name, value)) for name, value in attributes.items()),
        ]
    )


def _attribute(name: str, value: Any) -> bytes:
    """A setting of an operator: whole number, float, text, or several whole numbers."""
    kinds = {int: (3, 2), float: (2, 1), str: (4, 3)}  # type → its field, its number of kind
    if type(value) in kinds:
        number, kind = kinds[type(value)]
        return field(1, name) + field(number, value) + field(20, kind)
    return field(1, name) + b"".join(field(8, int(each)) for each in value) + field(20, 7)


def _tensor(name: str, kind: int, values: np.ndarray[Any, Any]) -> bytes:
    sizes = b"".join(field(1, size) for size in values.shape)
    return sizes + field(2, kind) + field(8, name) + field(9, values.tobytes())


def _value_info(name: str, shape: Sequence[Dimension]) -> bytes:
    sizes = [field(2, each) if isinstance(each, str) else field(1, each) for each in shape]
    whole = b"".join(field(1, each) for each in sizes)
    tensor = field(1, FLOAT) + field(2, whole)
    return field(1, name) + field(2, field(1, tensor))
