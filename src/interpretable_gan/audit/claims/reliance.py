"""Who carries the decision, and does a contribution move with its own attribute?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Interval, Measure, measure, withhold
from interpretable_gan.audit.claims.steering import nanmean
from interpretable_gan.audit.material import Edited, Material
from interpretable_gan.audit.thresholds import NAMED_COST
from interpretable_gan.metrics.decision_shares import PARTS, paired_accuracy
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.metrics.targets import FEWEST
from interpretable_gan.metrics.uncertainty import wilson
from interpretable_gan.schema.schema import Schema


def not_vacuous(material: Material) -> Findings:
    """Shares of the variance of D(real, s) − D(fake, s), and what deleting parts costs of the
    share of pairs in which the real image wins. A real image is paired with every sample that was
    drawn with its labels; its pairs go together."""
    claim, clusters = "not vacuous", material.clusters
    real = np.resize(np.arange(len(material.real)), len(clusters))
    samples = material.behind(pairs=len(real), images=len(material.real))
    gaps = {name: material.real.parts[name][real] - material.samples.parts[name] for name in PARTS}
    whole = np.sum([gaps[name] for name in PARTS], axis=0)
    named = gaps["agreement"] + gaps["realism"]
    wins = {
        "whole": whole > 0,
        "without named": whole - named > 0,
        "without residual": whole - gaps["residual"] > 0,
    }
    costs = {
        part: wins["whole"].astype(float) - wins[f"without {part}"]
        for part in ("named", "residual")
    }
    beyond = costs["named"] - NAMED_COST * costs["residual"]
    shares = {
        "residual share": gaps["residual"],
        "named share": named,
        "discovered share": gaps["discovered"],
    }

    def told(name: str, value: float, interval: Interval) -> Measure:
        return measure(claim, name, value, interval, share=True, samples=samples)

    def mean(name: str, values: NDArray[np.float64]) -> Measure:
        return told(name, float(values.mean()), intervals.mean(values, clusters))

    measured = [
        told(name, *intervals.variance_share(part, whole, clusters))
        for name, part in shares.items()
    ]
    lost = [mean(f"accuracy lost without {part}", cost) for part, cost in costs.items()]
    (won_alone,), (pairs_alone,) = intervals.effective(wins["whole"][:, None], clusters)
    won = told(
        "pairs won by the real image",
        float(wins["whole"].mean()),
        wilson(won_alone, pairs_alone),
    )
    contrast = mean("named cost beyond 5 × residual cost", beyond)
    return Findings(
        measures=(measured[0], contrast, *measured[1:], *lost, won),
        details={
            "paired_accuracy": paired_accuracy(gaps),
            "shares": {part: intervals.variance_share(gaps[part], whole)[0] for part in PARTS},
        },
    )


def valid(material: Material, schema: Schema, judge: Judge, resamples: int, seed: int) -> Findings:
    """Of the readable attributes, the share of which an edit moves the attribute's own
    contribution more than any other's, discovered ones included; as they are, and each divided by
    its spread over real images.

    The score goes on being against the code from before the edit, so that a contribution
    moves with what the image shows and not with what is said of it.
    """
    claim = "valid"
    withheld = tuple(name for name in judge.schema.names if name not in judge.readable)
    by_name = _by_attribute(material, judge)
    if not by_name:
        return withhold(
            "No attribute could be both read by the evaluator and edited.", withheld=withheld
        )
    own = {name: schema.names.index(name) for name in by_name}
    weights = intervals.draws(material.cluster_count, resamples, seed)
    once = np.ones((1, material.cluster_count))
    moved = {name: _moved(edits, material.clusters, once) for name, edits in by_name.items()}
    again = {name: _moved(edits, material.clusters, weights) for name, edits in by_name.items()}
    spread = material.real.contributions.std(axis=0)
    scales = {
        "share of attributes": np.ones(len(spread)),
        "share of attributes, scaled": np.where(spread > 0, spread, np.inf),
    }
    made = np.concatenate([e.rows[~e.showing] for edits in by_name.values() for e in edits])
    samples = material.behind(made, attributes=len(moved), edits=len(made))
    holds, measures = {}, []
    for name, scale in scales.items():
        holds[name] = {k: bool(_moves_most(m / scale, own[k])[0]) for k, m in moved.items()}
        resampled = [_moves_most(means / scale, own[k]) for k, means in again.items()]
        interval = intervals.percentiles(np.mean(resampled, axis=0), material.cluster_count)
        share = float(np.mean(list(holds[name].values())))
        measures.append(measure(claim, name, share, interval, share=True, samples=samples))
    raw, scaled = holds.values()
    return Findings(
        measures=tuple(measures),
        reason=(
            "Contributions of some attributes vary more than others whatever is edited; scaled, "
            "each is divided by its standard deviation over real images."
        ),
        evaluators=(judge.name,),
        withheld=withheld,
        details={
            "holds": raw,
            "holds_scaled": scaled,
            "moves_more": {
                name: schema.names[int(moved[name].argmax())]
                for name, held in raw.items()
                if not held
            },
            "columns": list(schema.names),
            "moved": {name: means[0].tolist() for name, means in moved.items()},
            "spread": spread.tolist(),
        },
    )


def _by_attribute(material: Material, judge: Judge) -> dict[str, list[Edited]]:
    """Readable attribute → its edits of which there are enough."""
    found: dict[str, list[Edited]] = {}
    for each in material.edits:
        name = each.target.attribute
        if name in judge.readable and int((~each.showing).sum()) >= FEWEST:
            found.setdefault(name, []).append(each)
    return found


def _moved(
    edits: list[Edited], clusters: NDArray[np.int64], weights: NDArray[Any]
) -> NDArray[np.float64]:
    """Mean move of each contribution over an attribute's edits, every target counting alike:
    ``(resample, attribute)``."""
    found = []
    for each in edits:
        rows = ~each.showing
        mine = weights[:, clusters[each.rows[rows]]]
        total = mine.sum(axis=1, keepdims=True)
        found.append(mine @ each.moved[rows] / np.where(total > 0, total, np.nan))
    return nanmean(np.stack(found))


def _moves_most(means: NDArray[np.float64], own: int) -> NDArray[np.bool_]:
    """Whether the own column is strictly the largest of each row."""
    others = np.delete(means, own, axis=1)
    return means[:, own] > others.max(axis=1, initial=0.0)
