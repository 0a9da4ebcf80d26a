"""From log-odds to probabilities that come true: one temperature per attribute.

Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from interpretable_gan.atomic import write_text
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.model import BATCH, InterpretableGAN
from interpretable_gan.semantics.attribute import Attribute

BINS = 15
"""Bins of confidence in an expected calibration error."""

COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures between which the best is looked for."""

Logits = NDArray[np.float64]
"""``(rows, values)``: unnormalised log-probabilities of the values that an attribute can take."""


@dataclass(frozen=True)
class Calibration:
    """How to turn readings into probabilities, and how far to trust them.

    temperature: attribute → what its log-odds are divided by
    error_before, error_after: attribute → expected calibration error, 0 is best, without and with
        the temperature, on rows that it was not fitted on
    fitted_on, measured_on: rows of each, by split
    checksum: of the data
    """

    temperature: Mapping[str, float]
    error_before: Mapping[str, float]
    error_after: Mapping[str, float]
    fitted_on: Mapping[str, int]
    measured_on: Mapping[str, int]
    checksum: str

    def save(self, path: str | Path) -> None:
        """Write JSON, whole or not at all."""
        write_text(Path(path), json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Calibration:
        """Read what `save` wrote.

        Raises:
            RunError: no such file, or a damaged one.
        """
        try:
            return cls(**json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise RunError(f"{path} holds no calibration ({error}); make it again.") from None


def calibrate(model: InterpretableGAN, data: Dataset) -> Calibration:
    """Fit one temperature per binary or categorical attribute on the validation split, and measure
    the calibration error on the test split.

    An attribute of which the split does not hold two values keeps temperature 1. Continuous
    attributes have no probability and are left out.

    Raises:
        DataError: data of another schema, or without held-out rows.
    """
    if data.schema.named != model.schema.named:
        raise DataError(f"data set {data.name!r} has another schema than the model.")
    fitted, measured = _first(data, "validation", "test"), _first(data, "test", "validation")
    fitting, judging = data.rows(fitted), data.rows(measured)
    fit, held_out = read_rows(model, data, fitting), read_rows(model, data, judging)
    temperature, before, after = {}, {}, {}
    for attribute in model.schema.named:
        if attribute.kind == "continuous":
            continue
        name, columns = attribute.name, model.schema.slices[attribute.name]
        logits, truth = _labelled(attribute, fit, data, fitting, columns)
        temperature[name] = best_temperature(logits, truth)
        logits, truth = _labelled(attribute, held_out, data, judging, columns)
        before[name] = calibration_error(softmax(logits, axis=1), truth)
        after[name] = calibration_error(softmax(logits / temperature[name], axis=1), truth)
    return Calibration(
        temperature,
        before,
        after,
        {fitted: len(fitting)},
        {measured: len(judging)},
        data.checksum,
    )


def read_rows(
    model: InterpretableGAN, data: Dataset, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Raw readings ``(rows, columns)`` of images of a data set."""
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return torch.cat([model.read(data.batch(part)[0]).cpu() for part in parts]).numpy()


def as_logits(attribute: Attribute, reading: NDArray[np.floating]) -> Logits:
    """The columns of one attribute as logits of its values; off and on of a binary one."""
    if attribute.kind == "categorical":
        return reading.astype(np.float64)
    off = np.zeros((len(reading), 1))
    return np.concatenate([off, reading], axis=1, dtype=np.float64)


def best_temperature(logits: Logits, truth: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood; 1 where fewer than two values
    occur, since nothing then keeps it from running away.

    Args:
        logits: ``(rows, values)``.
        truth: the true value of each row.
    """
    if len(np.unique(truth)) < 2:
        return 1.0

    def loss(log_temperature: float) -> float:
        said = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(said[np.arange(len(truth)), truth].mean())

    ends = (np.log(COLDEST), np.log(HOTTEST))
    return float(np.exp(minimize_scalar(loss, bounds=ends, method="bounded").x))


def calibration_error(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Expected calibration error (Guo et al. 2017): mean gap between how sure the reading is and
    how often it is right, over 15 bins of equal width. 0 is best, 1 worst; nan without rows.

    Args:
        probabilities: ``(rows, values)``.
        truth: the true value of each row.
    """
    if not len(truth):
        return float("nan")
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))


def _labelled(
    attribute: Attribute,
    readings: NDArray[np.float32],
    data: Dataset,
    rows: NDArray[np.int64],
    columns: slice,
) -> tuple[Logits, NDArray[np.int64]]:
    """Logits and true values of the rows that carry a label."""
    known = data.known[rows, columns].all(axis=1)
    codes = data.codes[rows[known], columns]
    truth = codes.argmax(axis=1) if attribute.kind == "categorical" else (codes[:, 0] > 0)
    return as_logits(attribute, readings[known, columns]), truth.astype(np.int64)


def _first(data: Dataset, *splits: str) -> str:
    """The first of these splits that holds rows."""
    for split in splits:
        if len(data.rows(split)):
            return split
    raise DataError(f"data set {data.name!r} has no held-out rows to calibrate on.")
