"""Fitting what draws rows, and measuring how well drawn rows pass for real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from interpretable_gan.data.tables import TableData
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables.circuit_fit import fit_circuit
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.tables.states import States
from interpretable_gan.progress import Progress, silent

COMPARED = 5000
"""Most real rows that are compared with as many drawn ones."""

LEVELS = 250
"""Most levels of a column that boosted trees take for levels; more are taken for numbers."""

Array = NDArray[np.float64]


def fit_sampler(data: TableData, config: TableConfig, *, progress: Progress = silent) -> RowSampler:
    """Fit a likelihood model of all columns on the training rows."""
    cells = data.cells[data.rows("train")]
    states = tuple(
        States.of(attribute, cells[:, k]) for k, attribute in enumerate(data.schema.named)
    )
    encoded = np.stack([each.encode(cells[:, k]) for k, each in enumerate(states)], axis=1)
    circuit = fit_circuit(
        encoded,
        [len(each) for each in states],
        hidden=config.hidden,
        seed=config.seed,
        progress=progress,
    )
    return RowSampler(data.schema, states, circuit, len(cells))


def measure_sampler(sampler: RowSampler, data: TableData, config: TableConfig) -> dict[str, Any]:
    """How well boosted trees tell test rows from as many drawn ones: ``detection_auroc``, the area
    under the curve on rows that the trees did not see, with its 95 % interval over rows. 0.5 is
    best: the trees cannot tell; 1 is worst.
    """
    real = data.cells[data.rows("test")]
    if len(real) < 20:
        return {}
    luck = np.random.default_rng(config.seed)
    real = real[luck.permutation(len(real))[:COMPARED]]
    drawn = sampler.draw(len(real), seed=config.seed + 1).cells
    rows = np.concatenate([real, drawn])
    truth = np.repeat([1, 0], len(real))
    levels = [
        attribute.kind != "continuous" and len(attribute.levels) <= LEVELS
        for attribute in data.schema.named
    ]
    trees = HistGradientBoostingClassifier(
        max_iter=100, categorical_features=levels, random_state=config.seed
    )
    said = cross_val_predict(trees, rows, truth, cv=3, method="predict_proba")[:, 1]
    value, interval = resampled_interval(
        lambda chosen: roc_auc_score(truth[chosen], said[chosen]), len(truth), luck
    )
    return {"rows": len(real), "detection_auroc": {"value": value, "interval": interval}}
