"""Column pair trends: do columns go together as they do in the real table?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.column_shapes import shares, total_variation
from interpretable_gan.metrics.tables.typed_table import TypedColumn, describe_tables, mean_of

Correlation = Literal["pearson", "spearman"]

Pair = tuple[TypedColumn, TypedColumn]

BINS = 10
STRONG_CORRELATION = 0.5
"""Pairs of numbers above this |ρ| in the real table are strongly associated."""
STRONG_ASSOCIATION = 0.3
"""Other pairs above this Cramér's V in the real table are strongly associated."""


@measured(0, 1)
def pair_trends(
    real: Any,
    synthetic: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    correlation: Correlation = "pearson",
    thresholds: tuple[float, float] | None = None,
    mode: Mode = "strict",
) -> Result:
    """Mean similarity of the correlations and contingency tables of all column pairs.

    In [0, 1], higher is better. Two numbers: 1 − |ρ − ρ'|/2; two categoricals: 1 − the total
    variation distance of their joint shares, missing being a category; mixed: the number is cut
    into ten bins of equal width first.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        correlation: ``"pearson"`` or ``"spearman"``.
        thresholds: only pairs whose real |ρ| and Cramér's V exceed these count; default (0, 0)
            in *strict*, (0.5, 0.3) in *reference*. Trends that the synthetic table invents are
            invisible above 0.
        mode: *reference* bins each table with its own edges, so that a shifted and rescaled
            column still scores 1; *strict* uses the real edges for both.
    """
    r, s = as_tables({"real": real, "synthetic": synthetic}, metadata)
    found = [*r.warnings, *s.warnings]
    if thresholds is None:
        thresholds = (0, 0) if mode == "strict" else (STRONG_CORRELATION, STRONG_ASSOCIATION)
    trends = {}
    for a, b in combinations(r.columns, 2):
        sides = [(table.columns[a], table.columns[b]) for table in (r, s)]
        trends[f"{a}|{b}"] = _trend(sides[0], sides[1], correlation, mode, found)
    counted = _above(trends, thresholds)
    strong = _above(trends, (STRONG_CORRELATION, STRONG_ASSOCIATION))
    return Result(
        metric="pair_trends",
        value=mean_of(counted, found, "the pair-trends score"),
        mode=mode,
        breakdown={
            "per_pair": {name: counted.get(name, math.nan) for name in trends},
            "strength_in_real": {name: trend.real for name, trend in trends.items()},
            "strength_in_synthetic": {name: trend.synthetic for name, trend in trends.items()},
            "strongly_associated": mean_of(strong, [], ""),
            "strong_pairs": list(strong),
        },
        parameters={
            "correlation": correlation,
            "thresholds": list(thresholds),
            "bins": BINS,
            "edges": "real" if mode == "strict" else "own",
        },
        data=describe_tables(real=r, synthetic=s),
        warnings=tuple(found),
    )


@dataclass(frozen=True)
class Trend:
    """Similarity of a pair's association, and its strength (ρ or Cramér's V) in each table."""

    score: float
    real: float
    synthetic: float
    numeric: bool


def _above(trends: Mapping[str, Trend], thresholds: tuple[float, float]) -> dict[str, float]:
    """Scores of the defined pairs whose strength in the real table exceeds the threshold."""
    kept = {}
    for name, trend in trends.items():
        limit = thresholds[0] if trend.numeric else thresholds[1]
        if not math.isnan(trend.score) and (limit == 0 or abs(trend.real) > limit):
            kept[name] = trend.score
    return kept


def _trend(
    real: Pair, synthetic: Pair, correlation: Correlation, mode: Mode, found: list[str]
) -> Trend:
    if real[0].numeric and real[1].numeric:
        rho, rho_synthetic = (_correlation(*pair, correlation) for pair in (real, synthetic))
        if math.isnan(rho) or math.isnan(rho_synthetic):
            found.append(
                f"{real[0].name} and {real[1].name}: a column is constant or missing where the "
                "other is there, so their correlation is undefined."
            )
        return Trend(1 - abs(rho - rho_synthetic) / 2, rho, rho_synthetic, True)
    left, left_synthetic = _categories(real[0], synthetic[0], mode)
    right, right_synthetic = _categories(real[1], synthetic[1], mode)
    cells = list(zip(left, right, strict=True))
    cells_synthetic = list(zip(left_synthetic, right_synthetic, strict=True))
    return Trend(
        1 - total_variation(shares(cells), shares(cells_synthetic)),
        cramers_v(cells),
        cramers_v(cells_synthetic),
        False,
    )


def _correlation(a: TypedColumn, b: TypedColumn, correlation: Correlation) -> float:
    """ρ over the rows where both are there; NaN if a side is constant."""
    both = ~(a.missing | b.missing)
    x, y = a.values[both], b.values[both]
    if correlation == "spearman":
        from scipy.stats import rankdata

        x, y = rankdata(x), rankdata(y)
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.corrcoef((x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y))[0, 1])


def _categories(
    real: TypedColumn, synthetic: TypedColumn, mode: Mode
) -> tuple[list[Any], list[Any]]:
    """Both columns as categories, numbers by bin; missing is a category of its own."""
    if not real.numeric:
        return real.values.tolist(), synthetic.values.tolist()
    edges = _edges(real.present)
    if mode == "reference":
        own = (edges, _edges(synthetic.present))
        binned = [np.digitize(c.values, e) for c, e in zip((real, synthetic), own, strict=True)]
        return binned[0].tolist(), binned[1].tolist()  # missing joins the maximum in bin 11
    # outer edges at ±∞: whatever lies outside belongs to the outer bins
    first, second = (
        np.where(column.missing, -1, np.digitize(column.values, edges[1:-1])).tolist()
        for column in (real, synthetic)
    )
    return first, second


def _edges(values: NDArray[Any]) -> NDArray[Any]:
    """Edges of ten bins of equal width."""
    edges: NDArray[Any] = np.histogram_bin_edges(values, BINS)
    return edges


def cramers_v(cells: list[tuple[Any, Any]]) -> float:
    """Cramér's V of a list of (row, column) categories, from the uncorrected χ²; in [0, 1].

    χ² / n = Σ n_ij² / (n_i· n_·j) − 1 needs only the cells that occur, never the whole table.
    """
    together = Counter(cells)
    rows, columns = (Counter(cell[side] for cell in cells) for side in (0, 1))
    smaller = min(len(rows), len(columns)) - 1
    if smaller == 0:
        return 0.0
    shared = math.fsum(n**2 / (rows[a] * columns[b]) for (a, b), n in together.items())
    return math.sqrt(min(max(0.0, shared - 1) / smaller, 1.0))
