"""Do attributes appear when asked for, and do the changed images still look real?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Interval, measure, withhold
from interpretable_gan.audit.material import Edited, Material, shows
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.metrics.result import plain
from interpretable_gan.metrics.targets import FEWEST
from interpretable_gan.metrics.uncertainty import wilson

Counts = dict[str, int]


def reached(each: Edited, judge: Judge, number: int = 0) -> NDArray[np.bool_]:
    """Whether judge ``number`` reads the target after the edit, ``(edit,)``."""
    return shows(judge.schema, each.target, each.scores[number])


def counts(each: Edited, judge: Judge) -> Counts:
    """What became of every edit of one target, in the words of CB-AE: samples that did not show the
    target were switched or not, those that did lost or kept it."""
    now = reached(each, judge)
    return {
        "switched": int((~each.showing & now).sum()),
        "not_switched": int((~each.showing & ~now).sum()),
        "lost": int((each.showing & ~now).sum()),
        "kept": int((each.showing & now).sum()),
    }


def steerable(material: Material, judge: Judge, resamples: int, seed: int) -> Findings:
    """P(target is read after the edit, given it was not before): mean over readable attributes,
    each the mean over its targets, and the attribute where it is lowest."""
    claim = "steerable"
    withheld = tuple(name for name in judge.schema.names if name not in judge.readable)
    weights = intervals.draws(material.cluster_count, resamples, seed)
    details, rates, ends, again, counted = {}, [], [], [], []
    for name in judge.readable:
        edits = [each for each in material.edits if each.target.attribute == name]
        told = {each.target.label: _target(each, judge, material, weights) for each in edits}
        enough = [each for each in edits if int((~each.showing).sum()) >= FEWEST]
        if enough:
            tried = [_effective(each, judge, material) for each in enough]
            shares = [successes / trials for successes, trials in tried]
            rate = float(np.mean(shares))
            interval = intervals.mean_of(shares, [wilson(*each) for each in tried])
            rates.append(rate)
            ends.append((interval, tried, shares))
            again.append(_rate(enough, judge, material, weights))
            counted += enough
            details[name] = {"success": rate, "interval": list(interval), "targets": told}
        else:
            details[name] = {"success": None, "interval": None, "targets": told}
    if not rates:
        return withhold(
            "No attribute could be both read by the evaluator and edited.", withheld=withheld
        )
    made = np.concatenate([each.rows[~each.showing] for each in counted])
    samples = material.behind(made, attributes=len(rates), edits=len(made))
    bootstrap = intervals.percentiles(np.nanmean(again, axis=0), material.cluster_count)
    mean = measure(
        claim,
        "mean success",
        float(np.mean(rates)),
        _wider(bootstrap, rates, [each[0] for each in ends]),
        share=True,
        samples=samples,
    )
    worst = measure(claim, "worst attribute", min(rates), _worst(ends), share=True, samples=samples)
    lowest = next(name for name in details if details[name]["success"] == min(rates))
    return Findings(
        measures=(mean, worst),
        reason=f"The worst is {lowest}.",
        evaluators=(judge.name,),
        withheld=withheld,
        details={"attributes": plain(details)},
    )


def _tried(each: Edited, judge: Judge) -> tuple[int, int]:
    """(successes, trials) among samples that did not show the target."""
    found = counts(each, judge)
    return found["switched"], found["switched"] + found["not_switched"]


def _effective(each: Edited, judge: Judge, material: Material) -> tuple[float, float]:
    """(successes, trials) of as many independent edits as say the same."""
    rows = ~each.showing
    hits, clusters = reached(each, judge)[rows], material.clusters[each.rows[rows]]
    (successes,), (trials,) = intervals.effective(hits[:, None], clusters)
    return float(successes), float(trials)


def _target(
    each: Edited, judge: Judge, material: Material, weights: NDArray[Any]
) -> dict[str, Any]:
    """Counts, success and both intervals of one target; None with fewer than 5 edits."""
    successes, trials = _tried(each, judge)
    found: dict[str, Any] = dict(counts(each, judge))
    if trials < FEWEST:
        return found | {"success": None, "wilson": None, "bootstrap": None}
    return found | {
        "success": successes / trials,
        "wilson": wilson(*_effective(each, judge, material)),
        "bootstrap": intervals.percentiles(
            _rate([each], judge, material, weights), material.cluster_count
        ),
    }


def _rate(
    edits: list[Edited], judge: Judge, material: Material, weights: NDArray[Any]
) -> NDArray[np.float64]:
    """Success over resampled samples, mean over targets, ``(resample,)``."""
    found = []
    for each in edits:
        rows = ~each.showing
        mine = weights[:, material.clusters[each.rows[rows]]]
        total = mine.sum(axis=1)
        found.append(mine @ reached(each, judge)[rows] / np.where(total > 0, total, np.nan))
    return nanmean(np.stack(found))


def nanmean(stacked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean along the first axis without nan; nan where there is nothing else."""
    there = ~np.isnan(stacked)
    total = np.where(there, stacked, 0).sum(axis=0)
    nothing = np.full(total.shape, np.nan)
    return np.divide(total, there.sum(axis=0), out=nothing, where=there.any(axis=0))


def _wider(bootstrap: Interval, rates: list[float], ends: list[Interval]) -> Interval:
    """The wider of the cluster bootstrap, which knows what several targets have in common, and the
    interval from Wilson's, which does not collapse at 100 %."""
    low, high = intervals.mean_of(rates, ends)
    if np.isnan(bootstrap).any():
        return low, high
    return min(low, bootstrap[0]), max(high, bootstrap[1])


def _worst(ends: list[tuple[Interval, list[tuple[float, float]], list[float]]]) -> Interval:
    """Of the lowest of several rates: their lowest lower end, and their lowest upper end at a level
    that allows for having looked at all of them (Bonferroni)."""
    level = 1 - 0.05 / len(ends)
    highs = [
        intervals.mean_of(shares, [wilson(*each, level=level) for each in tried])[1]
        for _, tried, shares in ends
    ]
    return min(interval[0] for interval, _, _ in ends), min(highs)
