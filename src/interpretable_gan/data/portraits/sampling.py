"""Who is to be drawn: codes, independent or correlated as among real people, and styles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from interpretable_gan.data.portraits.attributes import schema
from interpretable_gan.data.portraits.sitter import STYLE
from interpretable_gan.schema.attribute import Attribute

FREQUENCY = {
    "smiling": 0.5,
    "mouth_open": 0.4,
    "lipstick": 0.4,
    "beard": 0.25,
    "bangs": 0.25,
    "hat": 0.1,
    "eyeglasses": 0.2,
    "earrings": 0.25,
}
"""How often a binary attribute is on in correlated sampling; in independent sampling it is half."""

CORRELATION = {
    ("smiling", "mouth_open"): 0.6,
    ("lipstick", "earrings"): 0.6,
    ("lipstick", "beard"): -0.7,
    ("earrings", "beard"): -0.5,
    ("lipstick", "hair_length"): 0.6,
    ("earrings", "hair_length"): 0.5,
    ("beard", "hair_length"): -0.5,
    ("bangs", "hair_length"): 0.3,
    ("bangs", "hat"): -0.3,
    ("eyeglasses", "age"): 0.4,
    ("hair_color", "age"): 0.5,
    ("hair_color", "skin_tone"): -0.5,
}
"""Correlation of the hidden normal numbers behind two attributes. The levels of a categorical one
are ordered as listed, so ``hair_color`` goes from black to gray."""


def sample_codes(
    count: int, rng: np.random.Generator, *, correlated: bool = False
) -> NDArray[np.float32]:
    """Codes ``(count, columns)`` of the portraits' schema.

    Independent: every attribute uniform over its values. Correlated: a Gaussian copula with the
    pairs in ``CORRELATION``, binary attributes as rare as ``FREQUENCY`` says.
    """
    attributes = schema().attributes
    if correlated:
        hidden = rng.standard_normal((count, len(attributes))) @ _mixing().T
        uniform = ndtr(hidden)
    else:
        uniform = rng.random((count, len(attributes)))
    frequency = FREQUENCY if correlated else {}
    columns = [
        _columns(attribute, uniform[:, i], frequency.get(attribute.name, 0.5))
        for i, attribute in enumerate(attributes)
    ]
    return np.concatenate(columns, axis=1).astype(np.float32)


def sample_styles(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Styles ``(count, len(STYLE))``: standard normal numbers for all that has no name."""
    return rng.standard_normal((count, len(STYLE))).astype(np.float32)


def _columns(
    attribute: Attribute, uniform: NDArray[np.float64], frequency: float
) -> NDArray[np.float64]:
    """Numbers in [0, 1) as the attribute's columns, ``(count, width)``; larger is more."""
    if attribute.kind == "continuous":
        return 2 * uniform[:, None] - 1
    if attribute.kind == "binary":
        return np.where(uniform[:, None] >= 1 - frequency, 1.0, -1.0)
    level = np.minimum(uniform * attribute.width, attribute.width - 1).astype(int)
    return 2 * np.eye(attribute.width)[level] - 1


def _mixing() -> NDArray[np.floating[Any]]:
    """Cholesky factor of the correlation matrix, ``(attributes, attributes)``."""
    names = schema().names
    correlation = np.eye(len(names))
    for (one, other), value in CORRELATION.items():
        i, j = names.index(one), names.index(other)
        correlation[i, j] = correlation[j, i] = value
    return np.linalg.cholesky(correlation)
