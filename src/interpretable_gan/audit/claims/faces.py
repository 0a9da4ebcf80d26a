"""Faces as published networks know them: how they are built, and who they are after an edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims import realness
from interpretable_gan.audit.claims.base import Findings, Measure, measure
from interpretable_gan.audit.claims.goodness import (
    Rows,
    beside_training,
    jackknifed,
    training_features,
)
from interpretable_gan.audit.judges import FaceNetworks
from interpretable_gan.audit.material import Material
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.identity import IdentityScale, cosine, identity_scale
from interpretable_gan.metrics.landmarks import COMPONENTS, FaceShapes, spread
from interpretable_gan.metrics.quality.frechet import frechet_distance
from interpretable_gan.metrics.quality.precision_recall import precision_recall
from interpretable_gan.metrics.targets import set_target
from interpretable_gan.shapes import Code, Style

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

MOST = 2000
"""Most faces on each side of a distance."""

Figures = Callable[[Rows, Rows], dict[str, float]]
"""Features of test people and of others to figures by name."""


@dataclass(frozen=True)
class Faces:
    """The faces of a study, drawn again for networks that know faces."""

    model: ImageModel
    data: Dataset
    material: Material
    networks: FaceNetworks
    seed: int

    def likeness(self, ours: Findings) -> Findings:
        """Findings on pictures, and beside them how far faces of samples are from those of test
        people, and how various they are: each beside the same of training people."""
        found, told = list(ours.measures), {}
        if self.networks.landmarks is not None:
            told["landmarks"] = self.networks.landmarks.describe()
            found += self._built(self.networks.landmarks)
        if self.networks.descriptor is not None:
            told["descriptor"] = self.networks.descriptor.describe()
            found += self._compared(*self._descriptors, _manifolds)
        return ours.model_copy(update={"measures": tuple(found), "details": ours.details | told})

    def identity(self, ours: Findings) -> Findings:
        """Findings on edits, and beside them how alike descriptors of a sample before and after one
        edit are; and those of two samples, and photographs of one person and of two people."""
        if self.networks.descriptor is None:
            return ours
        before = self._descriptors[1]
        rows, after = self._edited(self.networks.descriptor)
        kept, strangers = cosine(before[rows], after), cosine(before, np.roll(before, 1, axis=0))
        found = [self._mean("identity kept", kept, rows, "edits")]
        scale = self._scale(self.networks.descriptor)
        reason = ours.reason
        every = np.arange(len(before))
        found.append(self._mean("identity of two samples", strangers, every, "pairs"))
        if scale is not None:
            found += _of_photographs(scale)
            reason = f"{reason} {_accuracy(scale)}".strip()
        return ours.model_copy(
            update={
                "measures": (*ours.measures, *found),
                "reason": reason,
                "details": ours.details | {"identity": scale.to_dict() if scale else None},
            }
        )

    @property
    def _count(self) -> int:
        return min(MOST, len(self.material.real))

    @cached_property
    def _descriptors(self) -> tuple[Rows, Rows, Rows, NDArray[np.int64]]:
        assert self.networks.descriptor is not None
        return self._sides(self.networks.descriptor, self._count)

    def _sides(
        self, extractor: FeatureExtractor, training: int
    ) -> tuple[Rows, Rows, Rows, NDArray[np.int64]]:
        """Features of test images, of samples with their labels, and of so many training images,
        whose rows come last."""
        count, material = self._count, self.material
        rows = material.rows[:count]
        real = [extractor(self.data.batch(rows[p])[0]) for p in slices(count)]
        drawn = self._drawn(extractor, material.code[:count], material.style[:count])
        rows, usual = training_features(training, self.data, extractor, self.seed)
        return np.concatenate(real), drawn, usual, rows

    def _drawn(self, extractor: FeatureExtractor, code: Code, style: Style) -> Rows:
        parts = [extractor(self.model.draw(code[p], style[p])) for p in slices(len(code))]
        return np.concatenate(parts)

    def _built(self, extractor: FeatureExtractor) -> tuple[Measure, ...]:
        """What landmarks say, on shapes fitted on training people."""
        *sides, training = self._sides(extractor, MOST)
        if len(training) <= COMPONENTS:
            return ()
        points = [each.reshape(len(each), -1, 2) for each in sides]
        shapes = FaceShapes.of(points[2])
        real, drawn, usual = (shapes.scores(each) for each in points)
        return self._compared(real, drawn, usual, training, _shapes)

    def _compared(
        self, real: Rows, drawn: Rows, usual: Rows, training: NDArray[np.int64], figures: Figures
    ) -> tuple[Measure, ...]:
        """Samples against test people, beside as many training people."""
        count, groups = self._count, self.data.groups
        usual, training = usual[:count], training[:count]
        mine = self.material.clusters[:count]
        theirs = training if groups is None else groups[training]
        return beside_training(
            jackknifed(figures, real, drawn, mine, mine, self.seed),
            jackknifed(figures, real, usual, mine, theirs, self.seed),
            self.material.behind(slice(count), real=count),
            len(drawn),
            len(usual),
        )

    def _edited(self, extractor: FeatureExtractor) -> tuple[NDArray[np.int64], Rows]:
        """Numbers of samples, and their features with one random attribute changed."""
        rows, after = [], []
        for each in self.material.edits:
            mine = each.rows[: len(each.features)]
            mine = mine[mine < self._count]
            if len(mine):
                code = set_target(self.model.schema, self.material.code[mine], each.target)
                rows.append(mine)
                after.append(self._drawn(extractor, code, self.material.style[mine]))
        return np.concatenate(rows), np.concatenate(after)

    def _scale(self, extractor: FeatureExtractor) -> IdentityScale | None:
        """What photographs of test people have; None where nobody is there twice."""
        try:
            return identity_scale(self.data, extractor, seed=self.seed)
        except DataError:
            return None

    def _mean(
        self, name: str, values: NDArray[np.float64], rows: NDArray[np.int64], what: str
    ) -> Measure:
        """A mean over samples, of so many of ``what``."""
        counts = self.material.behind(rows, **{what: len(values)})
        ends = intervals.mean(values, self.material.clusters[rows])
        return measure(realness.CLAIM, name, float(values.mean()), ends, samples=counts)


def _shapes(real: Rows, others: Rows) -> dict[str, float]:
    """Distance of faces' shapes, and how various the others are: 1 is as real ones."""
    return {
        "landmark distance": frechet_distance(real, others).value,
        "landmark spread": spread(others) / spread(real),
    }


def _manifolds(real: Rows, others: Rows) -> dict[str, float]:
    """Distance of who faces are, and how much of one another they cover."""
    cover = precision_recall(real, others, k=3, jobs=1).breakdown
    return {
        "descriptor distance": frechet_distance(real, others).value,
        "descriptor precision": cover["precision"],
        "descriptor recall": cover["recall"],
    }


def _of_photographs(scale: IdentityScale) -> Sequence[Measure]:
    pairs = {"pairs": scale.pairs}
    return [
        measure(realness.CLAIM, f"identity of {whose}", value, ends, samples=pairs)
        for whose, value, ends in (
            ("one person's photographs", scale.same, scale.same_interval),
            ("two people's photographs", scale.different, scale.different_interval),
        )
    ]


def _accuracy(scale: IdentityScale) -> str:
    return (
        f"{scale.extractor} tells whether two photographs of test people show one person right in "
        f"{100 * scale.accuracy:.0f} % of {2 * scale.pairs:,} pairs."
    )
