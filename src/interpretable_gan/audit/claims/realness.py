"""Are changed images still real, or only convincing to the evaluator that judges them?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claim import Findings, Measure, measure
from interpretable_gan.audit.claims.steering import nanmean, reached
from interpretable_gan.audit.evaluators import Evaluator
from interpretable_gan.audit.samples import Edited, Material
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import Moments, frechet_distance
from interpretable_gan.metrics.readings import value
from interpretable_gan.metrics.targets import FEWEST

CLAIM = "edits stay real"
GROUPS = 10
"""Groups of samples left out one after the other behind the ratio's interval."""

Rows = NDArray[np.float32]


def edits_stay_real(
    material: Material,
    evaluators: tuple[Evaluator, Evaluator],
    extractor: Extractor,
    resamples: int,
    seed: int,
) -> Findings:
    """Fréchet distance to real images of samples with one random attribute changed, over that of
    the same samples unchanged; and how often the second evaluator sees what the first one saw."""
    real, fake, changed = compared(material)
    rng = np.random.default_rng([seed, 2])
    ratio, interval = frechet_ratio(real, fake, changed, rng)
    judge, second = evaluators
    both = [name for name in judge.readable if name in second.readable]
    edits = [
        each
        for each in material.edits
        if each.target.attribute in both and int(_won(each, judge).sum()) >= FEWEST
    ]
    samples = {"real": len(real), "unchanged": len(fake), "changed": len(changed)}
    ratios = measure(CLAIM, "Fréchet ratio", ratio, interval, samples=samples)
    agrees = _agreement(edits, judge, second, material, resamples, seed)
    return Findings(
        measures=(ratios, *agrees),
        reason="" if edits else "No successful edit is of an attribute that both evaluators read.",
        evaluators=(judge.name, second.name),
        features=extractor.describe()["name"],
        withheld=tuple(name for name in judge.schema.names if name not in both),
        details={"features": extractor.describe()},
    )


def compared(material: Material) -> tuple[Rows, Rows, Rows]:
    """Features of real images, of as many samples, and of these with one attribute changed."""
    fake = material.samples.features
    changed, rows = [], []
    for each in material.edits:
        if len(each.features):
            changed.append(each.features)
            rows.append(each.rows[: len(each.features)])
    order = np.argsort(np.concatenate(rows))
    return material.real.features, fake, np.concatenate(changed)[order]


def frechet_ratio(
    real: Rows, fake: Rows, changed: Rows, rng: np.random.Generator
) -> tuple[float, tuple[float, float]]:
    """distance(real, changed) / distance(real, fake), and its interval by a jackknife over groups.

    A group leaves all three sets at once, so what they have in common cancels.
    """
    from scipy.stats import t

    def log_ratio(kept: NDArray[np.bool_]) -> float:
        x, y, z = (Moments.of(side[kept[: len(side)]]) for side in (real, fake, changed))
        distances = frechet_distance(x, z).value, frechet_distance(x, y).value
        return math.log(distances[0] / distances[1]) if min(distances) > 0 else math.nan

    count = max(len(real), len(fake), len(changed))
    group = rng.permutation(np.arange(count) % GROUPS)
    whole = log_ratio(np.ones(count, bool))
    without = np.array([log_ratio(group != left_out) for left_out in range(GROUPS)])
    error = math.sqrt((GROUPS - 1) / GROUPS * float(((without - without.mean()) ** 2).sum()))
    half = float(t.ppf(0.975, GROUPS - 1)) * error
    return math.exp(whole), (math.exp(whole - half), math.exp(whole + half))


def _won(each: Edited, judge: Evaluator) -> NDArray[np.bool_]:
    """Successful edits of samples that did not show the target."""
    return ~each.showing & reached(each, judge)


def _agreement(
    edits: list[Edited],
    judge: Evaluator,
    second: Evaluator,
    material: Material,
    resamples: int,
    seed: int,
) -> tuple[Measure, ...]:
    """Of what the first evaluator calls successful, what the second does too, mean over targets;
    beside it the same of real images."""
    name = "second evaluator agrees"
    if not edits:
        return (measure(CLAIM, name, math.nan, share=True),)
    weights = intervals.draws(material.cluster_count, resamples, seed)
    rates, wilsons, again, real = [], [], [], []
    for each in edits:
        rows = _won(each, judge)
        agreed = reached(each, second, 1)[rows]
        rates.append(float(agreed.mean()))
        wilsons.append(intervals.wilson(int(agreed.sum()), len(agreed)))
        mine = weights[:, material.clusters[each.rows[rows]]]
        total = mine.sum(axis=1)
        again.append(mine @ agreed / np.where(total > 0, total, np.nan))
        real.append(_agreement_on_real(each, judge, second, material))
    low, high = intervals.mean_of(rates, wilsons)
    bootstrap = intervals.percentiles(nanmean(np.stack(again)))
    interval = (float(np.fmin(low, bootstrap[0])), float(np.fmax(high, bootstrap[1])))
    count = sum(int(_won(each, judge).sum()) for each in edits)
    return (
        measure(
            CLAIM,
            name,
            float(np.mean(rates)),
            interval,
            share=True,
            samples={"targets": len(rates), "edits": count},
        ),
        measure(
            CLAIM,
            "the same on real images",
            float(nanmean(np.array(real)[:, None])[0]),
            share=True,
            samples={"images": len(material.real)},
        ),
    )


def _agreement_on_real(
    each: Edited, judge: Evaluator, second: Evaluator, material: Material
) -> float:
    """Of the real images in which the first evaluator reads the target, those in which the second
    does; nan below 5."""
    attribute = judge.schema[each.target.attribute]
    columns = judge.schema.slices[attribute.name]
    first, other = (
        value(attribute, scores[:, columns]) == each.target.reads for scores in material.real.scores
    )
    return float(other[first].mean()) if int(first.sum()) >= FEWEST else math.nan
