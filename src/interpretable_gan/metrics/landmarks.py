"""How faces are built: the shapes of their landmarks, whatever their place, turn and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError

Floats = NDArray[np.float64]

EYES = 33, 263
"""The outer corners of the eyes among the 468 points of a face mesh."""

EVERY = 6
"""Of that many points one is used: neighbours move together."""

COMPONENTS = 20
"""Principal components of shapes, which hold nearly all that differs between real faces."""


@dataclass(frozen=True, eq=False)
class FaceShapes:
    """What real faces look like, as a scale on which others are described.

    mean: of aligned shapes ``(numbers,)``. axes: their principal components in units of their
    deviation ``(numbers, components)``.
    """

    mean: Floats
    axes: Floats

    @classmethod
    def of(cls, points: ArrayLike) -> FaceShapes:
        """Fitted on landmarks of real faces, ``(n, 468, 2)``.

        Raises:
            MetricError: there are fewer faces than components, or they hardly differ.
        """
        shapes = aligned(points)
        if len(shapes) <= COMPONENTS:
            raise MetricError(f"{len(shapes)} faces; more than {COMPONENTS} are needed.")
        mean = shapes.mean(axis=0)
        _, scale, axes = np.linalg.svd(shapes - mean, full_matrices=False)
        deviation = scale[:COMPONENTS] / np.sqrt(len(shapes))
        if deviation[-1] < 1e-9:
            raise MetricError("the faces to fit on hardly differ.")
        return cls(mean, axes[:COMPONENTS].T / deviation)

    def scores(self, points: ArrayLike) -> Floats:
        """Landmarks ``(n, 468, 2)`` as deviations along the components, ``(n, components)``: of
        the faces it was fitted on each has mean 0 and variance 1."""
        return (aligned(points) - self.mean) @ self.axes


def aligned(points: ArrayLike) -> Floats:
    """Landmarks ``(n, 468, 2)`` with level eyes that are one apart, flat: ``(n, numbers)``.

    Raises:
        MetricError: other shapes, or a face whose eyes are at one place.
    """
    places = np.asarray(points, np.float64)
    if places.ndim != 3 or places.shape[1:] != (468, 2):
        raise MetricError(f"landmarks have shape {places.shape}; expected (faces, 468, 2).")
    # as complex numbers: to divide by what leads from eye to eye turns and scales at once
    plane = places[..., 0] + 1j * places[..., 1]
    left, right = plane[:, EYES[0], None], plane[:, EYES[1], None]
    if (left == right).any():
        raise MetricError("a face has both eyes at one place.")
    level = ((plane - (left + right) / 2) / (right - left))[:, ::EVERY]
    return np.concatenate([level.real, level.imag], axis=1)


def spread(scores: NDArray[Any]) -> float:
    """How various a set of faces is: the median over faces of the root mean square score about the
    set's own mean; higher is more various, about 1 for real ones."""
    return float(np.median(np.sqrt(((scores - scores.mean(axis=0)) ** 2).mean(axis=1))))
