"""Are changed images still real, or only convincing to the evaluator that judges them?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Measure, measure
from interpretable_gan.audit.claims.steering import nanmean, reached
from interpretable_gan.audit.material import Edited, Material, shows
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import Moments, frechet_distance
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.metrics.targets import FEWEST
from interpretable_gan.metrics.uncertainty import wilson

CLAIM = "edits stay real"
Rows = NDArray[np.float32]


def edits_stay_real(
    material: Material,
    evaluators: tuple[Judge, Judge],
    extractor: Extractor,
    resamples: int,
    seed: int,
) -> Findings:
    """Fréchet distance to real images of samples with one random attribute changed, over that of
    the same samples unchanged; and how often the second evaluator sees what the first one saw."""
    real, fake, changed = compared(material)
    part = intervals.parts(material.clusters[: len(real)], np.random.default_rng([seed, 2]))
    ratio, interval = frechet_ratio(real, fake, changed, part)
    judge, second = evaluators
    both = [name for name in judge.readable if name in second.readable]
    edits = [
        each
        for each in material.edits
        if each.target.attribute in both and int(_won(each, judge).sum()) >= FEWEST
    ]
    samples = material.behind(
        slice(len(real)), real=len(real), unchanged=len(fake), changed=len(changed)
    )
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
    real: Rows, fake: Rows, changed: Rows, part: NDArray[np.int64]
) -> tuple[float, tuple[float, float]]:
    """distance(real, changed) / distance(real, fake), and its interval by a jackknife over parts.

    A part leaves all three sets at once, so what they have in common cancels.

    Args:
        real, fake, changed: features ``(rows, features)``, as many of each.
        part: to which each row belongs, see `intervals.parts`, ``(rows,)``.
    """

    def log_ratio(kept: NDArray[np.bool_]) -> float:
        x, y, z = (Moments.of(side[kept]) for side in (real, fake, changed))
        distances = frechet_distance(x, z).value, frechet_distance(x, y).value
        return math.log(distances[0] / distances[1]) if min(distances) > 0 else math.nan

    whole = log_ratio(np.ones(len(real), bool))
    half = intervals.jackknife(np.array([log_ratio(part != left) for left in np.unique(part)]))
    return math.exp(whole), (math.exp(whole - half), math.exp(whole + half))


def _won(each: Edited, judge: Judge) -> NDArray[np.bool_]:
    """Successful edits of samples that did not show the target."""
    return ~each.showing & reached(each, judge)


def _agreement(
    edits: list[Edited],
    judge: Judge,
    second: Judge,
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
        clusters = material.clusters[each.rows[rows]]
        (agreements,), (trials,) = intervals.effective(agreed[:, None], clusters)
        wilsons.append(wilson(float(agreements), float(trials)))
        mine = weights[:, clusters]
        total = mine.sum(axis=1)
        again.append(mine @ agreed / np.where(total > 0, total, np.nan))
        real.append(_agreement_on_real(each, judge, second, material))
    low, high = intervals.mean_of(rates, wilsons)
    bootstrap = intervals.percentiles(nanmean(np.stack(again)), material.cluster_count)
    interval = (float(np.fmin(low, bootstrap[0])), float(np.fmax(high, bootstrap[1])))
    made = np.concatenate([each.rows[_won(each, judge)] for each in edits])
    return (
        measure(
            CLAIM,
            name,
            float(np.mean(rates)),
            interval,
            share=True,
            samples=material.behind(made, targets=len(rates), edits=len(made)),
        ),
        measure(
            CLAIM,
            "the same on real images",
            float(nanmean(np.array(real)[:, None])[0]),
            share=True,
            samples=material.behind(slice(len(material.real)), images=len(material.real)),
        ),
    )


def _agreement_on_real(each: Edited, judge: Judge, second: Judge, material: Material) -> float:
    """Of the real images in which the first evaluator reads the target, those in which the second
    does; nan below 5."""
    first, other = (
        shows(who.schema, each.target, scores)
        for who, scores in zip((judge, second), material.real.scores[:2], strict=True)
    )
    return float(other[first].mean()) if int(first.sum()) >= FEWEST else math.nan
