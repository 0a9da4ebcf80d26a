"""From attributes to a target: a head that adds up what each attribute says.

    score = offset + Σ_k f_k(s_k)

The s_k are what the encoder reads of every attribute but the target; each f_k is linear, or a
smooth shape of its one attribute, with mean 0 over the training data. A generalised additive model
(Hastie & Tibshirani 1990) on cubic B-splines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from interpretable_gan.atomic import read_json, write_json
from interpretable_gan.errors import (
    ConfigError,
    RunError,
    did_you_mean,
)
from interpretable_gan.explain.explanation import freeze
from interpretable_gan.metrics.result import plain
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.origin import refuse_other
from interpretable_gan.schema.schema import Schema

Shape = Literal["linear", "smooth"]
Array = NDArray[np.float64]

KNOTS = np.linspace(-1, 1, 6)
"""Ends of the pieces of a smooth shape; codes lie between."""


@dataclass(frozen=True, eq=False)
class TargetHead:
    """An additive head on the code, fitted on what the encoder reads.

    The score is the log-odds of a binary target, one logit per level of a categorical one, and the
    value itself, in its unit, of a continuous one.

    offset: the score where each shape has its mean  (output,)
    weights: of each column's features  (output, column, feature); the target's own columns are 0
    centre: mean features over the training rows  (column, feature)
    importance: attribute → mean absolute contribution on held-out rows
    quality: measure → value and 95 % interval on held-out rows: ``accuracy`` beside that of always
        saying the most frequent value, or ``r2`` and ``mean_absolute_error``; ``of_encoder``: the
        same of the encoder's own reading of the target
    strength: freedom of the weights, chosen on rows apart
    fitted_on, measured_on: rows
    checksum: of the data
    model: checksum of the weights that read the training images
    """

    schema: Schema
    target: str
    shape: Shape
    offset: Array
    weights: Array
    centre: Array
    importance: Mapping[str, float]
    quality: Mapping[str, Any]
    strength: float
    fitted_on: int
    measured_on: int
    checksum: str
    model: str

    FILE = "target.json"

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that the score adds up: all but the target."""
        return tuple(name for name in self.schema.names if name != self.target)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The levels of a categorical target, or the target itself."""
        return self.schema[self.target].levels or (self.target,)

    def contributions(self, code: NDArray[Any]) -> Array:
        """What each attribute adds to the score, (row, attribute, output).

        Args:
            code: whole codes, (row, columns), in [-1, 1].
        """
        features = basis(code, self.shape) - self.centre
        columns = np.einsum("rcf,ocf->rco", features, self.weights)
        spans = [self.schema.slices[name] for name in self.names]
        return np.stack([columns[:, span].sum(axis=1) for span in spans], axis=1)

    def scores(self, code: NDArray[Any]) -> Array:
        """The score as one product, (row, output)."""
        features = (basis(code, self.shape) - self.centre).reshape(len(code), -1)
        return self.offset + features @ self.weights.reshape(len(self.offset), -1).T

    def curve(self, name: str, points: int = 41) -> tuple[Array, Array]:
        """Codes from -1 to 1 and what the attribute adds there, (point,) and (point, column,
        output): a line, or its smooth shape.

        Raises:
            UnknownAttributeError: the schema has no such attribute.
        """
        span, codes = self.schema.slices[self.schema[name].name], np.linspace(-1, 1, points)
        features = basis(np.tile(codes[:, None], self.schema.columns), self.shape) - self.centre
        return codes, np.einsum("rcf,ocf->rco", features, self.weights)[:, span]

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per attribute, the most important first."""
        rows = [
            {"attribute": name, "source": self.schema[name].source, "importance": importance}
            for name, importance in self.importance.items()
        ]
        return sorted(rows, key=lambda row: -row["importance"])

    def sentence(self) -> str:
        """How well the target can be told from the other attributes, and from which most."""
        measure = "r2" if "r2" in self.quality else "accuracy"
        mine, theirs = self.quality[measure], self.quality["of_encoder"][measure]
        usual = (
            f", against {mine['usual']:.0%} for the most frequent value" if "usual" in mine else ""
        )
        told = ", ".join(
            f"{self.schema[row['attribute']].label} ({row['importance']:.2f})"
            for row in self.to_rows()[:3]
        )
        return (
            f"From the other attributes {self.schema[self.target].label} is told with "
            f"{'R²' if measure == 'r2' else 'accuracy'} {_said(mine)}{usual}, and read directly "
            f"with {_said(theirs)}, on {self.measured_on} held-out images. It rests most on {told}."
        )

    def to_json(self) -> str:
        """All of it as one JSON object, with the sentence."""
        return json.dumps(self._plain() | {"sentence": self.sentence()}, ensure_ascii=False)

    def save(self, path: str | Path) -> None:
        """Write JSON, whole or not at all; nothing in it carries code."""
        write_json(Path(path), self._plain())

    def _plain(self) -> dict[str, Any]:
        """Every field as JSON knows it; of the schema the names."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain(told | {"schema": self.schema.names})

    def check(self, model: ImageModel) -> None:
        """Stop before it explains what another model reads.

        Raises:
            RunError: it was fitted on the readings of other weights.
        """
        refuse_other("the target head", self.model, model, "fit it again: --data SOURCE --force")

    @classmethod
    def load(cls, path: str | Path, schema: Schema) -> TargetHead:
        """Read what `save` wrote.

        Raises:
            RunError: no such file, a damaged one, or one for another schema.
        """
        try:
            told = read_json(Path(path))
            names = told["schema"]
            arrays = {
                name: np.array(told[name], np.float64) for name in ("offset", "weights", "centre")
            }
            head = cls(**told | arrays | {"schema": schema})
            if names == list(schema.names):
                head._try_out()
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise RunError(f"{path} holds no target head ({error}); fit it again.") from None
        if names != list(schema.names):
            raise RunError(f"{path} was fitted on another schema; fit it again.")
        return head

    def _try_out(self) -> None:
        """Use what a file held once, before anybody relies on it.

        Raises:
            ValueError, TypeError, LookupError, AttributeError: a field is not what it should be.
        """
        columns, outputs = self.schema.columns, len(self.outputs)
        features = basis(np.zeros((1, 1)), known_shape(self.shape)).shape[2]
        shapes = {
            "offset": (outputs,),
            "weights": (outputs, columns, features),
            "centre": (columns, features),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"{name} is no {shape} of numbers")
        self.sentence()


def basis(code: NDArray[Any], shape: Shape) -> Array:
    """Features of every column, (row, column, feature): itself, or cubic B-splines of it."""
    values = np.clip(code.astype(np.float64), -1, 1)
    if shape == "linear":
        return values[..., None]
    knots = np.concatenate([[-1.0] * 3, KNOTS, [1.0] * 3])
    splines = BSpline.design_matrix(values.ravel(), knots, 3).toarray()
    return splines.reshape(*values.shape, -1)


def known_shape(shape: Shape) -> Shape:
    """A shape that there is.

    Raises:
        ConfigError: another word.
    """
    if shape not in get_args(Shape):
        raise ConfigError(
            f"no shape {shape!r}.{did_you_mean(shape, get_args(Shape))} There are: "
            f"{', '.join(get_args(Shape))}."
        )
    return shape


def _said(measure: Mapping[str, Any]) -> str:
    """``0.83 [0.80, 0.86]``."""
    if measure["interval"] is None:
        return f"{measure['value']:.2f}"
    low, high = measure["interval"]
    return f"{measure['value']:.2f} [{low:.2f}, {high:.2f}]"
