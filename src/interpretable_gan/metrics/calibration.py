"""Bring raw readings to the scale of codes, so that values are said as often as they occur.

A classifier at its natural threshold hardly ever says a rare value, and a regression says extremes
too rarely. Matching frequencies on held-out rows cures both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.readings import Columns, value
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

STEPS = 200
"""Rounds in which the levels' offsets settle."""


def matched(
    schema: Schema, raw: Columns, codes: Columns, known: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Offset and scale per column: ``(raw − offset) · scale`` reads as often as ``codes`` say.

    binary: on as often as labelled; categorical: each level as often as labelled; continuous: mean
    and spread of the labels.

    Args:
        raw, codes, known: held-out rows, each ``(rows, columns)``; unknown cells are left out.
    """
    offset = np.zeros(schema.named_columns, np.float32)
    scale = np.ones(schema.named_columns, np.float32)
    for attribute in schema.named:
        columns = schema.slices[attribute.name]
        rows = known[:, columns].all(axis=1)
        if rows.any():
            match = MATCH[attribute.kind]
            offset[columns], scale[columns] = match(
                attribute, raw[rows, columns], codes[rows, columns]
            )
    return offset, scale


def _binary(attribute: Attribute, raw: Columns, codes: Columns) -> tuple[Any, Any]:
    frequency = value(attribute, codes).mean()
    return np.quantile(raw, 1 - frequency), 1


def _categorical(attribute: Attribute, raw: Columns, codes: Columns) -> tuple[Any, Any]:
    """Raise the offset of a level that is said too often until it no longer is."""

    def shares(columns: Columns) -> NDArray[np.float64]:
        count = np.bincount(value(attribute, columns), minlength=attribute.width)
        return (count + 0.5) / len(columns)

    offset, wanted = np.zeros(attribute.width), shares(codes)
    for _ in range(STEPS):
        offset += 0.1 * np.log(shares(raw - offset) / wanted)
    return offset, 1


def _continuous(attribute: Attribute, raw: Columns, codes: Columns) -> tuple[Any, Any]:
    scale = codes.std() / raw.std() if raw.std() and codes.std() else 1.0
    return raw.mean() - codes.mean() / scale, scale


MATCH = {"binary": _binary, "categorical": _categorical, "continuous": _continuous}


def best_threshold(above: NDArray[Any], below: NDArray[Any]) -> tuple[float, float]:
    """The number that best separates two samples, and the mean share on its right side.

    Both samples count alike, whatever their sizes. Of equally good numbers the middle one.

    Returns:
        the threshold, and its balanced accuracy, 0.5 to 1.
    """
    values = np.unique(np.concatenate([above, below]).astype(np.float64))
    middles = (values[:-1] + values[1:]) / 2
    cuts = np.concatenate([values[:1] - 1, middles])
    higher = 1 - np.searchsorted(np.sort(above), cuts, side="right") / len(above)
    lower = np.searchsorted(np.sort(below), cuts, side="right") / len(below)
    right = (higher + lower) / 2
    best = np.flatnonzero(right == right.max())
    chosen = best[len(best) // 2]
    return float(cuts[chosen]), float(right[chosen])
