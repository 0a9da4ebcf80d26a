"""The values that attributes can be set to, and codes in which one of them is set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.metrics.readings import THIRD, value
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code

FEWEST = 5
"""With fewer edits nothing is said about a target."""


@dataclass(frozen=True)
class Target:
    """A value that an attribute can be set to.

    ``label``: on, off, a level, low or high; ``columns``: what the code then holds, ``(width,)``;
    ``reads``: what a judge must then read, as in ``readings.values``.
    """

    attribute: str
    label: str
    columns: NDArray[np.float32]
    reads: int


def targets(schema: Schema) -> tuple[Target, ...]:
    """Every value of every named attribute. Of a continuous one the outer thirds of its range,
    each set to its middle."""
    return tuple(target for attribute in schema.named for target in _targets(attribute))


def set_target(schema: Schema, code: Code, target: Target) -> Code:
    """The codes with one attribute set to the target, all else as it was."""
    columns = torch.from_numpy(target.columns).expand(len(code), -1)
    return schema.replace(code, {target.attribute: columns})


def _targets(attribute: Attribute) -> list[Target]:
    if attribute.kind == "categorical":
        labels, columns = attribute.levels, 2 * np.eye(attribute.width) - 1
    elif attribute.kind == "binary":
        labels, columns = ("on", "off"), np.array([[1.0], [-1.0]])
    else:
        labels, columns = ("low", "high"), np.array([[-2 * THIRD], [2 * THIRD]])
    reads = value(attribute, columns)
    return [
        Target(attribute.name, label, columns[i].astype(np.float32), int(reads[i]))
        for i, label in enumerate(labels)
    ]
