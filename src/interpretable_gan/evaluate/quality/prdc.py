"""Who lies in whose neighbourhood: the four counts of precision, recall, density and coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.evaluate.quality.features import Rows
from interpretable_gan.evaluate.quality.neighbours import (
    Bounds,
    Comparison,
    blocks,
    exact_squares,
    in_parallel,
    radii_squared,
)

Floats = NDArray[np.float64]

UNIT = np.float32(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Membership:
    """Neighbourhood counts, row by row.

    ``hits`` (m,): real neighbourhoods that each generated row lies in. ``reached`` (n,): whether
    a real row lies in a generated neighbourhood. ``covered`` (n,): whether a generated row lies
    in a real row's neighbourhood.
    """

    hits: NDArray[np.int64]
    reached: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    real_radii: Floats
    fake_radii: Floats
    k: int

    @property
    def precision(self) -> float:
        """Share of generated rows inside the real manifold."""
        return float((self.hits > 0).mean())

    @property
    def recall(self) -> float:
        """Share of real rows inside the generated manifold."""
        return float(self.reached.mean())

    @property
    def density(self) -> float:
        """Mean number of real neighbourhoods around a generated row, over ``k``."""
        return float(self.hits.mean() / self.k)

    @property
    def coverage(self) -> float:
        """Share of real neighbourhoods with a generated row in them."""
        return float(self.covered.mean())


def membership(
    real: Rows, fake: Rows, k: int, comparison: Comparison, *, jobs: int | None = None
) -> Membership:
    """Count memberships of both sides, in one pass over the distances between them."""
    real_radii = radii_squared(real, k, jobs=jobs)
    fake_radii = radii_squared(fake, k, jobs=jobs)
    bounds = Bounds(real, fake)

    def look(part: slice) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        pairs = _Block(real[part], fake, *bounds.block(part, slice(None)), bounds.scale)
        in_real = pairs.within(real_radii[part, None], comparison)
        in_fake = pairs.within(fake_radii[None, :], comparison)
        return np.count_nonzero(in_real, axis=0), in_fake.any(axis=1), in_real.any(axis=1)

    hits, reached, covered = zip(*in_parallel(look, blocks(len(real)), jobs), strict=True)
    return Membership(
        np.sum(hits, axis=0),
        np.concatenate(reached),
        np.concatenate(covered),
        real_radii,
        fake_radii,
        k,
    )


@dataclass(frozen=True)
class _Block:
    """Bounds of the squared distances of some real rows to all generated ones."""

    real: Rows
    fake: Rows
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    scale: float

    def within(self, radii: Floats, comparison: Comparison) -> NDArray[np.bool_]:
        """Which pairs are nearer than the squared radius, ``(real, 1)`` or ``(1, generated)``."""
        limits = (radii / self.scale**2).astype(np.float32)
        inside = self.high < limits * (1 - 4 * UNIT)
        i, j = np.nonzero(~inside & (self.low <= limits * (1 + 4 * UNIT)))
        squares = exact_squares(self.real, self.fake, i, j)
        limit = np.broadcast_to(radii, inside.shape)[i, j]
        inside[i, j] = squares < limit if comparison == "<" else squares <= limit
        return inside


def check_k(k: int, real: int, fake: int) -> None:
    """Refuse a ``k`` that some row has no k-th neighbour for."""
    most = min(real, fake) - 1
    if not 1 <= k <= most:
        raise MetricError(
            f"k = {k} needs more than {k} rows on both sides, but there are {real} real and "
            f"{fake} generated ones; the allowed maximum is {most}."
        )
