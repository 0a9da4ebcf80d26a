"""Where an interventional metric holds one factor and redraws the others.

A world has ``factor_sizes``, ``sample_factors(count, rng)`` and ``encode(factors, rng)``; anything
with these three will do. Ready-made: a table of codes, a generator with an encoder or attribute
predictor, and, as a makeshift, fixed rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    IntArray,
    Rows,
    check_matrix,
    check_rows,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import SeedScore, checksum, measure_seeds

ROWS_AT_ONCE = 65_536


class World(Protocol):
    """Factors that can be set, and the codes that come of it."""

    factor_sizes: Sequence[int]

    def sample_factors(self, count: int, rng: np.random.Generator) -> IntArray:
        """(count, factors) integers 0…size−1."""
        ...

    def encode(self, factors: IntArray, rng: np.random.Generator) -> FloatArray:
        """(rows, codes) of factors (rows, factors)."""
        ...


class CodeTable:
    """A world where every factor combination has one code.

    Args:
        codes: (product of sizes, codes); the row of a combination is its C-order index, the last
            factor varying fastest.
        factor_sizes: number of values of each factor.
    """

    def __init__(self, codes: ArrayLike, factor_sizes: Sequence[int]) -> None:
        self.codes = check_matrix(codes, "code table", "code", None)
        self.factor_sizes = tuple(int(size) for size in factor_sizes)
        if len(self.codes) != np.prod(self.factor_sizes):
            raise MetricError(
                f"a code table for factors of sizes {list(self.factor_sizes)} needs "
                f"{np.prod(self.factor_sizes)} rows, got {len(self.codes)}."
            )

    def sample_factors(self, count: int, rng: np.random.Generator) -> IntArray:
        """Independent and uniform."""
        return rng.integers(0, self.factor_sizes, size=(count, len(self.factor_sizes)))

    def encode(self, factors: IntArray, rng: np.random.Generator) -> FloatArray:
        """Look the rows up."""
        return self.codes[np.ravel_multi_index(tuple(factors.T), self.factor_sizes)]


class Generated:
    """A world made by a generator and read by an encoder or attribute predictor.

    Args:
        read_back: ``(factors, rng) → codes``: set these named codes, draw fresh noise, generate,
            and read. Encoder view: returns inferred codes; generator view: predicted attributes.
        factor_sizes: number of values of each named code.
    """

    def __init__(
        self,
        read_back: Callable[[IntArray, np.random.Generator], ArrayLike],
        factor_sizes: Sequence[int],
    ) -> None:
        self.read_back = read_back
        self.factor_sizes = tuple(int(size) for size in factor_sizes)

    def sample_factors(self, count: int, rng: np.random.Generator) -> IntArray:
        """Independent and uniform."""
        return rng.integers(0, self.factor_sizes, size=(count, len(self.factor_sizes)))

    def encode(self, factors: IntArray, rng: np.random.Generator) -> FloatArray:
        """Generate and read."""
        return check_matrix(self.read_back(factors, rng), "codes read back", "code", None)


class FixedRows:
    """Rows in place of a world: to hold a factor is to draw, with replacement, among rows that
    have its value. Not comparable with a true intervention where factors are correlated.

    Args:
        codes: (rows, codes). factors: (rows, factors); a finely graded one is held within a bin
            of equal width, since hardly any two rows share a real value.

    Raises:
        MetricError: NaN or infinity, rows that do not match, or no factor that varies.
    """

    def __init__(
        self, codes: ArrayLike, factors: ArrayLike, *, factor_names: Sequence[str] | None = None
    ) -> None:
        notes: list[str] = []
        parts: tuple[Rows, ...] = (check_rows(codes, factors, factor_names=factor_names),)
        parts = without_constant_factors(parts, notes.append)
        (rows,) = with_discrete_factors(parts, mode="strict", note=notes.append)
        if not rows.factor_names:
            raise MetricError("every factor takes one value: there is nothing to hold.")
        self.notes = tuple(notes)
        self.codes = rows.codes
        columns = [np.unique(column, return_inverse=True)[1] for column in rows.factors.T]
        self.factors = np.stack(columns, axis=1).astype(np.int64)
        self.factor_sizes = tuple(int(size) for size in self.factors.max(axis=0) + 1)
        self._rows_by_value = [
            [np.flatnonzero(column == value) for value in range(size)]
            for column, size in zip(self.factors.T, self.factor_sizes, strict=True)
        ]

    def sample_factors(self, count: int, rng: np.random.Generator) -> IntArray:
        """Factors of random rows; the row number travels along as the last column."""
        row = rng.integers(0, len(self.codes), count)
        return np.column_stack([self.factors[row], row])

    def hold(
        self, factors: IntArray, factor: int, values: IntArray, rng: np.random.Generator
    ) -> IntArray:
        """Rows drawn among those where ``factor`` has the value."""
        row = np.empty(len(values), dtype=np.int64)
        for value in np.unique(values):
            asked = values == value
            row[asked] = rng.choice(self._rows_by_value[factor][value], asked.sum())
        return np.column_stack([self.factors[row], row])

    def encode(self, factors: IntArray, rng: np.random.Generator) -> FloatArray:
        """The codes of those rows."""
        return self.codes[factors[:, -1]]


def hold(
    world: World, factors: IntArray, factor: int, values: IntArray, rng: np.random.Generator
) -> IntArray:
    """The factors with one column set to ``values``, all else as it was."""
    if isinstance(world, FixedRows):
        return world.hold(factors, factor, values, rng)
    held = factors.copy()
    held[:, factor] = values
    return held


def encode_in_batches(
    world: World, factors: IntArray, rng: np.random.Generator, batch: int
) -> FloatArray:
    """Codes (batches, batch, codes) of many small batches, encoded in big ones."""
    codes = [
        world.encode(factors[start : start + ROWS_AT_ONCE], rng)
        for start in range(0, len(factors), ROWS_AT_ONCE)
    ]
    stacked = np.concatenate(codes)
    return stacked.reshape(-1, batch, stacked.shape[1])


def points(
    world: World,
    count: int,
    batch: int,
    rng: np.random.Generator,
    point: Callable[[IntArray, IntArray, IntArray], FloatArray],
) -> tuple[FloatArray, IntArray]:
    """Many points of a metric that draws a factor and then ``batch`` examples for each point.

    Args:
        point: ``(factor of each row, factors of each row, number of each row's batch) →
            (points, columns)``, called with chunks that fit into memory.

    Returns:
        Points (count, columns) and the factor each was drawn for (count,).
    """
    drawn = rng.integers(0, len(world.factor_sizes), count)
    chunk = max(1, ROWS_AT_ONCE * 4 // batch)
    values = []
    for start in range(0, count, chunk):
        part = drawn[start : start + chunk]
        owner = np.repeat(np.arange(len(part)), batch)
        factors = world.sample_factors(len(owner), rng)
        values.append(point(part[owner], factors, owner))
    return np.concatenate(values), drawn


def hold_each(
    world: World,
    factors: IntArray,
    which: IntArray,
    values: IntArray,
    rng: np.random.Generator,
) -> IntArray:
    """Hold a factor of its own in every row: factor ``which[row]`` at ``values[row]``."""
    held = factors.copy()
    for factor in np.unique(which):
        rows = which == factor
        held[rows] = hold(world, factors[rows], int(factor), values[rows], rng)
    return held


def measure_world(
    metric: str,
    score: SeedScore,
    world: World,
    *,
    mode: Mode,
    seed: int,
    parameters: Mapping[str, Any],
    uncertainty: bool = False,
    chance: float | None = None,
) -> Result:
    """``measure_seeds`` with the sizes of a world, its notes and, of tables or rows, a checksum."""
    rng = np.random.default_rng(seed)
    codes: NDArray[np.float64] | None = getattr(world, "codes", None)
    return measure_seeds(
        metric,
        score,
        mode=mode,
        seed=seed,
        parameters=parameters,
        data={
            "world": type(world).__name__,
            "factor_sizes": list(world.factor_sizes),
            "codes": world.encode(world.sample_factors(1, rng), rng).shape[1],
            "sha256": None if codes is None else checksum(codes),
        },
        notes=getattr(world, "notes", ()),
        uncertainty=uncertainty,
        chance=chance,
    )
