"""Which training rows a prediction rests on: how far a score would move without each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, cg

from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.models.tables.model import TableModel

RIDGE = 1.0
"""Rows that each entry of a table of scores is counted as seen beside its own, of no effect."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InfluentialRows:
    """What leaving out each training row would do to one score.

    rows: numbers in the table  (row,)
    moves: by how much the score would move  (row,)
    """

    rows: NDArray[np.int64]
    moves: Array

    def strongest(self, count: int = 8) -> list[tuple[int, float]]:
        """The rows that count most, with how far the score moves without them."""
        order = np.argsort(-np.abs(self.moves), kind="stable")[:count]
        return [(int(self.rows[k]), float(self.moves[k])) for k in order]


def influential_rows(model: TableModel, example: Any, data: TableData) -> InfluentialRows:
    """How far the score of one row would move without each training row.

    The head's tables are taken for a linear model of its bins with a penalty of `RIDGE`, whose fit
    is moved by one Newton step (Koh & Liang 2017). Boosting itself, fitted again, moves by chance
    as well.

    Args:
        model: of a table, with a head for a target.
        example: one row as `TableModality.check` takes it.
        data: the table that it was trained on.

    Raises:
        DataError: rows that are none of this table.
        RunError: the model has no target.
    """
    head, chosen = model.head.to("cpu"), data.rows("train")
    truth, link = target_numbers(data.schema, data.cells[chosen], model.config)
    chosen, truth = chosen[~np.isnan(truth)], truth[~np.isnan(truth)]
    rows = torch.from_numpy(data.cells[chosen])
    said = head.predict(rows).numpy()
    weights = {"logit": said * (1 - said), "log": said, "identity": np.ones(len(said))}[link]
    one = model.modality.check(example)[:1].cpu()
    moves = left_out(bins_of(head, rows), bins_of(head, one), weights, truth - said)
    return InfluentialRows(chosen, moves)


def bins_of(head: AdditiveHead, rows: torch.Tensor) -> csr_matrix:
    """Which entry of each table a row looks at, and the bias: 0 or 1, (rows, entries)."""
    start, columns = 1, [np.zeros(len(rows), np.int64)]
    for term, scores in head.scores.items():
        place = np.zeros(len(rows), np.int64)
        for bins, size in zip(head.places(rows, term), scores.shape, strict=True):
            place = place * size + bins.numpy()
        columns.append(start + place)
        start += scores.numel()
    found = np.stack(columns, axis=1)
    ends = np.arange(0, found.size + 1, found.shape[1])
    return csr_matrix((np.ones(found.size), found.ravel(), ends), shape=(len(rows), start))


def left_out(
    train: csr_matrix, example: csr_matrix, weights: Array, gaps: Array, ridge: float = RIDGE
) -> Array:
    """How far xᵀθ moves without each training row: −xᵀ H⁻¹ φ_i (y_i − p_i) of the penalised fit,
    H = Φᵀ W Φ + ridge, (rows,).

    Args:
        train: Φ, (rows, entries).
        example: x, (1, entries).
        weights: curvature of the loss of each row, (rows,).
        gaps: what came true less what was predicted, (rows,).
        ridge: the penalty.
    """
    size = train.shape[1]

    def curved(vector: Array) -> Array:
        return train.T @ (weights * (train @ vector)) + ridge * vector

    # entries are of very different weight: dividing by the diagonal makes steps few
    diagonal = train.T.multiply(train.T) @ weights + ridge
    scale = LinearOperator((size, size), matvec=lambda v: v / diagonal)
    solved, _ = cg(
        LinearOperator((size, size), matvec=curved),
        np.asarray(example.todense()).ravel(),
        rtol=1e-8,
        M=scale,
    )
    return -(train @ solved) * gaps
