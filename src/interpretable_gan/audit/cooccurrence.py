"""How often attributes differ together in the data: what an edit may change by right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.readings import THIRD, value
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

BINS = 60
"""Of the range of a continuous attribute."""


def differs(attribute: Attribute, some: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows of two sets of columns ``(rows, width)`` say different things; a continuous value
    must move by more than a third of its range."""
    if attribute.kind == "continuous":
        return np.abs(some - others)[:, 0] > 2 * THIRD
    return value(attribute, some) != value(attribute, others)


def data_rates(
    schema: Schema, codes: NDArray[np.float32], known: NDArray[np.bool_], names: tuple[str, ...]
) -> NDArray[np.float64]:
    """P(j differs | k differs) for two random rows of the data, ``(k, j)``; exact, from the joint
    frequencies of every two attributes; nan where k never differs.

    Args:
        codes, known: ``(rows, named columns)``; a pair of attributes uses the rows that have both.
    """
    states, apart = {}, {}
    for name in names:
        attribute, columns = schema[name], schema.slices[name]
        states[name] = _states(attribute, codes[:, columns])
        apart[name] = _apart(attribute)
    there = {name: known[:, schema.slices[name]].all(axis=1) for name in names}
    rates = np.full((len(names), len(names)), np.nan)
    for row, k in enumerate(names):
        for column, j in enumerate(names):
            both = there[k] & there[j]
            if not both.any():
                continue
            joint = np.zeros((len(apart[k]), len(apart[j])))
            np.add.at(joint, (states[k][both], states[j][both]), 1)
            joint /= joint.sum()
            mine = joint.sum(axis=1)
            k_differs = float(mine @ apart[k] @ mine)
            if k_differs > 0:
                rates[row, column] = float((apart[k] @ joint @ apart[j] * joint).sum()) / k_differs
    return rates


def _states(attribute: Attribute, columns: NDArray[np.float32]) -> NDArray[np.int64]:
    if attribute.kind == "continuous":
        return np.clip(((columns[:, 0] + 1) / 2 * BINS).astype(np.int64), 0, BINS - 1)
    return value(attribute, columns)


def _apart(attribute: Attribute) -> NDArray[np.float64]:
    """1 where two states differ, as `differs` has it."""
    if attribute.kind != "continuous":
        return 1 - np.eye(2 if attribute.kind == "binary" else attribute.width)
    middles = (np.arange(BINS) + 0.5) / BINS * 2 - 1
    return (np.abs(middles[:, None] - middles) > 2 * THIRD).astype(np.float64)
