"""Realism of each generated image on its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.mmd import squared_distances
from interpretable_gan.metrics.quality.neighbours import blocks, radii_squared
from interpretable_gan.metrics.quality.prdc import check_k
from interpretable_gan.metrics.result import Mode, Result


@measured(0)
def realism(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    k: int = 5,
    mode: Mode = "strict",
    extractor: Extractor | None = None,
) -> Result:
    """How deep each generated row lies in real neighbourhoods (Kynkäänniemi et al. 2019).

    max r/‖y − x‖ over the real rows x whose k-th-neighbour distance r is below the median: from 0
    up, infinite on a copy, higher is better, and at least 1 inside the real manifold. The value
    is the median over generated rows, the breakdown holds each row's.

    Args:
        real: features ``(n, d)``.
        fake: generated features ``(m, d)``.
        k: neighbours that span a neighbourhood.
        mode: both modes agree.
        extractor: where the features come from; its description enters the result.
    """
    real_rows, fake_rows = feature_pair(real, fake)
    check_k(k, len(real_rows), len(real_rows))
    radii = radii_squared(real_rows, k)
    typical = radii < np.median(radii)
    found = []
    if not typical.any():
        found.append("no real row has a smaller radius than the median: realism is 0 for all.")
        each = np.zeros(len(fake_rows))
    else:
        each = np.sqrt(_largest_ratio(fake_rows, real_rows[typical], radii[typical]))
    if np.isinf(each).any():
        found.append(f"{int(np.isinf(each).sum())} generated rows coincide with real ones.")
    return Result(
        metric="realism",
        value=float(np.median(each)),
        mode=mode,
        breakdown={"per_row": each, "share_inside": float((each >= 1).mean())},
        parameters={"k": k, **describe_extractor(extractor)},
        data=describe_pair(real_rows, fake_rows),
        warnings=tuple(found),
    )


def _largest_ratio(queries: Rows, rows: Rows, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest squared radius over squared distance, for every query; infinite at distance 0."""
    ratios = np.empty(len(queries))
    for part in blocks(len(queries)):
        squares = squared_distances(queries[part].astype(np.float64), rows.astype(np.float64))
        apart = squares > 0
        ratios[part] = np.divide(
            radii[None], squares, out=np.full(squares.shape, np.inf), where=apart
        ).max(axis=1)
    return ratios
