"""How good the pictures are, over all and within each value of each attribute."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.claim import Findings, Interval, Measure, measure
from interpretable_gan.audit.samples import Material
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
FEWEST_WITHIN = 50
"""With fewer real images or samples of a value, no distance is stated for it."""
SUBSETS = 10
SUBSET = 1000

Rows = NDArray[np.float32]


def good_pictures(material: Material, data: Dataset, extractor: Extractor, seed: int) -> Findings:
    """Distances and coverage of samples against real images of the same labels. Beside them the
    Fréchet distance of training images to the same real ones: what a perfect model would have."""
    real, fake = material.real.features, material.samples.features
    samples = {"real": len(real), "samples": len(fake)}
    distance = frechet_distance(real, fake, extractor=extractor)
    kernel = _kernel(real, fake, extractor, seed)
    manifolds = precision_recall(
        real, fake, extractor=extractor, seed=seed, jobs=1, uncertainty=True
    )
    cover = density_coverage(real, fake, extractor=extractor, seed=seed, jobs=1, uncertainty=True)
    shares = {**manifolds.breakdown, **cover.breakdown}
    ends = {**manifolds.breakdown["intervals"], **cover.breakdown["intervals"]}
    return Findings(
        measures=(
            measure(CLAIM, distance.metric, distance.value, distance.interval, samples=samples),
            _training(real, data, extractor, seed),
            measure(CLAIM, kernel.metric, kernel.value, kernel.interval, samples=samples),
            *(
                measure(
                    CLAIM, name, shares[name], _possible(ends[name]), share=True, samples=samples
                )
                for name in ("precision", "recall", "coverage")
            ),
            measure(CLAIM, "density", shares["density"], ends["density"], samples=samples),
        ),
        reason="Compare figures of the same data, features and sample sizes only.",
        features=extractor.describe()["name"],
        details={
            "features": extractor.describe(),
            "real_images_from": material.real_from,
            "within": _within(material, data, real, fake, extractor, seed),
        },
    )


def _possible(ends: Interval) -> Interval:
    """What of an interval of subsamples a share can reach."""
    return max(ends[0], 0.0), min(ends[1], 1.0)


def _kernel(real: Rows, fake: Rows, extractor: Extractor, seed: int) -> Result:
    """The kernel distance; where all rows fit, they are one subset."""
    subsets = 1 if max(len(real), len(fake)) <= SUBSET else SUBSETS
    size = min(len(real), len(fake), SUBSET)
    return kid(real, fake, subsets=subsets, subset_size=size, extractor=extractor, seed=seed)


def _training(real: Rows, data: Dataset, extractor: Extractor, seed: int) -> Measure:
    """The distance of as many training images, which no generator has drawn."""
    rows = np.random.default_rng([seed, 3]).permutation(data.rows("train"))[: len(real)]
    features = np.concatenate([extractor(data.batch(rows[p])[0]) for p in slices(len(rows))])
    distance = frechet_distance(real, features, extractor=extractor)
    return measure(
        CLAIM,
        f"{distance.metric} of training images",
        distance.value,
        distance.interval,
        samples={"real": len(real), "training": len(rows)},
    )


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
