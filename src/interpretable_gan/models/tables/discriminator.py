"""A discriminator of rows whose decision is an exact sum over columns and pairs of columns.

    D(x) = b + Σ_k f_k(x_k) + Σ_{j<k} f_jk(x_j, x_k)

It is an additive head for one more column, whether a row is real or drawn, so that its terms say
where drawn rows still differ from real ones.

It needs no term for agreement with what was asked. Let s be the cells of any set of columns of a
real row, and let the rest be drawn given s. The best discriminator of such pairs is

    D(x, s) = log p(x | s) / q(x | s) = D(x) − log p(s) / q(s)    for rows that hold s,

since the conditionals q(x | s) are those of the joint q, exactly. The last term is the same for
all rows that hold s, and drawn rows always do. In the difference of a real and a drawn row with the
same s, every term of asked columns alone is 0.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import fit_head
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

REAL, DRAWN = "real", "drawn"

Array = NDArray[np.float64]


def fit_discriminator(data: TableData, sampler: RowSampler, config: TableConfig) -> AdditiveHead:
    """Learn to tell the training rows from as many drawn ones.

    Its score is the log-odds of a row being real; `judged` says it of rows of the table.

    Raises:
        MissingExtraError: ``interpret`` is not installed.
    """
    real = data.cells[data.rows("train")]
    drawn = sampler.draw(len(real), seed=config.seed + 2).cells
    return fit_head(labelled(data, real, drawn), config)


def labelled(data: TableData, real: Array, drawn: Array) -> TableData:
    """Real and drawn rows as one table to learn from, with whether a row is real as its target."""
    named = {attribute.name for attribute in data.schema.named}
    name = next(each for each in ("row", "row is", "row is real?") if each not in named)
    asked = Attribute(name=name, words=(DRAWN, REAL))
    free = [each.model_copy(update={"effect": "any"}) for each in data.schema.named]
    schema = Schema(
        name=data.schema.name, attributes=(*free, asked), target=name, wanted=REAL, augmentations=()
    )
    truth = np.repeat([1.0, 0.0], [len(real), len(drawn)])[:, None]
    cells = np.concatenate([np.concatenate([real, drawn]), truth], axis=1)
    splits = {"train": np.arange(len(cells)), "validation": NONE, "test": NONE}
    return TableData(data.name, schema, cells, splits)


NONE: NDArray[np.int64] = np.empty(0, np.int64)


def judged(discriminator: AdditiveHead, cells: Array) -> Tensor:
    """Rows of the table as a discriminator takes them: with the column that it predicts, not
    known, float64 (rows, columns + 1)."""
    return torch.from_numpy(np.concatenate([cells, np.full((len(cells), 1), np.nan)], axis=1))


def corrected(
    sampler: RowSampler, discriminator: AdditiveHead, n: int, *, seed: int = 0, spare: int = 4
) -> Array:
    """Drawn rows resampled by what the discriminator says of them, p(x)·exp D(x) up to a factor:
    the correction of a density by its ratio to the real one (Azadi et al. 2019).

    Args:
        n: how many rows, (n, columns).
        seed: of the draws.
        spare: rows that are drawn for each that is kept.
    """
    rows = sampler.draw(n * spare, seed=seed).cells
    score = discriminator.score(judged(discriminator, rows)).numpy()
    luck = np.random.default_rng([seed, 3])
    keys = score + luck.gumbel(size=len(score))  # the n largest are a draw without replacement
    return rows[np.sort(np.argpartition(-keys, n - 1)[:n])]
