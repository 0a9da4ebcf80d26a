"""Both views on a model: what its encoder reads in real images, and what its generator obeys.

Every metric of codes and factors can be run in either view; say which beside the number. A
*factor* is a named attribute as an integer: 0 off and 1 on, the place of a level, the third of a
range. A *code* is one number per attribute as it was read: its column, or the place of the
strongest level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.data.batches import ROWS_AT_ONCE, rows_for
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.readings import THIRD, values
from interpretable_gan.metrics.rows import FloatArray, IntArray
from interpretable_gan.metrics.worlds import Generated
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style

Reader = Callable[[Images], Any]
"""Images to codes ``(batch, columns)``, of all attributes or of the named ones:
``model.read_code``, or ``evaluator.read`` of an evaluator that training never saw."""


class Drawer(Protocol):
    """What the generator view asks of a model: see ``ImageModel``."""

    schema: Schema

    def codes(self, n: int, *, seed: int = 0) -> Code: ...

    def styles(self, n: int, *, seed: int = 0) -> Style: ...

    def draw(self, code: Code, style: Style) -> Images: ...

    def read_code(self, images: Images) -> Code: ...


class Encoder(Protocol):
    """What the encoder view asks of a model."""

    schema: Schema

    def read_code(self, images: Images) -> Code: ...


@dataclass(frozen=True, eq=False)
class View:
    """Rows for any metric: ``codes`` (rows, attributes read), ``factors`` (rows, named ones)."""

    view: Literal["encoder", "generator"]
    codes: FloatArray
    factors: IntArray
    code_names: tuple[str, ...]
    factor_names: tuple[str, ...]

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """For `representation_metrics`, and as the npz file that ``igan metrics`` reads."""
        return {
            "codes": self.codes,
            "factors": self.factors,
            "code_names": np.array(self.code_names),
            "factor_names": np.array(self.factor_names),
        }


def encoder_view(
    model: Encoder, data: Dataset, *, split: str = "test", reader: Reader | None = None
) -> View:
    """Codes: what is read in real images. Factors: their labels.

    Args:
        model: a trained ``ImageModel``, or anything with its schema and ``encode``.
        data: labelled images; rows with a missing label are left out.
        split: whose rows to read.
        reader: by default ``model.read_code``.

    Raises:
        DataError: the split is empty, or none of its rows has every label.
    """
    rows = rows_for("whose codes are asked for", data, split)
    labelled = rows[data.known[rows].all(axis=1)]
    if not len(labelled):
        raise DataError(f"data set {data.name!r} has no row in which every attribute has a label.")
    read = reader or model.read_code
    parts = [
        _array(read(data.batch(labelled[start : start + ROWS_AT_ONCE])[0]))
        for start in range(0, len(labelled), ROWS_AT_ONCE)
    ]
    codes, names = _one_per_attribute(model.schema, np.concatenate(parts))
    factors = _factors(data.schema, data.codes[labelled])
    return View("encoder", codes, factors, names, data.schema.names)


def generator_view(
    model: Drawer, *, count: int = 10_000, reader: Reader | None = None, seed: int = 0
) -> View:
    """Codes: what is read in images drawn by the model. Factors: the named codes they were given.

    Named codes are those of training rows, so attributes that go together in the data do here.

    Args:
        model: a trained ``ImageModel``, or anything with its methods.
        count: images to draw.
        reader: by default ``model.read_code``; ``evaluator.read`` for a judge of its own.
        seed: of codes and styles.
    """
    code, style = model.codes(count, seed=seed), model.styles(count, seed=seed)
    codes, names = _one_per_attribute(model.schema, _read_back(model, reader, code, style))
    named = model.schema.with_discovered(0)
    factors = _factors(named, code[:, : named.columns].cpu().numpy())
    return View("generator", codes, factors, names, named.names)


def generator_world(model: Drawer, *, reader: Reader | None = None) -> Generated:
    """The generator view for metrics that intervene: set named codes, redraw the rest, and read.

    Factors are the named attributes, drawn independently and uniformly: unlike `generator_view`,
    combinations that the data lacks do occur. Every draw has fresh style and discovered codes.

    Args:
        model: a trained ``ImageModel``, or anything with its methods.
        reader: by default ``model.read_code``.
    """
    named = model.schema.with_discovered(0)

    def read_back(factors: IntArray, rng: np.random.Generator) -> FloatArray:
        seed = int(rng.integers(2**31))
        code = model.codes(len(factors), seed=seed).clone()
        for place, attribute in enumerate(named.attributes):
            columns = torch.from_numpy(_settings(attribute)[factors[:, place]])
            code[:, named.slices[attribute.name]] = columns.to(code)
        read = _read_back(model, reader, code, model.styles(len(factors), seed=seed))
        return _one_per_attribute(model.schema, read)[0]

    return Generated(read_back, [len(_settings(attribute)) for attribute in named.attributes])


def _settings(attribute: Attribute) -> NDArray[np.float32]:
    """The columns of each value of an attribute, (values, width); of a range, its thirds' middles.

    Their order is that of `readings.values`.
    """
    if attribute.kind == "categorical":
        columns = 2 * np.eye(attribute.width) - 1
    elif attribute.kind == "binary":
        columns = np.array([[-1.0], [1.0]])
    else:
        columns = np.array([[-2 * THIRD], [0.0], [2 * THIRD]])
    return columns.astype(np.float32)


def _read_back(model: Drawer, reader: Reader | None, code: Code, style: Style) -> FloatArray:
    """Draw and read, some images at a time."""
    read = reader or model.read_code
    parts = [
        _array(read(model.draw(codes, styles)))
        for codes, styles in zip(
            torch.split(code, ROWS_AT_ONCE), torch.split(style, ROWS_AT_ONCE), strict=True
        )
    ]
    return np.concatenate(parts)


def _array(read: Any) -> FloatArray:
    return torch.as_tensor(read).detach().cpu().numpy().astype(np.float64)


def _one_per_attribute(schema: Schema, read: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """One code per attribute that was read, and their names."""
    codes = {
        name: columns.argmax(axis=1) if schema[name].kind == "categorical" else columns[:, 0]
        for name, columns in schema.unpack(read).items()
    }
    return np.stack(list(codes.values()), axis=1).astype(np.float64), tuple(codes)


def _factors(named: Schema, codes: NDArray[Any]) -> IntArray:
    return np.stack(list(values(named, codes).values()), axis=1).astype(np.int64)
