"""From attributes to a target: a head that adds up what each attribute says.

    score = offset + Σ_k f_k(s_k)

The s_k are what the encoder reads of every attribute but the target; each f_k is linear, or a
smooth shape of its one attribute, with mean 0 over the training data. A generalised additive model
(Hastie & Tibshirani 1990) on cubic B-splines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.special import log_softmax

from interpretable_gan.atomic import write_text
from interpretable_gan.data.batches import rows_for
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import (
    ConfigError,
    DataError,
    RunError,
    SchemaError,
    did_you_mean,
)
from interpretable_gan.explain.calibration import as_logits, read_rows
from interpretable_gan.explain.explanation import freeze
from interpretable_gan.explain.origin import fingerprint, refuse_other
from interpretable_gan.metrics.result import plain
from interpretable_gan.metrics.uncertainty import bootstrap_interval
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

Shape = Literal["linear", "smooth"]
Array = NDArray[np.float64]

KNOTS = np.linspace(-1, 1, 6)
"""Ends of the pieces of a smooth shape; codes lie between."""
STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
"""Freedoms of the weights among which held-out rows choose: small ones shrink more."""
UNSEEN = -20.0
"""Score of a level that no training row had."""
RESAMPLES = 200
ROWS_AT_ONCE = 1024


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
        write_text(Path(path), json.dumps(self._plain(), allow_nan=False) + "\n")

    def _plain(self) -> dict[str, Any]:
        """Every field as JSON knows it; of the schema the names."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain(told | {"schema": self.schema.names})

    def check(self, model: InterpretableGAN) -> None:
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
            told = json.loads(Path(path).read_text(encoding="utf-8"))
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
        features = basis(np.zeros((1, 1)), _shape(self.shape)).shape[2]
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


def fit_target(
    model: InterpretableGAN,
    data: Dataset,
    target: str | None = None,
    *,
    shape: Shape = "linear",
    progress: Progress = silent,
) -> TargetHead:
    """Fit a head for a target on the encoder's readings of training images.

    Weights are shrunk (ridge), as much as suits the validation split; the test split measures.
    The loss is logistic for a binary target, multinomial for a categorical one and squared for a
    continuous one. Only rows with a label for the target count.

    Args:
        target: a named attribute; by default the schema's target.
        shape: ``linear``, or ``smooth`` for a shape per column.
        progress: told how many images are read.

    Raises:
        SchemaError: no target is named, or there is no other attribute.
        UnknownAttributeError: the schema has no such attribute.
        ConfigError: no such shape.
        DataError: data of another schema, without validation or test images, or fewer than two
            values among the training labels.
    """
    asked, shape = _asked(model.schema, target), _shape(shape)
    if len(model.schema.names) == 1:
        raise SchemaError(
            f"{asked.name!r} is the only attribute, so nothing else can explain it: train with "
            "discovered attributes, or add labels."
        )
    if data.schema.named != model.schema.named:
        raise DataError(f"data set {data.name!r} has another schema than the model.")
    parts = _labelled(
        model,
        data,
        asked,
        [
            data.rows("train"),
            rows_for("which set how far weights shrink", data, "validation"),
            rows_for("which measure the head", data, "test"),
        ],
        progress,
    )
    (code, truth), (chosen_on, truths), (held_out, true) = parts
    if len(np.unique(truth)) < 2 or not len(true) or not len(truths):
        raise DataError(
            f"data set {data.name!r} has fewer than two values of {asked.name!r} to learn from."
        )
    keep = np.ones(model.schema.columns, bool)
    keep[model.schema.slices[asked.name]] = False  # the target does not explain itself
    features = basis(code, shape) * keep[:, None]
    centre = features.mean(axis=0)
    spread = features.std(axis=0)
    flat = ((features - centre) / np.where(spread > 0, spread, 1)).reshape(len(code), -1)

    def head(strength: float) -> TargetHead:
        weights, offset = _fitted(asked, flat, truth, strength)
        scaled = weights.reshape(len(offset), *centre.shape) / np.where(spread > 0, spread, 1)
        return TargetHead(
            model.schema, asked.name, shape, offset, scaled * keep[:, None], centre, {}, {},
            strength, len(code), len(held_out), data.checksum, origin,
        )  # fmt: skip

    origin = fingerprint(model)
    heads = [head(strength) for strength in STRENGTHS]
    best = min(heads, key=lambda each: _loss(asked, each.scores(chosen_on), truths))
    sizes = np.abs(best.contributions(held_out)).mean(axis=(0, 2))
    reading = _own_scores(model.schema, asked, held_out)
    quality = _quality(asked, best.scores(held_out), true, truth)
    quality["of_encoder"] = _quality(asked, reading, true, truth)
    importance = dict(zip(best.names, sizes.tolist(), strict=True))
    return replace(best, importance=importance, quality=quality)


def _shape(shape: Shape) -> Shape:
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


def _asked(schema: Schema, target: str | None) -> Attribute:
    """The attribute that is the target."""
    if target is None and schema.target is None:
        raise SchemaError(
            f"schema {schema.name!r} names no target: name one of "
            f"{', '.join(attribute.name for attribute in schema.named)}."
        )
    attribute = schema[target or schema.target or ""]
    if attribute.source == "discovered":
        raise SchemaError(f"{attribute.name!r} was discovered and has no labels to learn from.")
    return attribute


def _labelled(
    model: InterpretableGAN,
    data: Dataset,
    target: Attribute,
    splits: Sequence[NDArray[np.int64]],
    progress: Progress,
) -> list[tuple[NDArray[np.float32], Array]]:
    """Of each split's rows with a label, codes as the encoder reads them and the labels of the
    target: 0 or 1, the level's place, or the value."""
    columns, reading = model.schema.slices[target.name], Reading(model.schema)
    splits = [rows[data.known[rows, columns].all(axis=1)] for rows in splits]
    total, done, found = sum(len(rows) for rows in splits), 0, []
    progress(Status(0, total, "reading images"))
    for rows in splits:
        codes = [np.zeros((0, model.schema.columns), np.float32)]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            raw = read_rows(model, data, rows[start : start + ROWS_AT_ONCE])
            codes.append(reading.as_code(torch.from_numpy(raw)).numpy())
            done += len(raw)
            progress(Status(done, total, "reading images"))
        found.append((np.concatenate(codes), _truth(target, data.codes[rows, columns])))
    return found


def _truth(target: Attribute, labels: NDArray[np.float32]) -> Array:
    """Labels as numbers: 0 or 1, the level's place, or the value."""
    if target.kind == "continuous":
        return target.decode(labels).astype(np.float64)
    return as_logits(target, labels).argmax(axis=1).astype(np.float64)


def _fitted(
    target: Attribute, features: Array, truth: Array, strength: float
) -> tuple[Array, Array]:
    """Weights (output, feature) and offset (output,) of standardised features."""
    from sklearn.linear_model import LogisticRegression, Ridge

    if target.kind == "continuous":
        ridge = Ridge(alpha=1 / strength).fit(features, truth)
        return ridge.coef_[None], np.array([ridge.intercept_])
    logistic = LogisticRegression(C=strength, max_iter=5000).fit(features, truth)
    if target.kind == "binary":
        return logistic.coef_, logistic.intercept_
    weights = np.zeros((target.width, features.shape[1]))
    offset = np.full(target.width, UNSEEN)
    seen = logistic.classes_.astype(int)
    if len(seen) == 2:  # one score then tells the two apart
        weights[seen[1]], offset[seen] = logistic.coef_[0], [0.0, logistic.intercept_[0]]
    else:
        weights[seen], offset[seen] = logistic.coef_, logistic.intercept_
    return weights, offset


def _loss(target: Attribute, scores: Array, truth: Array) -> float:
    """Mean squared error, or mean cross-entropy."""
    if target.kind == "continuous":
        return float(np.square(scores[:, 0] - truth).mean())
    said = log_softmax(as_logits(target, scores), axis=1)
    return -float(said[np.arange(len(truth)), truth.astype(int)].mean())


def _own_scores(schema: Schema, target: Attribute, code: NDArray[np.float32]) -> Array:
    """What the encoder reads of the target itself, as scores that can be compared with labels."""
    columns = code[:, schema.slices[target.name]]
    if target.kind == "continuous":
        return target.decode(columns)[:, None].astype(np.float64)
    return columns.astype(np.float64)


def _quality(target: Attribute, scores: Array, truth: Array, trained_on: Array) -> dict[str, Any]:
    """Measures with 95 % intervals, by resampling rows."""
    if target.kind == "continuous":
        gap = scores[:, 0] - truth
        usual = np.square(truth - trained_on.mean())
        return {
            "r2": _measure(lambda rows: 1 - np.square(gap[rows]).sum() / usual[rows].sum(), truth),
            "mean_absolute_error": _measure(lambda rows: np.abs(gap[rows]).mean(), truth),
        }
    right = as_logits(target, scores).argmax(axis=1) == truth
    most = np.bincount(trained_on.astype(int)).argmax()
    found = _measure(lambda rows: right[rows].mean(), truth)
    return {"accuracy": found | {"usual": float((truth == most).mean())}}


def _measure(measure: Callable[[NDArray[np.int64]], Any], truth: Array) -> dict[str, Any]:
    """A value on all rows, and its interval."""
    count, rng = len(truth), np.random.default_rng(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(measure(np.arange(count)))
        again = [float(measure(rng.integers(0, count, count))) for _ in range(RESAMPLES)]
    return {"value": value, "interval": bootstrap_interval(value, again)}


def _said(measure: Mapping[str, Any]) -> str:
    """``0.83 [0.80, 0.86]``."""
    if measure["interval"] is None:
        return f"{measure['value']:.2f}"
    low, high = measure["interval"]
    return f"{measure['value']:.2f} [{low:.2f}, {high:.2f}]"
