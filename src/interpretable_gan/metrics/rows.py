"""Rows of codes and factors, checked at the door, with names for every column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.discretise import histogram_bins, histogram_edges
from interpretable_gan.metrics.result import Mode

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Note = Callable[[str], None]
"""Takes one sentence about a degenerate event; it ends in the result's ``warnings``."""

PER_CLASS = 10
"""Observations per class of a factor, about five on each side, for whole ones to be dealt out."""
SAME_CODE = 4
"""Decimals, in standard deviations, to which codes of one observation agree: float32 rounds more
finely, sampling noise of an encoder more coarsely."""
DEALS = 20
"""Random deals of which the best is kept."""
MOST_CLASSES = 20
"""Classes of a factor, unless it has more of them with ``ROWS_PER_CLASS`` rows each; and bins of a
factor that has too many."""
ROWS_PER_CLASS = 5
"""Rows per value, on average, with which many values still count as classes."""


@dataclass(frozen=True)
class Rows:
    """Codes and the factors behind them: one row per example, one named column per dimension.

    ``codes`` is (rows, codes), ``factors`` (rows, factors); both float64 and finite.
    """

    codes: FloatArray
    factors: FloatArray
    code_names: tuple[str, ...]
    factor_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was decided about these rows before they were measured."""

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: IntArray) -> Rows:
        """The same columns, only these rows."""
        return replace(self, codes=self.codes[rows], factors=self.factors[rows])

    def with_codes(self, keep: NDArray[Any]) -> Rows:
        """The same rows, only these codes."""
        names = tuple(np.asarray(self.code_names, dtype=object)[keep])
        return replace(self, codes=self.codes[:, keep], code_names=names)

    def with_factors(self, keep: NDArray[Any]) -> Rows:
        """The same rows, only these factors."""
        names = tuple(np.asarray(self.factor_names, dtype=object)[keep])
        return replace(self, factors=self.factors[:, keep], factor_names=names)

    def shuffled(self, rng: np.random.Generator) -> Rows:
        """Codes torn from their factors: same marginals, no relation left."""
        return replace(self, codes=self.codes[rng.permutation(len(self))])


def check_rows(
    codes: ArrayLike,
    factors: ArrayLike | None = None,
    *,
    code_names: Sequence[str] | None = None,
    factor_names: Sequence[str] | None = None,
) -> Rows:
    """Codes (rows, codes) and factors (rows, factors) as ``Rows``.

    Names default to ``code_0``… and ``factor_0``…. Raises ``MetricError`` for a wrong shape, for
    rows that do not match and for NaN or infinity, naming the column.
    """
    z = check_matrix(codes, "codes", "code", code_names)
    v = np.empty((len(z), 0))
    if factors is not None:
        v = check_matrix(numbered(factors), "factors", "factor", factor_names)
    if len(z) != len(v):
        raise MetricError(
            f"codes have {len(z)} rows and factors {len(v)}: pass one row of each per example."
        )
    return Rows(
        z, v, names_of("code", z.shape[1], code_names), names_of("factor", v.shape[1], factor_names)
    )


def check_matrix(
    values: ArrayLike, what: str, column: str, names: Sequence[str] | None = None
) -> FloatArray:
    """A finite float64 matrix (rows, columns) with at least one of each, or ``MetricError``."""
    array = as_array(values)
    if array.ndim != 2 or 0 in array.shape:
        raise MetricError(
            f"{what} must be a table of shape (rows, columns), got shape {array.shape}."
        )
    if array.dtype.kind not in "biuf":
        raise MetricError(f"{what} must be numbers, got {array.dtype}.")
    array = array.astype(np.float64)
    bad = ~np.isfinite(array)
    if bad.any():
        where = int(np.flatnonzero(bad.any(axis=0))[0])
        name = names_of(column, array.shape[1], names)[where]
        raise MetricError(
            f"{what}: column {name!r} has NaN or infinite values in {int(bad[:, where].sum())} of "
            f"{len(array)} rows; drop or fill those rows first."
        )
    return array


def as_array(values: ArrayLike) -> NDArray[Any]:
    """A numpy array of a tensor (on any device, of any precision), list or array."""
    detach = getattr(values, "detach", None)
    if detach is None:
        return np.asarray(values)
    tensor = detach().cpu()
    return tensor.numpy() if "bfloat16" not in str(tensor.dtype) else tensor.float().numpy()


def numbered(factors: ArrayLike) -> NDArray[Any]:
    """Factors as numbers: text levels become 0, 1, … in sorted order, numbers stay."""
    array = as_array(factors)
    if array.ndim != 2 or array.dtype.kind in "biuf":
        return array
    columns = [np.unique(column.astype(str), return_inverse=True)[1] for column in array.T]
    return np.stack(columns, axis=1)


def names_of(kind: str, count: int, names: Sequence[str] | None) -> tuple[str, ...]:
    """The given column names, or ``kind_0``, ``kind_1``, …"""
    if names is None:
        return tuple(f"{kind}_{index}" for index in range(count))
    if len(names) != count or len(set(names)) != count:
        raise MetricError(f"expected {count} different names, one per {kind}, got {list(names)}.")
    return tuple(map(str, names))


def train_and_test(
    codes: ArrayLike,
    factors: ArrayLike,
    test_codes: ArrayLike | None,
    test_factors: ArrayLike | None,
    *,
    code_names: Sequence[str] | None,
    factor_names: Sequence[str] | None,
    mode: Mode,
    seed: int,
) -> tuple[Rows, Rows]:
    """Both parts as given, or one set dealt out in halves where no test rows are given."""
    rows = check_rows(codes, factors, code_names=code_names, factor_names=factor_names)
    if (test_codes is None) != (test_factors is None):
        given, lacking = ("codes", "factors") if test_factors is None else ("factors", "codes")
        raise MetricError(f"test {given} without test {lacking}: pass both, or neither.")
    if test_codes is None or test_factors is None:
        return split_rows(rows, mode=mode, rng=np.random.default_rng([seed, 3]))
    names = {"code_names": code_names, "factor_names": factor_names}
    return same_columns(rows, check_rows(test_codes, test_factors, **names))


def same_columns(train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Both parts, or ``MetricError`` where their columns differ in number."""
    if train.codes.shape[1] != test.codes.shape[1]:
        raise MetricError(
            f"training rows have {train.codes.shape[1]} codes, test rows {test.codes.shape[1]}."
        )
    if train.factors.shape[1] != test.factors.shape[1]:
        raise MetricError(
            f"training rows have {train.factors.shape[1]} factors, "
            f"test rows {test.factors.shape[1]}."
        )
    return train, test


def is_discrete(column: FloatArray) -> bool:
    """Whether a factor's values are classes: whole numbers, few of them or with rows enough each.

    Ages in days are whole numbers as well, but hardly any two rows share one.
    """
    if not np.all(column == np.round(column)):
        return False
    return len(np.unique(column)) <= max(MOST_CLASSES, len(column) / ROWS_PER_CLASS)


def with_discrete_factors(
    parts: tuple[Rows, ...], *, mode: Mode, note: Note, bins: int = MOST_CLASSES
) -> tuple[Rows, ...]:
    """Factors whose values are no classes, cut into bins of equal width; edges from the first part.

    *reference* leaves them: published code takes each distinct value for a class, which makes
    the mutual information of a real-valued factor the entropy of the code.
    """
    first = parts[0]
    real = [f for f in range(first.factors.shape[1]) if not is_discrete(first.factors[:, f])]
    if not real:
        return parts
    named = ", ".join(first.factor_names[f] for f in real)
    if mode == "reference":
        note(f"each distinct value of the finely graded factors {named} counts as a class")
        return parts
    note(f"finely graded factors {named} were cut into {bins} bins of equal width")
    return tuple(_binned(part, first, real, bins) for part in parts)


def _binned(part: Rows, first: Rows, columns: list[int], bins: int) -> Rows:
    factors = part.factors.copy()
    for f in columns:
        edges = histogram_edges(first.factors[:, f], bins)
        factors[:, f] = np.clip(histogram_bins(part.factors[:, f], edges), 1, bins)
    return replace(part, factors=factors)


def without_constant_factors(parts: tuple[Rows, ...], note: Note) -> tuple[Rows, ...]:
    """Leave out factors that take one value in the first part: nothing can be said about them."""
    first = parts[0]
    varies = np.ptp(first.factors, axis=0) > 0
    if varies.all():
        return parts
    for f in np.flatnonzero(~varies):
        note(f"factor {first.factor_names[f]!r} takes one value: excluded")
    return tuple(part.with_factors(varies) for part in parts)


def split_rows(
    rows: Rows,
    *,
    mode: Mode,
    rng: np.random.Generator,
    share: float = 0.5,
    observation: ArrayLike | None = None,
) -> tuple[Rows, Rows]:
    """Training and test part of one set; training gets ⌈rows · share⌉ of it.

    *reference* cuts in the order given. *strict* deals out whole observations at random: no
    observation is on both sides, so a code that merely identifies it cannot look as if it knew
    every factor. One observation are the rows with the same ``observation`` id or, without ids,
    rows equal in factors and codes. Of several deals the one is kept that leaves fewest classes
    out of the training part.
    """
    wanted = int(np.ceil(len(rows) * share))
    if mode == "reference":
        return rows.take(np.arange(wanted)), rows.take(np.arange(wanted, len(rows)))
    group, notes = _observations(rows)
    if observation is not None:
        group, notes = _numbered(as_array(observation)), ()
    if group.max() == 0:
        raise MetricError("all rows show one observation: there is nothing to test on.")
    deals = [_dealt(group, wanted, rng) for _ in range(DEALS)]
    train = min(deals, key=lambda train: _classes_left_out(rows, train))
    rows = replace(rows, notes=(*rows.notes, *notes))
    return rows.take(np.flatnonzero(train)), rows.take(np.flatnonzero(~train))


def _observations(rows: Rows) -> tuple[IntArray, tuple[str, ...]]:
    """The observation that each row shows, rows equal in factors and codes being one; and notes.

    Where these are too few, each row counts as one of its own: two binary factors read without
    noise would be 4 observations, and what is true of 2 cannot be learned from the other 2.
    """
    spread = np.where(np.ptp(rows.codes, axis=0) > 0, rows.codes.std(axis=0), 1.0)
    group = _numbered(np.hstack([rows.factors, np.round(rows.codes / spread, SAME_CODE)]))
    count = int(group.max()) + 1
    classes = [
        len(np.unique(column)) if is_discrete(column) else MOST_CLASSES for column in rows.factors.T
    ]
    if count == len(rows) or count == 1 or count >= PER_CLASS * max(classes, default=1):
        return group, ()
    return np.arange(len(rows)), (
        f"no test rows were given, and only {count} rows differ in factors or codes: equal rows "
        "are in the training and in the test half, so that a code which merely tells rows apart "
        "would score as if it knew the factors",
    )


def _numbered(keys: NDArray[Any]) -> IntArray:
    """Equal rows get equal numbers from 0."""
    return np.unique(keys.reshape(len(keys), -1), axis=0, return_inverse=True)[1].reshape(-1)


def _dealt(group: IntArray, wanted: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which rows are for training: whole groups at random, about ``wanted`` rows."""
    place = rng.permutation(group.max() + 1)[group]
    order = np.argsort(place, kind="stable")
    # the cut moves to the nearest border between two observations
    borders = 1 + np.flatnonzero(np.diff(place[order]))
    train = np.zeros(len(group), bool)
    train[order[: borders[np.argmin(np.abs(borders - wanted))]]] = True
    return train


def _classes_left_out(rows: Rows, train: NDArray[np.bool_]) -> int:
    """Values of whole-number factors that occur in no training row."""
    return sum(
        len(np.setdiff1d(column, column[train])) for column in rows.factors.T if is_discrete(column)
    )


def named_matrix(
    matrix: NDArray[Any], rows: Sequence[str], columns: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """A matrix as row name → column name → number."""
    return {
        row: dict(zip(columns, line, strict=True))
        for row, line in zip(rows, matrix.tolist(), strict=True)
    }


def named(values: NDArray[Any] | Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """A vector as name → number."""
    return dict(zip(names, np.asarray(values).tolist(), strict=True))
