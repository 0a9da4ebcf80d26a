"""What else changes when one attribute is edited, in an evaluator's eyes and beside the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Measure, measure, withhold
from interpretable_gan.audit.claims.steering import nanmean, reached
from interpretable_gan.audit.cooccurrence import data_rates, differs
from interpretable_gan.audit.material import Edited, Material
from interpretable_gan.audit.moved import moved_matrices
from interpretable_gan.audit.thresholds import ERROR_RATE
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.metrics.result import plain
from interpretable_gan.metrics.targets import FEWEST
from interpretable_gan.metrics.uncertainty import wilson

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

CLAIM = "no leakage"
ABOVE = {
    "above": "pairs above their data rate",
    "above_as_read": "pairs above their rate as read in real images",
    "above_in_decision": "pairs that move a contribution more than real images do",
}
"""What is said of the pairs that a matrix marks."""
FLOOR = 512
"""Samples behind the evaluator's own noise."""
GREY_LEVEL = 1 / 127.5

Matrix = NDArray[np.float64]
"""(edited attribute, attribute)."""


@dataclass(frozen=True, eq=False)
class Successes:
    """Edits of one target, or of one attribute, that succeeded.

    samples: their numbers; flips: which readable attributes then read otherwise (edit, attribute);
    moved: how far each contribution to the logit moved (edit, attribute of the model)
    """

    attribute: str
    samples: NDArray[np.int64]
    flips: NDArray[np.bool_]
    moved: NDArray[np.float64]


def no_leakage(
    model: ImageModel,
    data: Dataset,
    material: Material,
    judge: Judge,
    resamples: int,
    seed: int,
) -> Findings:
    """Of the other readable attributes, the share that flips in successful edits; and every pair of
    attributes against how often they differ together in the data."""
    names, found = judge.readable, _all_successes(judge, material)
    withheld = tuple(name for name in judge.schema.names if name not in names)
    if not found or len(names) < 2:
        return withhold(
            "It takes two readable attributes, one of which edits change.", withheld=withheld
        )
    matrices = _matrices(found, names, data, material)
    matrices |= moved_matrices(
        [(each.moved, material.clusters[each.samples]) for each in _of_each(names, found)],
        names,
        [model.schema.names.index(name) for name in names],
        data,
        material,
    )
    above = {name: matrices.pop(name).astype(bool) for name in ABOVE}
    pairs = material.behind(
        pairs=int(np.isfinite(matrices["p_adjusted"]).sum()), images=len(material.real)
    )
    return Findings(
        measures=(
            _raw(found, names, material, resamples, seed),
            *(
                measure(CLAIM, said, float(above[name].sum()), samples=pairs)
                for name, said in ABOVE.items()
            ),
            measure(
                CLAIM,
                "the same in the data",
                float(np.nanmean(np.where(np.eye(len(names)), np.nan, matrices["data"]))),
                share=True,
                samples={"rows": len(data)},
            ),
            *noise_floor(model, material, judge, seed),
        ),
        reason=(
            "Of the pairs said to be above their data rate, at most "
            f"{ERROR_RATE:.0%} are expected to be so by chance (Benjamini and Hochberg 1995)."
        ),
        evaluators=(judge.name,),
        withheld=withheld,
        details={
            "attributes": list(names),
            **{
                f"pairs_{name}": [f"{names[k]} → {names[j]}" for k, j in np.argwhere(pairs_above)]
                for name, pairs_above in above.items()
            },
            **{name: plain(matrix) for name, matrix in matrices.items()},
        },
    )


def raw_leakage(material: Material, judge: Judge, resamples: int, seed: int) -> Findings:
    """Of the other readable attributes, the share that flips in successful edits, alone."""
    found = _all_successes(judge, material)
    if not found or len(judge.readable) < 2:
        return withhold("It takes two readable attributes, one of which edits change.")
    return Findings(measures=(_raw(found, judge.readable, material, resamples, seed),))


def _all_successes(judge: Judge, material: Material) -> list[Successes]:
    """The successes of every target of a readable attribute that has enough."""
    found = [
        _successes(each, judge, material)
        for each in material.edits
        if each.target.attribute in judge.readable
    ]
    return [each for each in found if len(each.samples) >= FEWEST]


def _successes(each: Edited, judge: Judge, material: Material) -> Successes:
    rows = ~each.showing & reached(each, judge)
    before, after = material.samples.scores[0][each.rows[rows]], each.scores[0][rows]
    return Successes(
        each.target.attribute, each.rows[rows], flipped(judge, before, after), each.moved[rows]
    )


def _of_each(names: tuple[str, ...], found: list[Successes]) -> list[Successes]:
    """The successes of all targets of each attribute, of which there may be none."""
    owners = np.repeat([each.attribute for each in found], [len(each.samples) for each in found])
    samples, flips, moved = (
        np.concatenate([getattr(each, part) for each in found])
        for part in ("samples", "flips", "moved")
    )
    rows = {name: owners == name for name in names}
    return [Successes(name, samples[r], flips[r], moved[r]) for name, r in rows.items()]


def flipped(judge: Judge, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
    """Which readable attributes differ between two sets of scores ``(rows, named columns)``."""
    schema = judge.schema
    return np.stack(
        [
            differs(schema[name], before[:, schema.slices[name]], after[:, schema.slices[name]])
            for name in judge.readable
        ],
        axis=1,
    )


def _raw(
    found: list[Successes], names: tuple[str, ...], material: Material, resamples: int, seed: int
) -> Measure:
    """Mean over attributes, each the mean over its targets, with samples resampled."""
    weights = intervals.draws(material.cluster_count, resamples, seed)
    rates: dict[str, list[float]] = {}
    again: dict[str, list[NDArray[np.float64]]] = {}
    for each in found:
        others = np.delete(each.flips, names.index(each.attribute), axis=1).mean(axis=1)
        mine = weights[:, material.clusters[each.samples]]
        total = mine.sum(axis=1)
        rates.setdefault(each.attribute, []).append(float(others.mean()))
        again.setdefault(each.attribute, []).append(
            mine @ others / np.where(total > 0, total, np.nan)
        )
    resampled = nanmean(np.stack([nanmean(np.stack(each)) for each in again.values()]))
    return measure(
        CLAIM,
        "raw leakage",
        float(np.mean([np.mean(each) for each in rates.values()])),
        intervals.percentiles(resampled, material.cluster_count),
        share=True,
        samples=material.behind(
            np.concatenate([each.samples for each in found]),
            attributes=len(rates),
            edits=sum(len(each.samples) for each in found),
        ),
    )


def _matrices(
    found: list[Successes], names: tuple[str, ...], data: Dataset, material: Material
) -> dict[str, Matrix]:
    """Flip rates with Wilson intervals, tested against the rates of the data's labels, and against
    those of the evaluator's scores of real images: it, too, takes one attribute for another. Edits
    of samples that share their labels go together, and count as `intervals.effective` says."""
    rows = np.concatenate([data.rows(split) for split in data.splits])
    labels = data_rates(data.schema, data.codes[rows], data.known[rows], names)
    real = material.real.scores[0]
    read = data_rates(data.schema, real, np.ones(real.shape, bool), names)
    each = _of_each(names, found)
    counts = [intervals.effective(mine.flips, material.clusters[mine.samples]) for mine in each]
    flips, trials = (np.stack(rows) for rows in zip(*counts, strict=True))
    ends = np.vectorize(wilson)(flips, trials)
    adjusted = _adjusted(flips, trials, labels)
    return {
        "rate": np.divide(flips, trials, out=np.full(flips.shape, np.nan), where=trials > 0),
        "low": ends[0],
        "high": ends[1],
        "data": labels,
        "data_as_read": read,
        "p_adjusted": adjusted,
        "above": adjusted < ERROR_RATE,
        "above_as_read": _adjusted(flips, trials, read) < ERROR_RATE,
        "successful_edits": np.array([len(mine.samples) for mine in each], np.float64),
        "effective_edits": trials,
    }


def _adjusted(flips: Matrix, trials: Matrix, expected: Matrix) -> Matrix:
    """One-sided binomial tests of flips against expected rates, for counts that need not be whole:
    p corrected for their number; nan on the diagonal and where there is nothing to test."""
    from scipy.special import betainc

    p = np.where(flips > 0, betainc(flips, trials - flips + 1, expected), 1.0)
    p[trials == 0] = np.nan
    np.fill_diagonal(p, np.nan)
    return intervals.corrected(p)


def noise_floor(
    model: ImageModel, material: Material, judge: Judge, seed: int
) -> tuple[Measure, Measure]:
    """Share of readable attributes that read otherwise though nobody edited: the same code with a
    fresh style, and the same image with noise of one grey level."""
    count = min(FLOOR, len(material.code))
    generator = torch.Generator().manual_seed(seed)
    before = material.samples.scores[0][:count]
    style = model.styles(count, seed=seed + 1)
    fresh = judge.read(model.draw(material.code[:count], style))
    images = model.draw(material.code[:count], material.style[:count])
    noisy = images + GREY_LEVEL * torch.randn(images.shape, generator=generator)
    shaken = judge.read(noisy.clamp(-1, 1))
    return (
        _floor("flipped by a fresh style", flipped(judge, before, fresh), material),
        _floor("flipped by one grey level of noise", flipped(judge, before, shaken), material),
    )


def _floor(name: str, flips: NDArray[np.bool_], material: Material) -> Measure:
    shares = flips.mean(axis=1)
    rows = slice(len(shares))
    low, high = intervals.mean(shares, material.clusters[rows])
    return measure(
        CLAIM,
        name,
        float(shares.mean()),
        (max(low, 0.0), high),  # hardly any flips: Student's interval would reach below none
        share=True,
        samples=material.behind(rows, images=len(shares)),
    )
