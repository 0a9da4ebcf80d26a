"""From log-odds to probabilities that come true: one temperature per attribute.

Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import PositiveFloat, TypeAdapter, ValidationError
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from interpretable_gan.atomic import read_json, write_json
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.explain.explanation import freeze, joined
from interpretable_gan.metrics.result import plain
from interpretable_gan.models.base import BATCH
from interpretable_gan.models.images import ImageModel
from interpretable_gan.models.origin import Weighted, fingerprint, refuse_other
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute

BINS = 15
"""Bins of confidence in an expected calibration error."""

COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures between which the best is looked for."""

Logits = NDArray[np.float64]
"""``(rows, values)``: unnormalised log-probabilities of the values that an attribute can take."""


WORST = 3
"""Attributes that a sentence names."""


@dataclass(frozen=True)
class Calibration:
    """How to turn readings into probabilities, and how far to trust them.

    temperature: attribute → what its log-odds are divided by, if that `helps`
    error_before, error_after: attribute → expected calibration error, 0 is best and 1 worst,
        without and with the temperature, on rows that it was not fitted on; attributes without a
        label there are left out
    fitted_on, measured_on: rows of each, by split
    checksum: of the data
    model: checksum of the weights
    """

    temperature: Mapping[str, PositiveFloat]
    error_before: Mapping[str, float]
    error_after: Mapping[str, float]
    fitted_on: Mapping[str, int]
    measured_on: Mapping[str, int]
    checksum: str
    model: str

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def helps(self) -> bool:
        """Whether the temperatures make the mean error smaller. If not, none is used."""
        return _mean(self.error_after) < _mean(self.error_before)

    @property
    def error(self) -> Mapping[str, float]:
        """Attribute → expected calibration error of the probabilities that are told."""
        return self.error_after if self.helps else self.error_before

    def of(self, attribute: str) -> float | None:
        """What an attribute's log-odds are divided by: 1 where temperatures do not help, None where
        none was looked for."""
        if attribute not in self.temperature:
            return None
        return self.temperature[attribute] if self.helps else 1.0

    def serves(self, model: Weighted) -> bool:
        """Whether it was made for the weights that the model has."""
        return self.model == fingerprint(model)

    def check(self, model: Weighted) -> None:
        """Stop before it serves another model.

        Raises:
            RunError: it was made for other weights.
        """
        refuse_other("the calibration", self.model, model, "make it again with calibrate")

    def sentence(self) -> str:
        """How far probabilities are off on average, also without temperatures, and where most."""
        before, after = _mean(self.error_before), _mean(self.error_after)
        told = (
            f"{after:.1%} off on average, {before:.1%} without temperatures"
            if self.helps
            else f"{before:.1%} off on average; temperatures make it {after:.1%} and are not used"
        )
        worst = sorted(self.error, key=lambda name: -self.error[name])[:WORST]
        named = joined([f"{name} ({self.error[name]:.1%})" for name in worst] or ["none"])
        rows = joined([f"{rows} {split}" for split, rows in self.measured_on.items()] or ["no"])
        return f"On {rows} images probabilities are {told}. Most off: {named}."

    def save(self, path: str | Path) -> None:
        """Write JSON, whole or not at all."""
        write_json(Path(path), plain(vars(self)))

    @classmethod
    def load(cls, path: str | Path) -> Calibration:
        """Read what `save` wrote.

        Raises:
            RunError: no such file, or a damaged one.
        """
        try:
            told = read_json(Path(path))
            return TypeAdapter(cls).validate_python(told)
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path} holds no calibration ({_reason(error)}); make it again: "
                "--data SOURCE --force."
            ) from None


def calibrate(
    model: ImageModel | Reader, data: Dataset, *, progress: Progress = silent
) -> Calibration:
    """Fit one temperature per binary or categorical attribute on the validation split, and measure
    the calibration error on the test split.

    An attribute of which the split does not hold two values keeps temperature 1. Continuous
    attributes have no probability and are left out. Where the temperatures do not make the mean
    error smaller, they are kept to be seen, and not used.

    Raises:
        DataError: data of another schema, or without held-out rows.
    """
    if data.schema.named != model.schema.named:
        raise DataError(f"data set {data.name!r} has another schema than the model.")
    fitted, measured = _first(data, "validation", "test"), _first(data, "test", "validation")
    fitting, judging = data.rows(fitted), data.rows(measured)
    fit = read_rows(model, data, fitting, progress)
    held_out = read_rows(model, data, judging, progress)
    temperature, before, after = {}, {}, {}
    for attribute in model.schema.named:
        if attribute.kind == "continuous":
            continue
        name, columns = attribute.name, model.schema.slices[attribute.name]
        logits, truth = _labelled(attribute, fit, data, fitting, columns)
        temperature[name] = best_temperature(logits, truth)
        logits, truth = _labelled(attribute, held_out, data, judging, columns)
        if len(truth):
            before[name] = calibration_error(softmax(logits, axis=1), truth)
            after[name] = calibration_error(softmax(logits / temperature[name], axis=1), truth)
    return Calibration(
        temperature,
        before,
        after,
        {fitted: len(fitting)},
        {measured: len(judging)},
        data.checksum,
        fingerprint(model),
    )


def read_rows(
    model: ImageModel | Reader,
    data: Dataset,
    rows: NDArray[np.int64],
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Raw readings ``(rows, columns)`` of images of a data set."""
    found = []
    for start in range(0, len(rows), BATCH):
        progress(Status(start, len(rows), "reading images"))
        found.append(model.read(data.batch(rows[start : start + BATCH])[0]).cpu())
    return torch.cat(found).numpy()


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


def _mean(errors: Mapping[str, float]) -> float:
    """Mean over attributes; nan of none."""
    return sum(errors.values()) / len(errors) if errors else float("nan")


def _reason(error: Exception) -> str:
    """Why a file could not be read, in a few words."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}".removeprefix(": ")


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
