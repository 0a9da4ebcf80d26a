"""Judges that somebody else made: any function from images to probabilities of attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.metrics.calibration import matched
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.readings import Reliability, agreement
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

SMALLEST = 1e-6
"""Probabilities nearer to 0 or 1 count as that near, so that log-odds are numbers."""


@dataclass(frozen=True)
class ForeignJudge:
    """A classifier from elsewhere.

    Args:
        name: what results call it.
        checksum: of its weights, so that results say which version judged.
        attributes: what it reads, in the order of its columns.
        probabilities: images ``(batch, channels, size, size)`` in [-1, 1] to an array or tensor
            ``(batch, columns)`` of numbers from 0 to 1: one column for a binary attribute, one per
            level for one with levels.
    """

    name: str
    checksum: str
    attributes: tuple[str, ...]
    probabilities: Callable[[Images], Any]


class FaceNetworks(NamedTuple):
    """Networks from elsewhere whose features of faces are compared.

    descriptor: says who somebody is: alike for images of one person. landmarks: the 468 points of a
    face mesh across and down, flat ``(n, 936)``. Either may be missing.
    """

    descriptor: FeatureExtractor | None = None
    landmarks: FeatureExtractor | None = None


@dataclass(frozen=True, eq=False)
class SeatedJudge:
    """A foreign judge that reads the schema of a data set, as a `metrics.readings.Judge`.

    It is tried out as our own evaluators are, see `tried_out`.
    """

    schema: Schema
    foreign: ForeignJudge
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]
    reliability: dict[str, Reliability]
    unmeasured: str = ""

    architecture = ""

    @property
    def name(self) -> str:
        """As its maker calls it; other weights, another name."""
        return f"{self.foreign.name}@{self.checksum[:8]}"

    @property
    def checksum(self) -> str:
        """Of its weights, as its maker says."""
        return self.foreign.checksum

    @property
    def readable(self) -> tuple[str, ...]:
        """The attributes that it names and reads well enough."""
        return tuple(name for name, how in self.reliability.items() if how.readable)

    def read(self, images: Images) -> NDArray[np.float32]:
        """Scores ``(batch, named columns)``; 0 of attributes that it does not name."""
        return (_raw(self.foreign, self.schema, images) - self.offset) * self.scale


class Trial(NamedTuple):
    """What brings raw readings to the scale of codes, each ``(named columns,)``; how well each
    attribute is read then, and why that was not measured, if it was not."""

    offset: NDArray[np.float32]
    scale: NDArray[np.float32]
    reliability: dict[str, Reliability]
    unmeasured: str


def seat(foreign: ForeignJudge, data: Dataset) -> SeatedJudge:
    """Let a foreign judge read the attributes of a data set that it names.

    Raises:
        UnknownAttributeError: it names an attribute that the data do not have.
        SchemaError: it names one that has no probabilities.
        DataError: it does not answer as it should.
    """
    for name in foreign.attributes:
        if data.schema[name].kind == "continuous":
            raise SchemaError(
                f"judge {foreign.name!r} names {name!r}, a number without probabilities: leave it "
                "out."
            )
    known = data.known.copy()
    for name in data.schema.names:
        if name not in foreign.attributes:
            known[:, data.schema.slices[name]] = False

    found = tried_out(data, lambda images: _raw(foreign, data.schema, images), known)
    named = {name: found.reliability[name] for name in foreign.attributes}
    return SeatedJudge(data.schema, foreign, found.offset, found.scale, named, found.unmeasured)


def tried_out(
    data: Dataset, read: Callable[[Images], NDArray[np.float32]], known: NDArray[np.bool_]
) -> Trial:
    """How to read a judge, and how well it reads: thresholds are matched to each value's frequency
    on validation rows, reliability is measured on test rows.

    Args:
        read: images to raw readings ``(batch, named columns)``.
        known: which labels count, ``(N, named columns)``.
    """

    def raw(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        parts = [np.zeros((0, data.schema.named_columns), np.float32)]
        return np.concatenate(parts + [read(data.batch(rows[p])[0]) for p in slices(len(rows))])

    fitting = data.rows("validation")
    offset, scale = matched(data.schema, raw(fitting), data.codes[fitting], known[fitting])
    missing = next((name for name in ("validation", "test") if not len(data.rows(name))), None)
    rows = data.rows("test") if missing is None else fitting[:0]
    scores = (raw(rows) - offset) * scale
    reliability = agreement(data.schema, scores, data.codes[rows], known[rows])
    unmeasured = f"there are no {missing} images" if missing else ""
    return Trial(offset, scale, reliability, unmeasured)


@torch.no_grad()
def _raw(foreign: ForeignJudge, schema: Schema, images: Images) -> NDArray[np.float32]:
    """Log-odds in the columns of the attributes it names, ``(batch, named columns)``."""
    columns = [schema.slices[name] for name in foreign.attributes]
    width = sum(each.stop - each.start for each in columns)
    said = torch.as_tensor(foreign.probabilities(images)).cpu().double().numpy()
    if said.shape != (len(images), width) or not ((said >= 0) & (said <= 1)).all():
        raise DataError(
            f"judge {foreign.name!r} answered with {said.shape}: it must give probabilities from "
            f"0 to 1, {(len(images), width)} for these images and its {len(columns)} attributes."
        )
    said = np.clip(said, SMALLEST, 1 - SMALLEST)
    odds, start = np.log(said / (1 - said)).astype(np.float32), 0
    scores = np.zeros((len(images), schema.named_columns), np.float32)
    for each in columns:
        scores[:, each] = odds[:, start : start + each.stop - each.start]
        start += each.stop - each.start
    return scores
