"""Which discovered attributes are worth a person's time? Those that hold, and say something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain.calibration import read_rows
from interpretable_gan.explain.discovered import Correlation, correlations_of, obeying
from interpretable_gan.explain.explanation import Explanation
from interpretable_gan.metrics.uncertainty import wilson
from interpretable_gan.modalities.pictures import Row, compose
from interpretable_gan.models.images import ImageModel
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute

EXAMPLES = 6
"""Images at either end of a direction that a picture shows."""

SHOWN = 12
"""Directions that a picture shows."""

SIDE = 64
"""Pixels that an image is drawn wide, at least."""

RIDGE = 1e-3
"""Penalty of the regression on named attributes, in variances of one."""

Readings = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A discovered attribute, and what speaks for a look at it.

    highest, lowest: rows of the data where it is read strongest, the strongest first
    obeyed: share of samples whose reading rises when it is asked for; 0.5 is chance, 1 best;
        ``obeyed_interval``: 95 %
    told: share of its variance over images that the named attributes' readings tell, on images that
        the regression had not seen; 0 is all new, 1 nothing new
    closest: the named attribute, or ``attribute=level``, with whose labels it goes along most
    again: for each other run the largest absolute correlation with one of its discovered
        attributes, over the same images
    """

    attribute: Attribute
    highest: tuple[int, ...]
    lowest: tuple[int, ...]
    obeyed: float
    obeyed_interval: tuple[float, float]
    told: float
    closest: str
    correlation: Correlation
    again: tuple[float, ...]

    @property
    def worth(self) -> float:
        """What is looked at first, 0 to 1: how far it is obeyed beyond chance, times how much of it
        is new, times how well other runs find it again, where there are any."""
        obeyed = max(2 * self.obeyed - 1, 0.0)
        return obeyed * (1 - self.told) * (min(self.again) if self.again else 1.0)


@dataclass(frozen=True, eq=False)
class Candidates(Explanation):
    """The discovered attributes of a model, those most worth a person's time first.

    ranked: in the proposed order
    runs: other runs that were asked whether they find the same
    rows: images that were read;  data: checksum of the data
    """

    ranked: tuple[Candidate, ...]
    runs: int
    rows: int
    data: str

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """discovered."""
        return {"discovered": tuple(each.attribute.name for each in self.ranked)}

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per discovered attribute, in the proposed order."""
        return [
            {
                "attribute": each.attribute.name,
                "alias": each.attribute.alias,
                "worth": each.worth,
                "obeyed": each.obeyed,
                "told": each.told,
                "closest": each.closest,
                "r": each.correlation.r,
                "again": min(each.again) if each.again else None,
            }
            for each in self.ranked
        ]

    def to_dict(self) -> dict[str, Any]:
        """Rows, with the examples at both ends."""
        ends = [
            {
                "obeyed_interval": each.obeyed_interval,
                "interval": (each.correlation.low, each.correlation.high),
                "highest": each.highest,
                "lowest": each.lowest,
                "again": each.again,
            }
            for each in self.ranked
        ]
        rows = [row | end for row, end in zip(self.to_rows(), ends, strict=True)]
        return {
            "candidates": rows,
            "runs": self.runs,
            "rows": self.rows,
            "data": self.data,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """What to look at first, and why."""
        first = self.ranked[0]
        low, high = first.obeyed_interval
        again = ""
        if first.again:
            again = f" Each of {self.runs} other runs has one with |r| ≥ {min(first.again):.2f}."
        return (
            f"Look at {first.attribute.label} first: asked for more of it, the generator shows "
            f"more in {first.obeyed:.0%} [{low:.0%}, {high:.0%}] of samples, and the named "
            f"attributes tell {first.told:.0%} of it. It goes along most with {first.closest} "
            f"(r = {first.correlation.r:+.2f}).{again}"
        )

    def plot(self, data: Dataset) -> Image.Image:
        """The images of the data at both ends of the first directions: least, then most."""
        rows: list[Row] = []
        for each in self.ranked[:SHOWN]:
            images = [*each.lowest[::-1], *each.highest]
            labels = [*["less"] * len(each.lowest), *["more"] * len(each.highest)]
            rows.append(Row(data.images[images], each.attribute.label, () if rows else labels))
        return compose(rows, scale=-(-SIDE // data.size))


def rank_discovered(
    model: ImageModel,
    data: Dataset,
    *,
    also: Sequence[ImageModel] = (),
    rows: NDArray[np.int64] | None = None,
    samples: int = 128,
    seed: int = 0,
    progress: Progress = silent,
) -> Candidates:
    """Propose in which order to look at what training discovered.

    Args:
        data: real images of the model's schema.
        also: models of other runs on the same data; a direction that they find again is no accident
            of a seed.
        rows: of the data to read; by default those held out from training.
        samples: drawn along each direction; ``seed`` decides which.
        progress: told how many directions are tried.

    Raises:
        SchemaError: the model discovered nothing.
        DataError: data of another schema, another model of another schema, or too few rows.
    """
    found = model.schema.discovered
    if not found:
        raise SchemaError("nothing was discovered: train with discovered=24, say.")
    for each in (model, *also):
        if data.schema.named != each.schema.named:
            raise DataError(f"data set {data.name!r} has another schema than the model.")
    if rows is None:
        rows = np.concatenate([data.rows("validation"), data.rows("test")])
    if len(rows) < 2 * EXAMPLES:
        raise DataError(f"data set {data.name!r}: {len(rows)} images are too few to compare.")
    reading = read_rows(model, data, rows, progress).astype(np.float64)
    others = [
        read_rows(each, data, rows, progress)[:, _discovered(each)].astype(np.float64)
        for each in also
    ]
    ranked = []
    for number, attribute in enumerate(found):
        progress(Status(number, len(found), "trying directions"))
        column = reading[:, model.schema.slices[attribute.name].start]
        named = reading[:, : model.schema.named_columns]
        obeyed = obeying(model, attribute.name, samples, seed)
        ranked.append(_candidate(attribute, data, rows, column, named, (obeyed, samples), others))
    ranked.sort(key=lambda each: -each.worth)
    return Candidates(tuple(ranked), len(also), len(rows), data.checksum)


def _candidate(
    attribute: Attribute,
    data: Dataset,
    rows: NDArray[np.int64],
    column: Readings,
    named: Readings,
    obeyed: tuple[int, int],
    others: Sequence[Readings],
) -> Candidate:
    """What speaks for a direction, from its reading of the rows, those of the named attributes, how
    many of how many samples obeyed, and what other models discovered in the same rows."""
    correlations = correlations_of(data, rows, column.astype(np.float32))
    closest = max(correlations, key=lambda name: abs(correlations[name].r))
    order = np.argsort(column, kind="stable")
    return Candidate(
        attribute=attribute,
        highest=tuple(rows[order[::-1][:EXAMPLES]].tolist()),
        lowest=tuple(rows[order[:EXAMPLES]].tolist()),
        obeyed=obeyed[0] / obeyed[1],
        obeyed_interval=wilson(*obeyed),
        told=told_by(named, column),
        closest=closest,
        correlation=correlations[closest],
        again=tuple(_again(column, each) for each in others),
    )


def told_by(named: Readings, column: Readings) -> float:
    """R² of a linear fit of ``column`` (row,) on ``named`` (row, columns), learned on every other
    row and judged on the rest, both ways; 0 to 1, and 0 where the column never varies."""
    if not column.std():
        return 0.0
    spread = named.std(axis=0)
    scaled = (named - named.mean(axis=0)) / np.where(spread > 0, spread, 1)
    gaps = np.zeros(len(column))
    for start in (0, 1):
        learned, judged = scaled[start::2], scaled[1 - start :: 2]
        level = column[start::2].mean()
        square = learned.T @ learned + RIDGE * len(learned) * np.eye(learned.shape[1])
        slope = np.linalg.solve(square, learned.T @ (column[start::2] - level))
        gaps[1 - start :: 2] = column[1 - start :: 2] - level - judged @ slope
    return float(np.clip(1 - np.square(gaps).mean() / column.var(), 0, 1))


def _discovered(model: ImageModel) -> slice:
    """The columns of what a model discovered."""
    return slice(model.schema.named_columns, model.schema.trained.columns)


def _again(column: Readings, others: Readings) -> float:
    """The largest absolute correlation with one of the other readings (row, columns)."""
    varied = others[:, others.std(axis=0) > 0]
    if not column.std() or not varied.shape[1]:
        return 0.0
    centred = (varied - varied.mean(axis=0)) / varied.std(axis=0)
    mine = (column - column.mean()) / column.std()
    return float(np.abs(mine @ centred).max() / len(column))
