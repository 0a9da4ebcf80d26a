"""Prototypes: few rows that stand for all; criticisms: rows that these leave out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.tables import TableData

MOST = 2000
"""Training rows among which they are looked for."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TypicalRows:
    """Row numbers of the table, the most telling first."""

    prototypes: tuple[int, ...]
    criticisms: tuple[int, ...]


def typical_rows(
    data: TableData, prototypes: int = 5, criticisms: int = 5, *, seed: int = 0
) -> TypicalRows:
    """Rows that together are most like all training rows, chosen one after the other by the maximum
    mean discrepancy, and rows that these stand for least (Kim, Khanna & Koyejo 2016).

    Two rows are alike by the share of columns in which they agree; numbers agree by their ranks.
    """
    rows = data.rows("train")
    rows = np.sort(rows[np.random.default_rng([seed, 8]).permutation(len(rows))[:MOST]])
    alike = likeness(data, rows)
    mean = alike.mean(axis=1)
    chosen: list[int] = []
    for _ in range(min(prototypes, len(rows))):
        inside = alike[:, chosen].sum(axis=1) if chosen else np.zeros(len(rows))
        count = len(chosen) + 1
        within = alike[np.ix_(chosen, chosen)].sum() if chosen else 0.0
        gain = 2 * (mean[chosen].sum() + mean) / count
        gain -= (within + 2 * inside + np.diag(alike)) / count**2
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    witness = mean - alike[:, chosen].mean(axis=1)
    witness[chosen] = -np.inf
    odd = np.argsort(-witness, kind="stable")[: min(criticisms, len(rows) - len(chosen))]
    return TypicalRows(tuple(rows[chosen].tolist()), tuple(rows[odd].tolist()))


def likeness(data: TableData, rows: NDArray[np.int64]) -> Array:
    """How alike two rows are, (rows, rows): exp of minus their distance over the median one."""
    cells = data.cells[rows]
    total = np.zeros((len(rows), len(rows)))
    for column, attribute in zip(cells.T, data.schema.named, strict=True):
        missing = np.isnan(column)
        if attribute.has_order:
            ranks = np.searchsorted(np.sort(column[~missing]), column) / max((~missing).sum(), 1)
            apart = np.abs(ranks[:, None] - ranks[None])
        else:
            apart = (column[:, None] != column[None]).astype(float)
        apart[missing] = 1.0
        apart[:, missing] = 1.0
        apart[np.ix_(missing, missing)] = 0.0
        total += apart
    middle = float(np.median(total)) or 1.0
    return np.exp(-total / middle)
