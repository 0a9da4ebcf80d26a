"""Fitting a target head: an additive model of what the encoder reads of the other attributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax

from interpretable_gan.data.batches import rows_for
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import (
    DataError,
    SchemaError,
)
from interpretable_gan.explain.calibration import as_logits, read_rows
from interpretable_gan.explain.target_head import Array, Shape, TargetHead, basis, known_shape
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
"""Freedoms of the weights among which validation rows choose: small ones shrink more."""
UNSEEN = -20.0
"""Score of a level that no training row had."""
ROWS_AT_ONCE = 1024


def fit_target(
    model: ImageModel,
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
    asked, shape = _asked(model.schema, target), known_shape(shape)
    schema = model.schema.trained
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
    origin = fingerprint(model)
    heads = [
        replace(each, checksum=data.checksum, model=origin, measured_on=len(held_out))
        for each in _heads(schema, asked, shape, code, truth)
    ]
    best = min(heads, key=lambda each: _loss(asked, each.scores(chosen_on), truths))
    sizes = np.abs(best.contributions(held_out)).mean(axis=(0, 2))
    reading = _own_scores(schema, asked, held_out)
    quality = _quality(asked, best.scores(held_out), true, truth)
    quality["of_encoder"] = _quality(asked, reading, true, truth)
    importance = dict(zip(best.names, sizes.tolist(), strict=True))
    return replace(best, importance=importance, quality=quality)


def _heads(
    schema: Schema, target: Attribute, shape: Shape, code: NDArray[np.float32], truth: Array
) -> list[TargetHead]:
    """A head for each of `STRENGTHS`, not measured yet."""
    keep = np.ones(schema.columns, bool)
    keep[schema.slices[target.name]] = False  # the target does not explain itself
    features = basis(code, shape) * keep[:, None]
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    flat = ((features - centre) / spread).reshape(len(code), -1)
    found = []
    for strength in STRENGTHS:
        weights, offset = _fitted(target, flat, truth, strength)
        scaled = weights.reshape(len(offset), *centre.shape) / spread * keep[:, None]
        found.append(
            TargetHead(
                schema, target.name, shape, offset, scaled, centre, {}, {}, strength, len(code),
                measured_on=0, checksum="", model="",
            )
        )  # fmt: skip
    return found


def _asked(schema: Schema, target: str | None) -> Attribute:
    """The attribute that is the target."""
    if target is None and schema.target is None:
        raise SchemaError(
            f"schema {schema.name!r} names no target: name one of "
            f"{', '.join(attribute.name for attribute in schema.named)}."
        )
    attribute = schema[target or schema.target or ""]
    if attribute.source != "named":
        raise SchemaError(
            f"{attribute.name!r} was {attribute.source}: it has no labels to learn from."
        )
    if len(schema.names) == 1:
        raise SchemaError(
            f"{attribute.name!r} is the only attribute, so nothing else can explain it: train with "
            "discovered attributes, or add labels."
        )
    return attribute


def _labelled(
    model: ImageModel,
    data: Dataset,
    target: Attribute,
    splits: Sequence[NDArray[np.int64]],
    progress: Progress,
) -> list[tuple[NDArray[np.float32], Array]]:
    """Of each split's rows with a label, codes as the encoder reads them and the labels of the
    target: 0 or 1, the level's place, or the value."""
    schema = model.schema.trained
    columns, reading = schema.slices[target.name], Reading(schema)
    splits = [rows[data.known[rows, columns].all(axis=1)] for rows in splits]
    total, done, found = sum(len(rows) for rows in splits), 0, []
    progress(Status(0, total, "reading images"))
    for rows in splits:
        codes = [np.zeros((0, schema.columns), np.float32)]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            raw = read_rows(model, data, rows[start : start + ROWS_AT_ONCE])[:, : schema.columns]
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
    value, interval = resampled_interval(measure, len(truth), np.random.default_rng(0))
    return {"value": value, "interval": interval}
