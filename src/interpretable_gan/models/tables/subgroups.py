"""How a head treats groups of people: who is approved, and how often that is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables.head_fit import target_numbers
from interpretable_gan.models.tables.model import TableModel

FEW = 30
"""Rows below which nothing is told of a group."""

MOST = 8
"""Levels of a column that makes groups, at most."""


@dataclass(frozen=True)
class Subgroup:
    """Held-out rows of one level of a column.

    ``approved`` is the share of them that is approved, with its 95 % interval over rows; ``wanted``
    the share whose target is what is wanted; ``said`` the mean probability of that, which is the
    same where the head is calibrated in the group; ``auroc`` how well it ranks within the group,
    nan where all have one outcome.
    """

    column: str
    level: str
    rows: int
    approved: float
    interval: tuple[float, float] | None
    wanted: float
    said: float
    auroc: float


def subgroups(model: TableModel, data: TableData) -> list[Subgroup]:
    """Groups of validation and test rows by every column of up to `MOST` levels, whether the head
    looks at it or not; groups of fewer than `FEW` rows are left out.

    Raises:
        RunError: the model has no target.
    """
    head = model.head
    if head.link != "logit":
        return []
    rows = data.cells[np.concatenate([data.rows("validation"), data.rows("test")])]
    truth, _ = target_numbers(data.schema, rows, model.config)
    rows, truth = rows[~np.isnan(truth)], truth[~np.isnan(truth)]
    said = head.predict(torch.from_numpy(rows)).numpy() if len(rows) else truth
    found = []
    for number, attribute in enumerate(data.schema.named):
        if attribute.kind == "continuous" or attribute.name == head.target.name:
            continue
        if len(attribute.levels) > MOST:
            continue
        for level, name in enumerate(attribute.values):
            within = rows[:, number] == level
            if within.sum() >= FEW:
                of = (truth[within], said[within])
                found.append(_subgroup(attribute.name, name, *of, model.config.threshold))
    return found


def _subgroup(
    column: str,
    level: str,
    truth: NDArray[np.float64],
    said: NDArray[np.float64],
    threshold: float,
) -> Subgroup:
    approved = said >= threshold
    share, interval = resampled_interval(
        lambda rows: approved[rows].mean(), len(truth), np.random.default_rng(0)
    )
    varied = 0 < truth.mean() < 1
    return Subgroup(
        column=column,
        level=level,
        rows=len(truth),
        approved=share,
        interval=interval,
        wanted=float(truth.mean()),
        said=float(said.mean()),
        auroc=float(roc_auc_score(truth, said)) if varied else float("nan"),
    )
