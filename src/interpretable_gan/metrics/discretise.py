"""Cutting real values into bins: the first step of every plug-in mutual information."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Binning = Literal["width", "quantile"]
"""Bins of equal width (the literature's), or of equal count with ties kept together."""


def histogram_edges(x: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """``bins + 1`` evenly spaced edges from min to max of ``x`` (±0.5 around a constant)."""
    low, high = x.min(), x.max()
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def histogram_bins(x: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin 1…B of each value: how many of the first B edges are ≤ it; left-closed.

    The values are compared with the edges themselves. Dividing by the bin width instead puts
    values that lie on an edge (common for codes with few values) into another bin.
    """
    return np.searchsorted(edges[:-1], x, side="right").astype(np.int64)


def discretise(
    codes: NDArray[np.float64], bins: int = 20, binning: Binning = "width"
) -> NDArray[np.int64]:
    """Each column of ``codes`` (rows, codes) as bin numbers 1…``bins``."""
    columns = [
        histogram_bins(
            x, histogram_edges(x, bins) if binning == "width" else quantile_edges(x, bins)
        )
        for x in codes.T
    ]
    return np.stack(columns, axis=1)


def quantile_edges(x: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Edges at equally spaced quantiles; equal values always fall into one bin."""
    return np.quantile(x, np.linspace(0, 1, bins + 1))


def squeezed(binned: NDArray[np.int64], bins: int) -> tuple[int, bool]:
    """How many bins a column occupies, and whether fewer than B/4 hold 99 % of its rows."""
    counts = np.sort(np.bincount(binned))[::-1]
    needed = 1 + int(np.searchsorted(np.cumsum(counts), 0.99 * len(binned)))
    return int((counts > 0).sum()), needed < bins / 4
