"""Who lies in whose neighbourhood: the four counts of precision, recall, density and coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.neighbours import (
    Bounds,
    Comparison,
    blocks,
    exact_squares,
    in_parallel,
    radii_squared,
)
from interpretable_gan.metrics.quality.subsamples import (
    permuted_scores,
    rows_of_subsample,
    subsample_intervals,
)
from interpretable_gan.metrics.result import Mode, Result

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

    def look(part: slice) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        pairs = _Block(real[part], fake, *bounds.block(part, slice(None)), bounds.scale)
        in_real = pairs.within(real_radii[part, None], comparison)
        in_fake = pairs.within(fake_radii[None, :], comparison)
        hits: NDArray[Any] = np.count_nonzero(in_real, axis=0)
        return hits, np.any(in_fake, axis=1), np.any(in_real, axis=1)

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


def neighbourhood_result(
    metric: str,
    read: Callable[[Membership], dict[str, float]],
    real: ArrayLike,
    fake: ArrayLike,
    k: int,
    comparison: Comparison,
    mode: Mode,
    seed: int,
    uncertainty: bool,
    extractor: Extractor | None,
    jobs: int | None,
) -> Result:
    """What ``read`` says of the memberships; its first score is the result's value."""
    real_rows, fake_rows = feature_pair(real, fake)
    found = []
    if mode == "strict":
        unique = np.unique(real_rows, axis=0)
        if len(unique) < len(real_rows):
            found.append(f"{len(real_rows) - len(unique)} exact duplicates of real rows removed.")
            real_rows = unique
    check_k(k, len(real_rows), len(fake_rows))

    def scores(real: Rows, fake: Rows) -> dict[str, float]:
        return read(membership(real, fake, k, comparison, jobs=jobs))

    values = scores(real_rows, fake_rows)
    first = next(iter(values))
    breakdown: dict[str, Any] = dict(values)
    interval = chance = None
    if uncertainty:
        check_k(k, rows_of_subsample(len(real_rows)), rows_of_subsample(len(fake_rows)))
        intervals = subsample_intervals(scores, real_rows, fake_rows, seed)
        by_chance = permuted_scores(scores, real_rows, fake_rows, seed)
        breakdown |= {"intervals": intervals, "chance": by_chance}
        interval, chance = intervals[first], by_chance[first]
    return Result(
        metric=metric,
        value=values[first],
        mode=mode,
        interval=interval,
        chance=chance,
        breakdown=breakdown,
        parameters={"k": k, "comparison": comparison, **describe_extractor(extractor)},
        data=describe_pair(real_rows, fake_rows),
        seed=seed,
        warnings=tuple(found),
    )
