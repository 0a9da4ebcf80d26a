"""Vendi score: the effective number of different images."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    describe_extractor,
    feature_rows,
)
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.uncertainty import checksum


@measured(1)
def vendi_score(
    fake: ArrayLike, *, mode: Mode = "strict", extractor: Extractor | None = None
) -> Result:
    """exp of the entropy of the cosine similarities' eigenvalues (Friedman & Dieng 2023).

    From 1 (all rows point one way) to min(m, d), higher is more diverse; quality plays no part.

    Args:
        fake: generated features ``(m, d)``; rows of zeros are like nothing, even each other.
        mode: both modes agree.
        extractor: where the features come from; its description enters the result.
    """
    rows = feature_rows(fake, "generated", at_least=1)
    unit = rows.astype(np.float64)
    unit /= np.abs(unit).max(axis=1, keepdims=True, initial=1e-300)
    lengths = np.linalg.norm(unit, axis=1, keepdims=True)
    unit = np.divide(unit, lengths, out=np.zeros_like(unit), where=lengths > 0)
    similar = unit.T @ unit if unit.shape[1] < len(unit) else unit @ unit.T
    eigenvalues = np.linalg.eigvalsh(similar / len(unit))
    empty = int((lengths == 0).sum())
    return Result(
        metric="vendi_score",
        value=float(np.exp(entr(np.maximum(eigenvalues, 0)).sum())),
        mode=mode,
        parameters={"kernel": "cosine", "order": 1, **describe_extractor(extractor)},
        data={"fake_rows": len(rows), "features": rows.shape[1], "sha256": checksum(rows)},
        warnings=(f"{empty} rows are all zero and have no direction.",) if empty else (),
    )
