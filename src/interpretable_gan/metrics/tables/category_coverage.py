"""Category coverage: does every real category occur in the synthetic table?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.tables.per_column import per_column
from interpretable_gan.metrics.tables.typed_table import NAMES, TypedColumn


@measured(0, 1)
def category_coverage(
    real: Any, synthetic: Any, *, metadata: Mapping[str, Any] | None = None, mode: Mode = "strict"
) -> Result:
    """Share of each column's real categories that are present, averaged.

    In [0, 1], higher is better; both modes agree. Categories that only the synthetic table has
    cost nothing, but *strict* names them in a warning.

    Args:
        real: a table: CSV path, mapping of columns, or data frame.
        synthetic: the generated table, with the same columns.
        metadata: column name to kind; guessed from ``real`` where not given.
        mode: recorded in the result.
    """
    return per_column("category_coverage", _coverage, NAMES, real, synthetic, metadata, mode)


def _coverage(real: TypedColumn, synthetic: TypedColumn, found: list[str]) -> float:
    known, made = set(real.present.tolist()), set(synthetic.present.tolist())
    if not known:
        found.append(f"column {real.name!r} has no real value: no category to cover.")
        return math.nan
    if made - known:
        found.append(
            f"column {real.name!r} has categories the real one lacks: "
            f"{', '.join(sorted(made - known)[:5])}."
        )
    return len(known & made) / len(known)
