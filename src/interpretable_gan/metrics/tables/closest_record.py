"""Distance to the closest record: does the synthetic table repeat real people?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.neighbours import blocks, in_parallel
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.typed_table import TypedColumn, TypedTable, describe_tables

Floats = NDArray[np.float64]

TILE = 16  # query rows whose distances to some reference rows fit the cache
REFERENCES = 2048  # reference rows at a time


@measured(0, 1)
def closest_record(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    jobs: int | None = None,
) -> Result:
    """Median distance of synthetic rows to their closest real row; both modes agree.

    In [0, 1], 0 for copies. Higher is more private and, from some point on, less realistic:
    compare it with ``overfitting_protection``. The breakdown has the 5th percentile, mean and
    minimum, the share of exact copies, and every row's distance.

    Args:
        real: a table: CSV path, mapping of columns, or data frame. All its rows are used.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
        jobs: threads; one per core if None.
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    distances = closest_distances(s, r, jobs=jobs)[:, 0]
    return Result(
        metric="closest_record",
        value=float(np.median(distances)),
        mode=mode,
        breakdown={
            **summary(distances),
            "exact_copies": float((distances == 0).mean()),
            "per_row": distances,
        },
        data=describe_tables(real=r, synthetic=s),
        warnings=(*r.warnings, *s.warnings),
    )


def summary(distances: Floats) -> dict[str, float]:
    """5th percentile, median, mean and minimum."""
    return {
        "p5": float(np.percentile(distances, 5)),
        "median": float(np.median(distances)),
        "mean": float(distances.mean()),
        "min": float(distances.min()),
    }


def closest_distances(
    queries: TypedTable, references: TypedTable, *, nearest: int = 1, jobs: int | None = None
) -> Floats:
    """Distances of each query row to its nearest reference rows, ascending, ``(rows, nearest)``.

    The mean over columns of |a − b| over the reference column's range, at most 1; of 0 or 1 for
    names; missing is at distance 0 from missing and 1 from everything else.
    """
    columns = [
        _Pair.of(queries.columns[name], references.columns[name]) for name in queries.columns
    ]

    def look(part: slice) -> Floats:
        best = np.full((part.stop - part.start, nearest), np.inf)
        for others in blocks(len(references), REFERENCES):
            total = np.zeros((part.stop - part.start, others.stop - others.start))
            for pair in columns:
                pair.add(total, part, others)
            if nearest == 1:
                np.minimum(best[:, 0], total.min(axis=1), out=best[:, 0])
            else:
                best = np.sort(np.concatenate([best, total], axis=1), axis=1)[:, :nearest]
        return best

    parts = blocks(len(queries), TILE)
    distances: Floats = np.concatenate(in_parallel(look, parts, jobs)) / len(columns)
    return distances


class _Pair:
    """One column of queries and references, prepared to add its distances to a tile."""

    def __init__(self, left: NDArray[Any], right: NDArray[Any], missing: Any, names: bool) -> None:
        self.left, self.right = left, right
        self.missing_left, self.missing_right = missing
        self.names = names
        self.any_missing = bool(self.missing_left.any() or self.missing_right.any())
        self.beyond = not names and bool(len(left)) and self._reaches_beyond()

    def _reaches_beyond(self) -> bool:
        """Whether some distance exceeds the reference's range."""
        pool = np.concatenate([self.left, self.right])
        return bool(np.nanmax(pool, initial=0) - np.nanmin(pool, initial=0) > 1)

    @classmethod
    def of(cls, query: TypedColumn, reference: TypedColumn) -> _Pair:
        missing = (query.missing, reference.missing)
        if query.numeric and not reference.constant:
            low, width = reference.present.min(), np.ptp(reference.present)
            left, right = ((column.values - low) / width for column in (query, reference))
            return cls(left, right, missing, False)
        # names, and numbers of a constant reference: equal or not
        codes: dict[Any, int] = {}
        left, right = (
            np.array([codes.setdefault(cell, len(codes)) for cell in cells], np.int32)
            for cells in (_cells(query), _cells(reference))
        )
        return cls(left, right, missing, True)

    def add(self, total: Floats, rows: slice, others: slice) -> None:
        left, right = self.left[rows, None], self.right[None, others]
        if self.names:
            total += left != right
            return
        distance = left - right
        np.abs(distance, out=distance)
        if self.beyond or self.any_missing:
            np.fmin(distance, 1, out=distance)  # takes 1 where the distance is NaN
        if self.any_missing:
            distance -= self.missing_left[rows, None] & self.missing_right[None, others]
        total += distance


def _cells(column: TypedColumn) -> list[Any]:
    """Values that compare equal to themselves, missing ones included."""
    return [
        None if gone else cell for cell, gone in zip(column.values, column.missing, strict=True)
    ]
