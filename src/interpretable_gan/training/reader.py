"""A run of a reader: fitted at once, kept in a folder as any other run is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.readings import mean_recall, value
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.fit import fit_reader, look_at
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.reader.networks import Seen
from interpretable_gan.models.terms import SOURCES
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.training.fitted import keep, new_folder


def train_reader(
    data: Dataset,
    config: ReaderConfig | None = None,
    *,
    run: str | Path | None = None,
    progress: Progress = silent,
) -> Reader:
    """Fit a reader, measure its readings on the test images, and keep it.

    Args:
        data: images whose schema names a target.
        config: settings, see `ReaderConfig`.
        run: a new folder; by default nothing is kept but the reader that is returned.
        progress: told how far it is.

    Raises:
        RunError: the folder holds a run already.
        SchemaError, DataError, MissingExtraError: as `fit_reader` does.
    """
    config = config or ReaderConfig(size=data.size)
    folder = new_folder(run)
    start = time.monotonic()
    reader = fit_reader(data, config, progress=progress)
    seconds = time.monotonic() - start
    if folder is not None:
        measured = {
            "seconds": round(seconds, 1),
            "quality": measure_reader(reader, data, progress=progress),
        }
        keep(folder, reader.tensors(), reader.schema, config, data, measured)
    return reader


def measure_reader(reader: Reader, data: Dataset, *, progress: Progress = silent) -> dict[str, Any]:
    """How well each named attribute is read on test images, with 95 % intervals over images:
    ``accuracy`` and ``balanced_accuracy``, or ``mean_absolute_error`` of a number; and what the
    target rests on, see `rests_on`, and whether a place stands out, see `stands_out`."""
    rows = data.rows("test")
    if not len(rows):
        return {}
    seen = look_at(data, rows, progress)
    seen = tuple(each.to(reader.device) for each in seen)
    reading = reader.read_seen(seen).cpu()
    code = reader._scale.to("cpu").as_code(reading).numpy()
    levels: Sequence[str | None] = reader.target.levels or (None,)
    outstanding = [stands_out(reader, seen, level) | {"level": level} for level in levels]
    found: dict[str, Any] = {
        "images": len(rows),
        "rests_on": rests_on(reader, seen),
        "stands_out": max(outstanding, key=lambda each: each["ratio"]),
    }
    for attribute in reader.schema.named:
        columns = reader.schema.slices[attribute.name]
        known = data.known[rows][:, columns].all(axis=1)
        said, true = code[known][:, columns], data.codes[rows][known][:, columns]
        found[attribute.name] = _quality(attribute, said, true)
    return found


def stands_out(reader: Reader, seen: Seen, level: str | None = None) -> dict[str, Any]:
    """Whether a place at the image's edge stands out, as one with a mark does: a mark is there or
    not, so what its place adds to the score jumps from image to image.

    Args:
        seen: what the network sees of images that the reader did not learn from.
        level: of a categorical target.

    Returns:
        ``place`` of the edge that varies most, row by row, and ``ratio``, its variance over that of
        the median place; ``first``, the place of all that varies most, and ``share`` of the score's
        variance that it carries.
    """
    terms = torch.einsum("t,btp->bp", reader.contrast(level), reader.by_place(seen)).double()
    total, variance = terms.sum(dim=1), terms.var(dim=0)
    shares = ((terms - terms.mean(dim=0)) * (total - total.mean())[:, None]).mean(dim=0)
    rows, columns = torch.arange(PLACES**2) // PLACES, torch.arange(PLACES**2) % PLACES
    edge = (rows % (PLACES - 1) == 0) | (columns % (PLACES - 1) == 0)
    place, first = int((variance.cpu() * edge).argmax()), int(variance.argmax())
    return {
        "place": place,
        "ratio": float(variance[place] / variance.median()),
        "first": first,
        "share": float(shares[first] / total.var()),
    }


def rests_on(reader: Reader, seen: Seen) -> dict[str, float]:
    """What each attribute and the residual add to the score of the predicted value, mean absolute
    over images, the largest first."""
    levels = np.array(reader.outputs)[reader.network(seen).total.argmax(dim=1).cpu().numpy()]
    added: dict[str, list[NDArray[np.float64]]] = {}
    for level in dict.fromkeys(levels.tolist()):
        here = torch.from_numpy(levels == level)
        terms = reader.terms_seen(
            tuple(each[here] for each in seen), level if reader.target.levels else None
        )
        for name, values in terms.by_row(*SOURCES).items():
            added.setdefault(name, []).append(values.abs().double().cpu().numpy())
    sizes = {name: float(np.concatenate(each).mean()) for name, each in added.items()}
    return dict(sorted(sizes.items(), key=lambda pair: -pair[1]))


def _quality(
    attribute: Attribute, said: NDArray[np.float32], true: NDArray[np.float32]
) -> dict[str, Any]:
    """Measures of one attribute's readings, by name."""
    if attribute.kind == "continuous":
        low, high = attribute.range or (-1, 1)
        gap = np.abs(said - true)[:, 0] * (high - low) / 2
        return {"mean_absolute_error": _measured(lambda r: gap[r].mean(), len(gap))}
    answer, truth = value(attribute, said), value(attribute, true)
    return {
        "accuracy": _measured(lambda r: (answer[r] == truth[r]).mean(), len(truth)),
        "balanced_accuracy": _measured(lambda r: mean_recall(answer[r], truth[r]), len(truth)),
    }


def _measured(measure: Any, count: int) -> dict[str, Any]:
    value, interval = resampled_interval(measure, count, np.random.default_rng(0))
    return {"value": value, "interval": interval}
