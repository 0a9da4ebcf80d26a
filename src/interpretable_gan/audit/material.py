"""All images that the claims share, drawn once: samples, real images beside them, and edits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.decision_shares import by_attribute, decision_parts
from interpretable_gan.metrics.labelled_codes import labelled_codes
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.readings import Judge, value, values
from interpretable_gan.metrics.targets import Target, set_target, targets
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.progress import Progress, Status
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

SHOWING = 4
"""For so many edits of samples that do not show a target, one of a sample that does already."""

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Observed:
    """A set of images, as everybody saw it; rows are images.

    scores: of each judge (image, named columns); read: the model's own encoder, as codes
    contributions: of each attribute to the score (image, attribute); parts: of the score by name
    features: of the first ones, for distances
    """

    scores: tuple[Scores, ...]
    read: Scores
    contributions: Floats
    parts: dict[str, Floats]
    features: Scores

    def __len__(self) -> int:
        return len(self.read)


@dataclass(frozen=True, eq=False)
class Edited:
    """Samples with one attribute set to a target, and what judges and model then saw.

    rows: numbers of the samples; showing: the target was read before the edit already
    scores: of each judge after the edit (edit, named columns)
    moved: how far the contribution of each attribute moved, decided by the same code as before the
        edit (edit, attribute)
    features: of the edits with which samples are compared, one per sample; empty for the others
    """

    target: Target
    rows: NDArray[np.int64]
    showing: NDArray[np.bool_]
    scores: tuple[Scores, ...]
    moved: Floats
    features: Scores


@dataclass(frozen=True, eq=False)
class Material:
    """What claims are measured on.

    rows: the data's row whose labels each sample was drawn with; the first ``len(real)`` are those
        of the real images, in order. clusters: the row's group, or the row itself where the data
        has no groups, counted from 0, for resampling; grouped: whether it has.
    code: what was drawn (sample, columns); condition: what is decided by, the same with 0 where a
        label is missing.
    exchanged: contributions with the real image before it in the place of each real image, decided
        by the same code (image, attribute).
    """

    rows: NDArray[np.int64]
    clusters: NDArray[np.int64]
    code: Code
    condition: Code
    style: Style
    samples: Observed
    real: Observed
    exchanged: Floats
    edits: tuple[Edited, ...]
    grouped: bool = False

    @property
    def cluster_count(self) -> int:
        """How many groups, or rows of labels, there are."""
        return int(self.clusters.max()) + 1

    def behind(
        self, samples: NDArray[np.int64] | slice = slice(None), **counts: int
    ) -> dict[str, int]:
        """What a figure on some of the samples rests on: counts, and how many groups."""
        if not self.grouped:
            return counts
        return counts | {"groups": len(np.unique(self.clusters[samples]))}

    def seen_by(self, number: int, judge: Judge) -> Material:
        """The same as judge ``number`` alone saw it, with the attributes that it can read."""
        before = self.samples.scores[number]
        edits = [
            replace(
                each,
                scores=(each.scores[number],),
                showing=shows(judge.schema, each.target, before[each.rows]),
            )
            for each in self.edits
            if each.target.attribute in judge.readable
        ]
        return replace(
            self,
            samples=replace(self.samples, scores=(before,)),
            real=replace(self.real, scores=(self.real.scores[number],)),
            edits=tuple(edits),
        )


def shows(schema: Schema, target: Target, scores: Scores) -> NDArray[np.bool_]:
    """In which rows of scores a target is read, ``(rows,)``."""
    columns = schema.slices[target.attribute]
    return value(schema[target.attribute], scores[:, columns]) == target.reads


def some_test_rows(data: Dataset, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most ``count`` rows of the test split in random order; never others."""
    return rng.permutation(data.rows("test"))[:count]


def gather(
    model: ImageModel,
    data: Dataset,
    real_rows: NDArray[np.int64],
    judges: Sequence[Judge],
    extractor: Extractor,
    sizes: Sizes,
    seed: int,
    report: Progress,
) -> Material:
    """Draw samples of the labels of real images, read and decide; the first judge says which
    samples show a target already."""
    rng = np.random.default_rng([seed, 5])
    rows = np.resize(real_rows, max(sizes.samples, len(real_rows)))
    code, condition = labelled_codes(model, data, rows, seed)
    style = model.styles(len(rows), seed=seed)
    look = _Look(model, judges, extractor)
    pictures = len(real_rows)
    real = look(
        (data.batch(real_rows[p])[0] for p in slices(pictures)),
        condition[:pictures],
        pictures,
        lambda done: report(Status(done, pictures, "looking at real images")),
    )
    before = np.roll(real_rows, 1)
    exchanged = look(
        (data.batch(before[p])[0] for p in slices(pictures)), condition[:pictures], 0
    ).contributions
    samples = look(
        (model.draw(code[p], style[p]) for p in slices(len(rows))),
        condition,
        pictures,
        lambda done: report(Status(done, len(rows), "drawing samples")),
    )
    plan = _plan(data.schema, judges, samples, sizes, pictures, rng)
    edits, done, of = [], 0, sum(len(each[1]) for each in plan)
    for target, chosen, compared in plan:
        edits.append(
            _edited(model, look, target, chosen, compared, code, condition, style, samples)
        )
        done += len(chosen)
        report(Status(done, of, "editing samples"))
    names = rows if data.groups is None else data.groups[rows]
    return Material(
        rows=rows,
        clusters=np.unique(names, return_inverse=True)[1],
        code=code,
        condition=condition,
        style=style,
        samples=samples,
        real=real,
        exchanged=exchanged,
        edits=tuple(edits),
        grouped=data.groups is not None,
    )


@dataclass(frozen=True)
class _Look:
    """Show images to the judges, the model and the feature network."""

    model: ImageModel
    judges: Sequence[Judge]
    extractor: Extractor

    def __call__(
        self,
        batches: Iterator[Images],
        condition: Code,
        features: int,
        done: Callable[[int], None] = lambda done: None,
    ) -> Observed:
        """``features``: of so many of the first images."""
        reading, start = Reading(self.model.schema), 0
        done(start)
        scores, read, contributions, parts_, seen = [], [], [], [], []
        for images in batches:
            terms, seen_as = self.model.scored(images, condition[start : start + len(images)])
            scores.append([judge.read(images) for judge in self.judges])
            read.append(reading.as_code(seen_as).float().cpu().numpy())
            contributions.append(by_attribute(self.model.schema, terms))
            parts_.append(decision_parts(terms))
            if start < features:
                seen.append(self.extractor(images[: features - start]))
            start += len(images)
            done(start)
        if not start:
            return self._nothing()
        return Observed(
            tuple(np.concatenate(each) for each in zip(*scores, strict=True)),
            np.concatenate(read),
            np.concatenate(contributions),
            {name: np.concatenate([part[name] for part in parts_]) for name in parts_[0]},
            np.concatenate(seen) if seen else np.zeros((0, 0), np.float32),
        )

    def _nothing(self) -> Observed:
        schema = self.model.schema
        nothing = np.zeros((0, schema.named_columns), np.float32)
        return Observed(
            tuple(nothing for _ in self.judges),
            np.zeros((0, schema.columns), np.float32),
            np.zeros((0, len(schema.names))),
            {},
            np.zeros((0, 0), np.float32),
        )


Plan = list[tuple[Target, NDArray[np.int64], NDArray[np.int64]]]
"""Target, samples to edit, and those among them whose features are compared."""


def _plan(
    schema: Schema,
    judges: Sequence[Judge],
    samples: Observed,
    sizes: Sizes,
    pictures: int,
    rng: np.random.Generator,
) -> Plan:
    """Which samples to edit: for the claims on attributes that a judge can read, and one change for
    each sample that is compared with real images."""
    wanted = targets(schema)
    read = values(schema, samples.scores[0])
    other = np.stack([read[target.attribute] != target.reads for target in wanted], axis=1)
    owners = np.array([target.attribute for target in wanted])
    mine = owners[None, :] == rng.choice(schema.names, pictures)[:, None]
    change = np.where(other[:pictures] & mine, rng.random((pictures, len(wanted))), -1).argmax(
        axis=1
    )
    readable = {name for judge in judges for name in judge.readable}
    plan = []
    for column, target in enumerate(wanted):
        compared = np.flatnonzero(change == column)
        chosen = compared
        if target.attribute in readable:
            order = rng.permutation(len(other))
            hidden, shown = order[other[order, column]], order[~other[order, column]]
            more = np.concatenate([hidden[: sizes.edits], shown[: sizes.edits // SHOWING]])
            chosen = np.union1d(compared, more)
        plan.append((target, chosen.astype(np.int64), compared))
    return plan


def _edited(
    model: ImageModel,
    look: _Look,
    target: Target,
    chosen: NDArray[np.int64],
    compared: NDArray[np.int64],
    code: Code,
    condition: Code,
    style: Style,
    samples: Observed,
) -> Edited:
    """Draw the chosen samples with the target set; compared ones first, for their features."""
    rows = np.concatenate([compared, np.setdiff1d(chosen, compared)]).astype(np.int64)
    edited = set_target(model.schema, code[rows], target) if len(rows) else code[rows]
    after = look(
        (model.draw(edited[p], style[rows[p]]) for p in slices(len(rows))),
        condition[rows],
        len(compared),
    )
    moved = np.abs(after.contributions - samples.contributions[rows])
    showing = shows(look.judges[0].schema, target, samples.scores[0][rows])
    return Edited(target, rows, showing, after.scores, moved, after.features)
