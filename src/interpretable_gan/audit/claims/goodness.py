"""How good the pictures are, over all and within each value of each attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Interval, Measure, measure
from interpretable_gan.audit.material import Material
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.quality.density_coverage import density_coverage
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import frechet_distance
from interpretable_gan.metrics.quality.kid import kid
from interpretable_gan.metrics.quality.precision_recall import precision_recall
from interpretable_gan.metrics.readings import value
from interpretable_gan.metrics.result import Result, plain
from interpretable_gan.metrics.targets import targets

CLAIM = "good pictures"
SHARES = ("precision", "recall", "coverage")
"""Figures that lie between 0 and 1."""

FEWEST_WITHIN = 50
"""With fewer real images or samples of a value, no distance is stated for it."""
SUBSETS = 10
SUBSET = 1000

Rows = NDArray[np.floating[Any]]

Figures = Mapping[str, tuple[float, Interval | None]]
"""Name → value and 95 % interval."""


def good_pictures(material: Material, data: Dataset, extractor: Extractor, seed: int) -> Findings:
    """Distances and coverage of samples against test images of the same labels; beside each the
    same of as many training images, which is what a perfect model would have."""
    real, fake = material.real.features, material.samples.features
    rows, training = training_features(len(real), data, extractor, seed)
    mine, theirs = (
        material.clusters[: len(real)],
        None if data.groups is None else data.groups[rows],
    )
    measures = beside_training(
        _figures(real, fake, mine, mine if material.grouped else None, extractor, seed),
        _figures(real, training, mine, theirs, extractor, seed),
        material.behind(slice(len(real)), real=len(real)),
        len(fake),
        len(training),
    )
    return Findings(
        measures=measures,
        reason="Compare figures of the same data, features and sample sizes only.",
        features=extractor.describe()["name"],
        details={
            "features": extractor.describe(),
            "within": _within(material, data, real, fake, extractor, seed),
        },
    )


def beside_training(
    drawn: Figures,
    usual: Figures,
    counts: Mapping[str, int],
    samples: int,
    training: int,
) -> tuple[Measure, ...]:
    """Each figure of samples, and beside it that of training images."""
    measures = []
    for name in drawn:
        for whose, (found, interval), what in (
            ("", drawn[name], {"samples": samples}),
            (" of training images", usual[name], {"training": training}),
        ):
            share = name.split()[-1] in SHARES
            behind = {**counts, **what}
            measures.append(
                measure(CLAIM, name + whose, found, interval, share=share, samples=behind)
            )
    return tuple(measures)


def jackknifed(
    figures: Callable[[Rows, Rows], Mapping[str, float]],
    real: Rows,
    others: Rows,
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64],
    seed: int,
) -> Figures:
    """Figures of two sets with 95 % intervals, by a jackknife over the groups of either.

    ``mine``, ``theirs``: the group of each real and each other row.
    """
    found = figures(real, others)
    sides = [intervals.parts(each, np.random.default_rng([seed, 6])) for each in (mine, theirs)]
    again = [
        figures(real[sides[0] != part], others[sides[1] != part])
        for part in np.intersect1d(sides[0], sides[1])
    ]
    told: dict[str, tuple[float, Interval | None]] = {}
    for name, once in found.items():
        half = intervals.jackknife(np.array([each[name] for each in again]))
        ends = (once - half, once + half)
        told[name] = (once, _possible(ends) if name.split()[-1] in SHARES else ends)
    return told


def _figures(
    real: Rows,
    others: Rows,
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64] | None,
    extractor: Extractor,
    seed: int,
) -> Figures:
    """How far other images are from real ones, and how much of one another they cover; no
    ``theirs``, no groups, see `jackknifed`."""
    if theirs is None:
        return _once(real, others, extractor, seed, intervals_over_rows=True)

    def values(real: Rows, others: Rows) -> dict[str, float]:
        return {name: each for name, (each, _) in _once(real, others, extractor, seed).items()}

    return jackknifed(values, real, others, mine, theirs, seed)


def _once(
    real: Rows,
    others: Rows,
    extractor: Extractor,
    seed: int,
    *,
    intervals_over_rows: bool = False,
) -> Figures:
    """Name → value and, where asked, its interval over rows that are all alone."""
    alone = intervals_over_rows
    distance = frechet_distance(real, others, extractor=extractor)
    kernel = _kernel(real, others, extractor, seed)
    manifolds = precision_recall(
        real, others, extractor=extractor, seed=seed, jobs=1, uncertainty=alone
    )
    cover = density_coverage(
        real, others, extractor=extractor, seed=seed, jobs=1, uncertainty=alone
    )
    shares = {**manifolds.breakdown, **cover.breakdown}
    ends: dict[str, Any] = {}
    if alone:
        ends = {**manifolds.breakdown["intervals"], **cover.breakdown["intervals"]}
    return {
        distance.metric: (distance.value, distance.interval if alone else None),
        "precision": (shares["precision"], _possible(ends["precision"]) if alone else None),
        "recall": (shares["recall"], _possible(ends["recall"]) if alone else None),
        kernel.metric: (kernel.value, kernel.interval if alone else None),
        "coverage": (shares["coverage"], _possible(ends["coverage"]) if alone else None),
        "density": (shares["density"], ends.get("density")),
    }


def _possible(ends: Interval) -> Interval:
    """What of an interval of subsamples a share can reach."""
    return max(ends[0], 0.0), min(ends[1], 1.0)


def _kernel(real: Rows, fake: Rows, extractor: Extractor, seed: int) -> Result:
    """The kernel distance; where all rows fit, they are one subset."""
    subsets = 1 if max(len(real), len(fake)) <= SUBSET else SUBSETS
    size = min(len(real), len(fake), SUBSET)
    return kid(real, fake, subsets=subsets, subset_size=size, extractor=extractor, seed=seed)


def training_features(
    count: int, data: Dataset, extractor: Extractor, seed: int
) -> tuple[NDArray[np.int64], Rows]:
    """As many training rows, and features of their images, which no generator has drawn."""
    rows = np.random.default_rng([seed, 3]).permutation(data.rows("train"))[:count]
    return rows, np.concatenate([extractor(data.batch(rows[p])[0]) for p in slices(len(rows))])


def _within(
    material: Material,
    data: Dataset,
    real: Rows,
    fake: Rows,
    extractor: Extractor,
    seed: int,
) -> dict[str, Any]:
    """Attribute → value → kernel distance, whose expectation does not depend on the number of
    images, between real images labelled so and samples drawn from these labels."""
    rows = material.rows[: len(real)]
    found: dict[str, Any] = {}
    for target in targets(data.schema):
        columns = data.schema.slices[target.attribute]
        labels = value(data.schema[target.attribute], data.codes[rows][:, columns])
        mine = (labels == target.reads) & data.known[rows][:, columns].all(axis=1)
        told: dict[str, Any] = {"images": int(mine.sum()), "value": None, "interval": None}
        if told["images"] >= FEWEST_WITHIN:
            result = _kernel(real[mine], fake[mine], extractor, seed)
            told |= {"value": result.value, "interval": result.interval}
        found.setdefault(target.attribute, {})[target.label] = told
    return plain(found)
