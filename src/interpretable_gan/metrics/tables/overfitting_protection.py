"""Overfitting protection: are synthetic rows nearer to training rows than to fresh ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.closest_record import closest_distances
from interpretable_gan.metrics.tables.typed_table import TypedTable, describe_tables

REPEATS = 10
"""Subsamples of the larger real table that are averaged."""


@measured(0, 1)
def overfitting_protection(
    real: Any,
    synthetic: Any,
    holdout: Any,
    *,
    metadata: Mapping[str, Any] | None = None,
    mode: Mode = "strict",
    seed: int = 0,
    jobs: int | None = None,
) -> Result:
    """min(1, 2(1 − p)), p the share of synthetic rows closer to training than to holdout rows.

    In [0, 1], higher is better: 1 when p is at most one half, as without copying; 0 when all rows
    sit closer to training rows. The breakdown has p with its binomial interval.

    Args:
        real: the training table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        holdout: real rows that training never saw.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: *strict* cuts the larger real table to the size of the smaller one, ten times, and
            averages; *reference* compares them as they are: with a holdout half as large, p is
            about 2/3 without any copying.
        seed: of the subsamples.
        jobs: threads; one per core if None.
    """
    r, s, h = as_tables({"real": real, "synthetic": synthetic, "holdout": holdout}, metadata)
    found = [*r.warnings, *s.warnings, *h.warnings]
    uneven = len(r) != len(h)
    if uneven:
        found.append(
            f"{len(r)} training and {len(h)} holdout rows: "
            + (
                f"the larger table was cut to {min(len(r), len(h))} rows {REPEATS} times."
                if mode == "strict"
                else "the closer table is partly the larger one."
            )
        )
    generator = np.random.default_rng(seed)
    repeats = REPEATS if uneven and mode == "strict" else 1
    shares = [_closer_to_training(s, *_even(r, h, generator, mode), jobs) for _ in range(repeats)]
    share = float(np.mean(shares))
    low, high = _binomial_interval(share, len(s))
    return Result(
        metric="overfitting_protection",
        value=min(1.0, 2 * (1 - share)),
        mode=mode,
        interval=(min(1.0, 2 * (1 - high)), min(1.0, 2 * (1 - low))),
        breakdown={
            "closer_to_training": share,
            "closer_to_training_interval": (low, high),
            "closer_to_holdout": 1 - share,
        },
        parameters={"repeats": repeats, "ties": "count as holdout"},
        data=describe_tables(real=r, synthetic=s, holdout=h),
        seed=seed,
        warnings=tuple(found),
    )


def _even(
    real: TypedTable, holdout: TypedTable, generator: np.random.Generator, mode: Mode
) -> tuple[TypedTable, TypedTable]:
    """Both real tables, in *strict* of equal size."""
    if mode == "reference" or len(real) == len(holdout):
        return real, holdout
    size = min(len(real), len(holdout))
    return tuple(  # type: ignore[return-value]
        table if len(table) == size else table.take(generator.choice(len(table), size, False))
        for table in (real, holdout)
    )


def _closer_to_training(
    synthetic: TypedTable, real: TypedTable, holdout: TypedTable, jobs: int | None
) -> float:
    """Share of rows strictly closer to the training table; ties count as holdout."""
    near, far = (closest_distances(synthetic, table, jobs=jobs) for table in (real, holdout))
    return float((near < far).mean())


def _binomial_interval(share: float, rows: int) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    from scipy.stats import binomtest

    interval = binomtest(round(share * rows), rows).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
