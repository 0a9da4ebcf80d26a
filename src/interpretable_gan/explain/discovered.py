"""What is this discovered attribute? Its strongest examples, its kin, and a name for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import norm

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain.bars import bar_picture, stacked
from interpretable_gan.explain.calibration import read_rows
from interpretable_gan.explain.explanation import Explanation
from interpretable_gan.explain.strips import draw_strips, strip_values
from interpretable_gan.metrics.uncertainty import wilson
from interpretable_gan.modalities.pictures import Row, compose, to_pixels
from interpretable_gan.models.images import ImageModel
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.run import Run

STRIPS = 6
"""Samples of which strips are kept."""

SIDE = 96
"""Pixels that a tile is drawn wide, at least."""

KIN = 8
"""Named attributes that a picture shows."""

ALIKE = 0.3
"""Least absolute correlation at which a named attribute suggests an alias."""


@dataclass(frozen=True)
class Correlation:
    """Pearson correlation with a named attribute or level, its 95 % interval (Fisher's z), and
    the rows behind it."""

    r: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True, eq=False)
class DiscoveredExplanation(Explanation):
    """What a discovered attribute seems to be.

    highest, lowest: rows of the data where it is read strongest, the strongest first
    correlations: named attribute, or ``attribute=level`` → correlation of reading and label
    suggestion: an alias, or nothing where no named attribute resembles it
    obeyed: share of samples whose reading rises when high is asked for instead of low; 0.5 is
        chance; ``obeyed_interval``: 95 %
    captions, strips: the same samples along it  uint8 (sample, value, height, width, channel)
    rows: how many were read;  data: checksum of the data
    """

    attribute: Attribute
    highest: NDArray[np.int64]
    lowest: NDArray[np.int64]
    correlations: Mapping[str, Correlation]
    suggestion: str
    obeyed: float
    obeyed_interval: tuple[float, float]
    captions: tuple[str, ...]
    strips: NDArray[np.uint8]
    rows: int
    data: str

    @property
    def axes(self) -> dict[str, Sequence[Any]]:
        """named, value."""
        return {"named": tuple(self.correlations), "value": self.captions}

    @property
    def kin(self) -> list[tuple[str, Correlation]]:
        """The named attributes from most to least correlated."""
        return sorted(self.correlations.items(), key=lambda pair: -abs(pair[1].r))

    def to_rows(self) -> list[dict[str, Any]]:
        """One row per named attribute or level: the correlations."""
        return [{"named": name, **vars(found)} for name, found in self.correlations.items()]

    def to_dict(self) -> dict[str, Any]:
        """All but the strips, which are pictures."""
        return {
            "attribute": self.attribute.name,
            "alias": self.attribute.alias,
            "suggestion": self.suggestion,
            "highest": self.highest,
            "lowest": self.lowest,
            "correlations": {name: vars(found) for name, found in self.correlations.items()},
            "obeyed": self.obeyed,
            "obeyed_interval": self.obeyed_interval,
            "rows": self.rows,
            "data": self.data,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """Its kin, whether the generator obeys it, and a suggestion."""
        name, found = self.kin[0]
        low, high = self.obeyed_interval
        return (
            f"{self.attribute.label} goes along most with {name} "
            f"(r = {found.r:+.2f} [{found.low:+.2f}, {found.high:+.2f}], {found.rows} rows). "
            f"Asked for more of it, the generator shows more in {self.obeyed:.0%} "
            f"[{low:.0%}, {high:.0%}] of samples. "
            + (
                f"Suggested alias: {self.suggestion!r}."
                if self.suggestion
                else "No named attribute resembles it: look at its strongest examples."
            )
        )

    def rows_of_strips(self) -> list[Row]:
        """The strips as rows for `pictures.save_rows`."""
        return [
            Row(images, labels=() if number else self.captions)
            for number, images in enumerate(self.strips)
        ]

    def plot(self, data: Dataset | None = None) -> Image.Image:
        """Strips, and how the closest named attributes go along with it.

        Args:
            data: what was read; its strongest examples then stand above.
        """
        rows = self.rows_of_strips()
        if data is not None:
            ends = {"most": self.highest, "least": self.lowest}
            rows = [*(Row(data.images[found], end) for end, found in ends.items()), *rows]
        kin = dict(self.kin[:KIN])
        bars = bar_picture(
            {name: found.r for name, found in kin.items()},
            {name: (found.low, found.high) for name, found in kin.items()},
            title=f"correlation with {self.attribute.label}, with 95 % interval",
        )
        return stacked([compose(rows, scale=-(-SIDE // self.strips.shape[2])), bars])


def explain_discovered(
    model: ImageModel,
    data: Dataset,
    name: str,
    *,
    rows: NDArray[np.int64] | None = None,
    count: int = 8,
    samples: int = 256,
    seed: int = 0,
) -> DiscoveredExplanation:
    """Find out what a discovered attribute is.

    Args:
        data: real images of the model's schema, with labels to compare with.
        name: such as ``d07``.
        rows: of the data to read; by default those held out from training.
        count: strongest examples on either side.
        samples: to draw along the attribute; ``seed`` decides which.

    Raises:
        UnknownAttributeError: the schema has no such attribute.
        SchemaError: it is a named one.
        DataError: data of another schema, no rows, no samples or no examples.
    """
    attribute = model.schema[name]
    name, columns = attribute.name, model.schema.slices[attribute.name]
    if attribute.source != "discovered":
        raise SchemaError(f"{name!r} is a named attribute; ask explain_attribute what it does.")
    if data.schema.named != model.schema.named:
        raise DataError(f"data set {data.name!r} has another schema than the model.")
    if samples < 1 or count < 1:
        raise DataError(
            f"nothing can be seen on {samples} samples and {count} examples; give one or more."
        )
    if rows is None:
        rows = np.concatenate([data.rows("validation"), data.rows("test")])
    if not len(rows):
        raise DataError(f"data set {data.name!r} has no such rows to look at.")
    readings = read_rows(model, data, rows)[:, columns][:, 0]
    order = np.argsort(readings, kind="stable")
    correlations = correlations_of(data, rows, readings)
    obeyed = obeying(model, name, samples, seed)
    strips = draw_strips(
        model, name, model.codes(STRIPS, seed=seed), model.styles(STRIPS, seed=seed)
    )
    low, high = wilson(obeyed, samples)
    return DiscoveredExplanation(
        attribute=attribute,
        highest=rows[order[::-1][:count]],
        lowest=rows[order[:count]],
        correlations=correlations,
        suggestion=_suggestion(correlations),
        obeyed=obeyed / samples,
        obeyed_interval=(low, high),
        captions=tuple(strip_values(attribute)),
        strips=np.stack([to_pixels(strip) for strip in strips]),
        rows=len(rows),
        data=data.checksum,
    )


def set_alias(run: Run, name: str, alias: str) -> Schema:
    """Give a discovered attribute of a run a name for people; an empty one takes it away.

    ``schema.yaml`` is written whole or not at all. Code goes on to say ``d07``.

    Raises:
        UnknownAttributeError: the schema has no such attribute.
        SchemaError: a named attribute, or an alias that is no name or that another attribute goes
            by.
    """
    attribute, schema = run.schema[name], run.schema
    name = attribute.name
    if attribute.source != "discovered":
        raise SchemaError(f"{name!r} has a name already: only discovered attributes take an alias.")
    alias = alias.strip()
    if not alias.isprintable() or "=" in alias:
        raise SchemaError(f"{alias!r} is no alias: give printable text on one line without '='.")
    for other in (*schema.attributes, *(word.attribute for word in run.words())):
        if alias and other.name != name and alias in (other.name, other.alias):
            raise SchemaError(f"{other.name!r} goes by {alias!r} already; choose another alias.")
    renamed = attribute.model_copy(update={"alias": alias})
    told = Schema(
        name=schema.name,
        attributes=tuple(renamed if each.name == name else each for each in schema.attributes),
        target=schema.target,
        augmentations=schema.augmentations,
    )
    told.save(run.path / "schema.yaml")
    return told


def correlations_of(
    data: Dataset, rows: NDArray[np.int64], readings: NDArray[np.float32]
) -> dict[str, Correlation]:
    """Reading against every named column; columns that never vary are left out."""
    found = {}
    for attribute in data.schema.named:
        columns = data.schema.slices[attribute.name]
        names = [f"{attribute.name}={level}" for level in attribute.levels] or [attribute.name]
        for name, column in zip(names, range(columns.start, columns.stop), strict=True):
            known = data.known[rows, column]
            labels, read = data.codes[rows[known], column], readings[known]
            if known.sum() > 3 and labels.std() and read.std():
                found[name] = _correlation(read, labels)
    if not found:
        raise DataError(f"data set {data.name!r}: no attribute varies in the rows to look at.")
    return found


def _correlation(read: NDArray[np.float32], labels: NDArray[np.float32]) -> Correlation:
    r = float(np.clip(np.corrcoef(read, labels)[0, 1], -1, 1))
    half = 1.96 / np.sqrt(len(read) - 3)
    with np.errstate(divide="ignore"):  # at ±1 the interval is the point
        low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
    return Correlation(r, float(low), float(high), len(read))


def _suggestion(correlations: Mapping[str, Correlation]) -> str:
    """The closest named attribute, if it is close, and closer than the best of so many would come
    by chance (Bonferroni, 5 %)."""
    name, closest = max(correlations.items(), key=lambda pair: abs(pair[1].r))
    with np.errstate(divide="ignore"):
        z = np.arctanh(abs(closest.r)) * np.sqrt(closest.rows - 3)
    if abs(closest.r) < ALIKE or 2 * norm.sf(z) * len(correlations) > 0.05:
        return ""
    return f"{'like' if closest.r > 0 else 'unlike'} {name}"


def obeying(model: ImageModel, name: str, samples: int, seed: int) -> int:
    """In how many samples the reading is higher at the high end than at the low one."""
    code, style = model.codes(samples, seed=seed), model.styles(samples, seed=seed)
    column = model.schema.slices[name].start
    low, high = draw_strips(model, name, code, style, steps=2).unbind(dim=1)
    return int((model.read(high)[:, column] > model.read(low)[:, column]).sum())
