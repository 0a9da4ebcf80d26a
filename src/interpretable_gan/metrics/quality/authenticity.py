"""Authenticity: are generated images new, or near copies of training images?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    Rows,
    describe_extractor,
    describe_pair,
    feature_pair,
)
from interpretable_gan.metrics.quality.neighbours import nearest, radii_squared
from interpretable_gan.metrics.quality.subsamples import subsample_intervals
from interpretable_gan.metrics.result import Mode, Result


@measured(0, 100)
def authenticity(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    mode: Mode = "strict",
    seed: int = 0,
    uncertainty: bool = False,
    extractor: Extractor | None = None,
    jobs: int | None = None,
) -> Result:
    """Percentage of generated rows that are not suspiciously near a real one (Alaa et al. 2022).

    A row is authentic if its nearest real row has a real neighbour still nearer. In [0, 100],
    higher is better; exact copies score 0. Far-off rows are authentic too, so read it beside
    precision.

    Args:
        real: training features ``(n, d)``.
        fake: generated features ``(m, d)``.
        mode: both modes agree.
        seed: of the subsamples.
        uncertainty: also a 95 % interval from subsamples.
        extractor: where the features come from; its description enters the result.
        jobs: threads; one per core if None.
    """
    real_rows, fake_rows = feature_pair(real, fake)

    def scores(real: Rows, fake: Rows) -> dict[str, float]:
        closest, squares = nearest(fake, real, jobs=jobs)
        return {"authenticity": 100 * float((radii_squared(real, 1)[closest] < squares).mean())}

    interval = None
    if uncertainty and len(real_rows) > 3:
        interval = subsample_intervals(scores, real_rows, fake_rows, seed)["authenticity"]
    duplicates = len(real_rows) - len(np.unique(real_rows, axis=0))
    return Result(
        metric="authenticity",
        value=scores(real_rows, fake_rows)["authenticity"],
        mode=mode,
        interval=interval,
        parameters={"unit": "percent", **describe_extractor(extractor)},
        data=describe_pair(real_rows, fake_rows),
        seed=seed,
        warnings=(
            (f"{duplicates} real rows are exact duplicates: rows near them count as authentic.",)
            if duplicates
            else ()
        ),
    )
