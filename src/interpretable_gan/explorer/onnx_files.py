"""A model as two ONNX files that any runtime reads."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import interpretable_gan
from interpretable_gan.atomic import write, write_text
from interpretable_gan.errors import ConfigError
from interpretable_gan.explorer.network_graphs import draw_graph, read_graph
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.steered import Steered
from interpretable_gan.schema.attribute import Attribute

FORMAT = 1
"""Version of what `description` holds."""

GRAPHS = {"draw": draw_graph, "read": read_graph}
"""Name of a file, without its ending → what makes its graph."""


def export_onnx(model: InterpretableGAN | Steered, folder: Path) -> dict[str, Path]:
    """Write ``draw.onnx`` and ``read.onnx`` in float32.

    `draw_graph` and `read_graph` say what goes in and comes out. The metadata of both files hold
    `description` as JSON under ``interpretable_gan``: which column and which row is whose.

    A published network is part of ``read.onnx``; its licence is a file beside it.

    Returns:
        What each file is → its path.

    Raises:
        ConfigError: a model of another family, which has no such graphs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, content in graphs(model).items():
        found[name] = folder / f"{name}.onnx"
        write(found[name], partial(_save, content))
    if model.config.trunk == pretrained.NAME:
        found["licence"] = folder / pretrained.LICENCE
        write_text(found["licence"], pretrained.licence())
    return found


def _save(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def graphs(model: InterpretableGAN | Steered, *, half: bool = False) -> dict[str, bytes]:
    """The content of both files; with ``half`` large weights are stored in 16 bits.

    Raises:
        ConfigError: a model of another family.
    """
    gan_of(model)
    about = {"interpretable_gan": json.dumps(description(model), ensure_ascii=False)}
    if model.config.trunk == pretrained.NAME:
        about["licence"] = pretrained.licence()
    return {name: make(model, half=half).to_bytes(about) for name, make in GRAPHS.items()}


def gan_of(model: InterpretableGAN | Steered) -> InterpretableGAN:
    """The GAN itself, without its shifts.

    Raises:
        ConfigError: a model of another family.
    """
    inner = model.model if isinstance(model, Steered) else model
    if not isinstance(inner, InterpretableGAN):
        raise ConfigError(f"{model.name} cannot be written as ONNX yet: only a GAN of images can.")
    return inner


def description(model: InterpretableGAN | Steered) -> dict[str, Any]:
    """What the numbers mean that go into the graphs and come out, as plain values.

    ``columns`` of an attribute are [start, stop) of its columns in codes and readings. Sums
    ``agreement`` have one row per named attribute and ``realism`` one per attribute, in order;
    maps leave out attributes of scope ``global``. ``patches``: [first, last + 1] of the pixels that
    each row (or column) of places sees at the first of ``levels``; the others see everything.
    """
    config, schema = model.config, model.schema
    trunk = gan_of(model).encoder.trunk
    patches = [trunk.patch(place) for place in range(PLACES)]
    return {
        "format": FORMAT,
        "version": interpretable_gan.__version__,
        "model": model.name,
        "size": config.size,
        "channels": gan_of(model).modality.channels,
        "style": config.style,
        "typical": model.typical,
        "explains": config.discriminator == "additive",
        "levels": trunk.levels,
        "patches": [[each.start, min(each.stop, config.size)] for each in patches],
        "columns": schema.columns,
        "attributes": [_attribute(each, schema.slices[each.name]) for each in schema.attributes],
        "steered": list(model.shifts.steered) if isinstance(model, Steered) else [],
    }


def _attribute(attribute: Attribute, columns: slice) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "label": attribute.label,
        "kind": attribute.kind,
        "levels": list(attribute.levels),
        "range": attribute.range,
        "unit": attribute.unit,
        "description": attribute.description,
        "group": attribute.group,
        "source": attribute.source,
        "scope": attribute.scope,
        "columns": [columns.start, columns.stop],
    }
