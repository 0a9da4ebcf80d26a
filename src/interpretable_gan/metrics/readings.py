"""From numbers per column to what they say, and how well that agrees with the labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

Columns = NDArray[np.floating[Any]]
"""Codes or scores, (rows, columns)."""

THIRD = 1 / 3
"""Continuous columns below −1/3 are low (0), above 1/3 high (2), else middle (1)."""

READABLE = 0.75
"""Least balanced accuracy of an attribute on which claims are made."""

READABLE_R2 = 0.5
"""The same for a continuous one: least share of its variance that the readings explain."""


class Judge(Protocol):
    """Whoever says what images show of named attributes, on the scale of codes.

    ``name``: what results call it; ``schema``: what it reads; ``readable``: the attributes on whose
    readings claims may rest.
    """

    @property
    def name(self) -> str: ...

    @property
    def schema(self) -> Schema: ...

    @property
    def readable(self) -> tuple[str, ...]: ...

    def read(self, images: Images) -> Columns:
        """Scores ``(batch, named columns)`` of images in [-1, 1]."""


def values(schema: Schema, columns: Columns) -> dict[str, NDArray[np.int64]]:
    """What codes, or scores on the scale of codes, say of each attribute, ``(rows,)`` each.

    binary: 0 off, 1 on; categorical: the level's place; continuous: the third of the range.
    """
    return {name: value(schema[name], part) for name, part in schema.unpack(columns).items()}


def value(attribute: Attribute, part: Columns) -> NDArray[np.int64]:
    """What one attribute's columns ``(rows, width)`` say, as in ``values``."""
    if attribute.kind == "categorical":
        return part.argmax(axis=1)
    if attribute.kind == "continuous":
        return np.digitize(part[:, 0], [-THIRD, THIRD])
    return (part[:, 0] > 0).astype(np.int64)


@dataclass(frozen=True)
class Reliability:
    """How well an attribute is read.

    ``accuracy`` share of rows read right; ``balanced_accuracy`` the same averaged over the values
    that occur; ``r2`` of a continuous attribute, None of others. nan where there are no labels.
    """

    accuracy: float
    balanced_accuracy: float
    r2: float | None = None

    @property
    def readable(self) -> bool:
        """Whether claims may rest on these readings: balanced accuracy ≥ 0.75, or R² ≥ 0.5."""
        if self.r2 is not None:
            return self.r2 >= READABLE_R2
        return self.balanced_accuracy >= READABLE


def reliability(attribute: Attribute, scores: Columns, truth: Columns) -> Reliability:
    """Compare scores with the labels of the same rows, both ``(rows, width)``, all known."""
    if not len(truth):
        return Reliability(np.nan, np.nan, np.nan if attribute.kind == "continuous" else None)
    said, true = value(attribute, scores), value(attribute, truth)
    balanced = mean_recall(said, true) if len(np.unique(true)) > 1 else np.nan
    r2 = _r2(scores[:, 0], truth[:, 0]) if attribute.kind == "continuous" else None
    return Reliability(float((said == true).mean()), balanced, r2)


def mean_recall(said: NDArray[Any], true: NDArray[Any]) -> float:
    """Share of rows ``(rows,)`` that are told rightly, mean over the true values that occur."""
    return float(np.mean([(said[true == v] == v).mean() for v in np.unique(true)]))


def agreement(
    schema: Schema, scores: NDArray[Any], codes: NDArray[Any], known: NDArray[np.bool_]
) -> dict[str, Reliability]:
    """Attribute name → how well scores agree with the known labels of the same rows."""
    found = {}
    for attribute in schema.named:
        columns = schema.slices[attribute.name]
        rows = known[:, columns].all(axis=1)
        found[attribute.name] = reliability(attribute, scores[rows, columns], codes[rows, columns])
    return found


def _r2(scores: Columns, truth: Columns) -> float:
    """Share of the variance that the best line through the scores explains; 0 if it falls."""
    if not scores.std() or not truth.std():
        return np.nan
    return max(0.0, float(np.corrcoef(scores, truth)[0, 1])) ** 2
