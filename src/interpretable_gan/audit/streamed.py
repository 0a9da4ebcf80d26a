"""Measures of as many images as there are, from sums that parts of them add to.

What follows from counts and sums is the same whoever read which part: accuracy, importance, shares
of a variance. What needs rows side by side, such as intervals over people, edits and evaluators, is
for the card of `auditing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.readings import value
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

CONTRIBUTION = "contribution."


@dataclass(frozen=True)
class Tally:
    """Counts and sums over some images; those of parts add up to those of all.

    Args:
        images: how many.
        strange: how many are unlike the training images.
        counts: attribute → images by what is read and what is labelled, ``(values, values)`` as in
            `metrics.readings.value`.
        moments: continuous attribute → of readings x and labels y, both codes, the sums of 1, x, y,
            x², y², xy over labelled images, ``(6,)``.
        added: what adds to the score → of its contributions c and scores s the sums of \\|c\\|, c,
            cs, s, s² over all images, ``(5,)``.
    """

    images: int
    strange: int
    counts: Mapping[str, NDArray[np.int64]]
    moments: Mapping[str, NDArray[np.float64]]
    added: Mapping[str, NDArray[np.float64]]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.images + other.images,
            self.strange + other.strange,
            {name: each + other.counts[name] for name, each in self.counts.items()},
            {name: each + other.moments[name] for name, each in self.moments.items()},
            {name: each + other.added[name] for name, each in self.added.items()},
        )

    @classmethod
    def of(cls, schema: Schema, columns: Mapping[str, Any]) -> Tally:
        """Count one table of `explain.tables`.

        Args:
            schema: of the model that read.
            columns: by name, one cell for each image; labels where they are known.
        """
        images = len(columns["strangeness"])
        none = np.full(images, None)
        counts, moments = {}, {}
        for attribute in schema.named:
            labels = np.asarray(columns.get(f"label.{attribute.name}", none), object)
            known = np.array([label is not None for label in labels], bool)
            read = np.asarray(columns[f"reading.{attribute.name}"])[known]
            said, true = (_codes(attribute, each) for each in (read, labels[known]))
            counts[attribute.name] = _counted(attribute, said, true)
            if attribute.kind == "continuous":
                x, y = said[:, 0], true[:, 0]
                sums = [np.ones_like(x), x, y, x * x, y * y, x * y]
                moments[attribute.name] = np.array([each.sum() for each in sums])
        strange = int((np.asarray(columns["strangeness"]) > 1).sum())
        return cls(images, strange, counts, moments, _added(columns))

    def measures(self) -> dict[str, Any]:
        """What follows from the sums.

        ``images``; ``unlike``: share that is unlike the training images; ``accuracy`` and
        ``balanced_accuracy``: means over attributes with labels; ``attributes``: by name
        ``labelled`` images, ``accuracy``, ``balanced_accuracy``, of a continuous one ``r2``, and
        ``importance``: mean absolute contribution to the score; ``variance``: share of each
        contribution in the variance of the score, which add up to 1. None where nothing is known.
        """
        names = {name: _read_right(each) for name, each in self.counts.items()}
        for name, sums in self.moments.items():
            names[name]["r2"] = _r2(sums)
        for name, sums in self.added.items():
            names.setdefault(name, {})["importance"] = float(sums[0] / self.images)
        figures = {
            figure: _mean([each.get(figure) for each in names.values()])
            for figure in ("accuracy", "balanced_accuracy")
        }
        return {
            "images": self.images,
            "unlike": self.strange / self.images if self.images else None,
            **figures,
            "variance": {n: _share(sums, self.images) for n, sums in self.added.items()},
            "attributes": names,
        }


def tally(schema: Schema, tables: Iterable[Path]) -> Tally:
    """Count tables one after the other, each of which fits into memory."""
    from pyarrow import parquet

    total: Tally | None = None
    for path in tables:
        file = parquet.ParquetFile(path)
        wanted = [n for n in file.schema_arrow.names if not n.startswith(("places.", "image"))]
        columns = file.read(columns=wanted).to_pydict()
        mine = Tally.of(schema, columns)
        total = mine if total is None else total + mine
    assert total is not None, "one table or more"
    return total


def _codes(attribute: Attribute, values: NDArray[Any]) -> NDArray[np.float64]:
    """Natural values as the columns that `value` reads, ``(rows, width)``."""
    if attribute.kind == "categorical":
        places = {level: place for place, level in enumerate(attribute.levels)}
        found = np.zeros((len(values), attribute.width))
        found[np.arange(len(values)), [places[each] for each in values]] = 1
        return found
    numbers = np.asarray(values, np.float64)[:, None]
    low, high = attribute.range or (0.0, 1.0)
    return 2 * (numbers - low) / (high - low) - 1


def _counted(
    attribute: Attribute, said: NDArray[np.float64], true: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Images by what is read and what is labelled."""
    size = {"binary": 2, "continuous": 3}.get(attribute.kind, attribute.width)
    found = np.zeros((size, size), np.int64)
    np.add.at(found, (value(attribute, said), value(attribute, true)), 1)
    return found


def _added(columns: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Sums of what each contribution adds; nothing of a black box."""
    if "score" not in columns:
        return {}
    score = np.asarray(columns["score"], np.float64)
    found = {}
    for name in columns:
        if name.startswith(CONTRIBUTION):
            each = np.asarray(columns[name], np.float64)
            sums = [np.abs(each), each, each * score, score, score * score]
            found[name.removeprefix(CONTRIBUTION)] = np.array([one.sum() for one in sums])
    return found


def _read_right(counts: NDArray[np.int64]) -> dict[str, Any]:
    """How often an attribute is read right, as in `metrics.readings.reliability`."""
    known, right, true = int(counts.sum()), counts.diagonal(), counts.sum(axis=0)
    occur = true > 0
    balanced = float((right[occur] / true[occur]).mean()) if occur.sum() > 1 else None
    accuracy = float(right.sum() / known) if known else None
    return {"labelled": known, "accuracy": accuracy, "balanced_accuracy": balanced}


def _r2(sums: NDArray[np.float64]) -> float | None:
    """Share of the variance that the best line through the readings explains; 0 if it falls."""
    n, x, y, xx, yy, xy = sums
    spread = (n * xx - x * x) * (n * yy - y * y)
    return float(max(0.0, n * xy - x * y) ** 2 / spread) if spread > 0 else None


def _share(sums: NDArray[np.float64], images: int) -> float | None:
    """Covariance of a contribution and the score over the score's variance."""
    _, added, both, score, square = sums / max(images, 1)
    variance = square - score * score
    return float((both - added * score) / variance) if variance > 0 else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return float(np.mean(known)) if known else None
