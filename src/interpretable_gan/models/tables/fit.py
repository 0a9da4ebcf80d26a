"""From the rows of a table to a model of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables.calibrate import calibrated
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import fit_head, target_numbers
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.reference import EVERY, TYPICAL, Reference
from interpretable_gan.models.tables.sampler_fit import fit_sampler
from interpretable_gan.progress import Progress, Status, silent

BINS = 10
"""Of equally many rows each, in which probabilities are compared with what came true."""

Array = NDArray[np.float64]


def fit_table(data: TableData, config: TableConfig, *, progress: Progress = silent) -> TableModel:
    """Fit a model on the training rows of a table: what draws rows, and a head for the target where
    the schema names one.

    Raises:
        SchemaError, DataError, MissingExtraError: as `fit_head` does.
    """
    sampler = fit_sampler(data, config, progress=progress)
    if data.schema.target is None:
        return TableModel(data.schema, config, sampler)
    progress(Status(0, 1, f"fitting {data.schema.target}"))
    head = calibrated(fit_head(data, config), data, config)
    rows = torch.from_numpy(data.cells[data.rows("train")])
    references = {EVERY: Reference.of(head, rows, EVERY)}
    if head.link == "logit":
        approved = head.predict(rows) >= config.threshold
        if approved.any():
            references[TYPICAL] = Reference.of(head, rows[approved], TYPICAL)
    progress(Status(1, 1))
    return TableModel(data.schema, config, sampler, head, references)


def measure_head(head: AdditiveHead, data: TableData, config: TableConfig) -> dict[str, Any]:
    """How well a head predicts the test rows: measure → value and 95 % interval over rows.

    ``auroc`` (higher is better, 0.5 is chance), ``accuracy`` beside ``usual``, that of always
    saying the most frequent value, and ``calibration_error``, the mean gap between probabilities
    and what came true (lower is better); of a number ``r2`` and ``mean_absolute_error``.
    """
    rows = data.cells[data.rows("test")]
    truth, link = target_numbers(data.schema, rows, config)
    known = ~np.isnan(truth)
    if not known.any():
        return {}
    truth = truth[known]
    said = head.predict(torch.from_numpy(rows[known])).numpy()
    if link == "logit":
        measures: dict[str, Any] = {
            "auroc": lambda t, p: roc_auc_score(t, p) if 0 < t.mean() < 1 else np.nan,
            "accuracy": lambda t, p: ((p >= config.threshold) == t).mean(),
            "calibration_error": calibration_error,
        }
    else:
        measures = {
            "r2": lambda t, p: 1 - np.square(t - p).sum() / np.square(t - t.mean()).sum(),
            "mean_absolute_error": lambda t, p: np.abs(t - p).mean(),
        }
    found = {name: _measured(each, truth, said) for name, each in measures.items()}
    if link == "logit":
        found["accuracy"]["usual"] = float(max(truth.mean(), 1 - truth.mean()))
    return {"rows": len(truth), **found}


def calibration_error(truth: Array, said: Array) -> float:
    """Mean gap between probabilities and what came true, over `BINS` of equally many rows (Guo et
    al. 2017), 0 to 1; 0 is best."""
    order = np.argsort(said, kind="stable")
    gaps = [
        abs(truth[rows].mean() - said[rows].mean()) * len(rows)
        for rows in np.array_split(order, min(BINS, len(order)))
    ]
    return float(sum(gaps) / len(truth))


def _measured(measure: Any, truth: Array, said: Array) -> dict[str, Any]:
    """A value on all rows, and its interval."""
    value, interval = resampled_interval(
        lambda rows: measure(truth[rows], said[rows]), len(truth), np.random.default_rng(0)
    )
    if interval is not None and measure is calibration_error:
        interval = (max(interval[0], 0.0), interval[1])  # an error is never below 0
    return {"value": value, "interval": interval}
