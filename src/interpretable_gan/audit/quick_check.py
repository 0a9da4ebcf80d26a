"""The check after each training: does it obey, does it look real, and do names decide?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.audit.evaluators import (
    Evaluator,
    agreement,
    first_rows,
    slices,
    train_evaluator,
)
from interpretable_gan.audit.held_out import held_out_rows, labelled_codes
from interpretable_gan.audit.steerability import Steering, edit, steer, targets, wilson_interval
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.decision_shares import (
    decision_parts,
    decision_shares,
    paired_accuracy,
    share_intervals,
)
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import frechet_distance
from interpretable_gan.metrics.readings import values
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Style

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it, of how much)."""

REAL_IMAGES = 2000
"""Most images on either side of a Fréchet distance."""


class Model(Protocol):
    """What is asked of a model: see ``InterpretableGAN``."""

    schema: Schema

    def codes(self, n: int, *, seed: int = 0) -> Code: ...

    def styles(self, n: int, *, seed: int = 0) -> Style: ...

    def draw(self, code: Code, style: Style) -> Images: ...

    def read_code(self, images: Images) -> Code: ...

    def code_of(self, images: Images, labels: NamedCode | None = None) -> Code: ...

    def decide(self, images: Images, code: Code) -> Any: ...


def quick_check(
    model: Model,
    data: Dataset,
    *,
    evaluator: Evaluator | None = None,
    extractor: Extractor | None = None,
    codes: int = 1000,
    edits: int = 200,
    seed: int = 0,
    seconds: float | None = None,
    images_per_second: float | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Judge a model in under a minute, with an evaluator that its training never saw.

    Samples have the named codes of held-out rows and the model's own discovered parts and styles.
    Numbers that cannot be had are None, so the result is JSON as it stands.

    Args:
        model: a trained ``InterpretableGAN``, or anything with its methods.
        data: what it was trained on, with the rows that were held out.
        evaluator: by default trained on ``data``, or taken from the cache.
        extractor: features of the Fréchet distances; by default the evaluator's.
        codes: samples among which to look for those that an edit could change.
        edits: most of them to edit, for every value of every attribute.
        seed: of samples, styles and edits.
        seconds, images_per_second: of training, as its log says; passed on.
        progress: called with (what is being done, how much of it, of how much).

    Returns:
        ``steerability``: attribute → value → P(evaluator reads the value after the edit, given it
        did not before), higher is better; None with fewer than 5 eligible samples.
        ``steerability_mean`` over all attributes, ``steerability_readable_mean`` over those that
        the evaluator reads. ``others_flipped``: share of the other readable attributes that a
        successful edit flips, lower is better. ``encoder_accuracy``: on test images, mean over
        attributes. ``frechet_distance`` of samples, ``frechet_distance_edited`` of samples with one
        random attribute changed, both against the same real images, lower is better;
        ``feature_network`` names the features. ``shares`` of agreement, realism (of named
        attributes), discovered and residual in the variance of D(real, s) − D(fake, s): they add
        up to 1. ``paired_accuracy``: how often the real image of a pair wins, with all parts and
        without some. ``seconds``, ``images_per_second`` of training. ``intervals``: 95 %, of the
        keys that have one. ``evaluator``, ``encoder``, ``samples``: the circumstances.
    """
    report = progress or _silent
    if evaluator is None:
        evaluator = train_evaluator(
            data, progress=lambda done, of: report("training the evaluator", done, of)
        )
    extractor = extractor or evaluator.extractor()
    rng = np.random.default_rng([seed, 0])
    source, real_rows = held_out_rows(data, REAL_IMAGES, rng)
    count = max(codes, len(real_rows))
    rows = np.resize(real_rows, count)
    code, claimed = labelled_codes(model, data, rows, seed)
    style = model.styles(count, seed=seed)

    before, features = [], []
    for part in slices(count):
        images = model.draw(code[part], style[part])
        before.append(evaluator.read(images))
        features.append(extractor(images))
        report("drawing samples", min(part.stop, count), count)
    scores = np.concatenate(before)[:codes]
    fake = np.concatenate(features)[: len(real_rows)]
    steering = steer(
        model,
        evaluator,
        code[:codes],
        style[:codes],
        before=scores,
        edits=edits,
        progress=lambda done, of: report("editing samples", done, of),
    )
    edited = _one_change_each(model.schema, data.schema, code[: len(real_rows)], rng)
    real = _features(extractor, (data.batch(real_rows[p])[0] for p in slices(len(real_rows))))
    changed = _features(
        extractor, (model.draw(edited[p], style[p]) for p in slices(len(real_rows)))
    )
    report("comparing features", 1, 1)
    distance = frechet_distance(real, fake, extractor=extractor)
    distance_edited = frechet_distance(real, changed, extractor=extractor)
    differences = _paired_differences(
        model, data, code, claimed, style, rows[: min(codes, len(real_rows))]
    )
    encoder = _encoder(model, data)

    result = {
        **_steerability(steering, data.schema, seed),
        "encoder_accuracy": float(np.nanmean([how.accuracy for how in encoder.values()])),
        "frechet_distance": distance.value,
        "frechet_distance_edited": distance_edited.value,
        "feature_network": extractor.describe()["name"],
        "shares": decision_shares(differences),
        "paired_accuracy": paired_accuracy(differences),
        "seconds": seconds,
        "images_per_second": images_per_second,
        "evaluator": {
            "name": evaluator.name,
            "readable": list(evaluator.readable),
            "reliability": {name: asdict(how) for name, how in evaluator.reliability.items()},
        },
        "encoder": {name: how.accuracy for name, how in encoder.items()},
        "samples": {
            "codes": codes,
            "edits": edits,
            "real": len(real_rows),
            "real_from": source,
            "seed": seed,
        },
    }
    result["intervals"] |= {
        "frechet_distance": distance.interval,
        "frechet_distance_edited": distance_edited.interval,
        "shares": share_intervals(differences, seed),
    }
    return _plain(result)


def _one_change_each(schema: Schema, named: Schema, code: Code, rng: np.random.Generator) -> Code:
    """Each code with one random attribute set to a random other value."""
    read = values(named, code[:, : named.named_columns].cpu().numpy())
    wanted = targets(named)
    other = np.stack([read[target.attribute] != target.reads for target in wanted], axis=1)
    owners = np.array([target.attribute for target in wanted])
    mine = owners[None, :] == rng.choice(named.names, len(code))[:, None]
    choice = np.where(other & mine, rng.random(other.shape), -1).argmax(axis=1)
    edited = code.clone()
    for column, target in enumerate(wanted):
        rows = np.flatnonzero(choice == column)
        if len(rows):
            edited[rows] = edit(schema, code[rows], target)
    return edited


def _paired_differences(
    model: Model, data: Dataset, code: Code, claimed: Code, style: Style, rows: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """The parts of D(real, s) − D(fake, s) for real images and samples with the same labels."""
    parts = []
    for part in slices(len(rows)):
        won = decision_parts(model.decide(data.batch(rows[part])[0], claimed[part]))
        drawn = model.draw(code[part], style[part])
        lost = decision_parts(model.decide(drawn, claimed[part]))
        parts.append({name: won[name] - lost[name] for name in won})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _encoder(model: Model, data: Dataset) -> dict[str, Any]:
    """Attribute → how well the model's own encoder reads it on test images."""
    rows = first_rows(data, "test", "validation", "train")
    read = torch.cat([model.read_code(data.batch(rows[p])[0]).cpu() for p in slices(len(rows))])
    scores = read[:, : data.schema.named_columns].float().numpy()
    return agreement(data.schema, scores, data.codes[rows], data.known[rows])


def _steerability(steering: Steering, schema: Schema, seed: int) -> dict[str, Any]:
    """The keys on steering, with intervals."""
    success, reached = steering.success(), steering.reached.sum(axis=0)
    eligible = steering.eligible.sum(axis=0)
    names = [attribute.name for attribute in schema.named]
    rates: dict[str, dict[str, float]] = {name: {} for name in names}
    wilson: dict[str, dict[str, Any]] = {name: {} for name in names}
    for column, target in enumerate(steering.targets):
        rates[target.attribute][target.label] = rate = float(success[column])
        counts = int(reached[column]), int(eligible[column])
        known = not math.isnan(rate)  # from too few samples, nothing is
        wilson[target.attribute][target.label] = wilson_interval(*counts) if known else None
    statistics = {
        "steerability_mean": lambda weights=None: steering.mean(names, weights),
        "steerability_readable_mean": lambda weights=None: steering.mean(
            steering.readable, weights
        ),
        "others_flipped": steering.others_flipped,
    }
    return {
        **{name: statistic() for name, statistic in statistics.items()},
        "steerability": rates,
        "intervals": {
            **{name: steering.interval(each, seed) for name, each in statistics.items()},
            "steerability": wilson,
        },
    }


def _features(extractor: Extractor, batches: Iterable[Images]) -> NDArray[np.float32]:
    return np.concatenate([extractor(batch) for batch in batches])


def _plain(value: Any) -> Any:
    """As JSON has it: lists for tuples, None for nan."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _silent(what: str, done: int, of: int) -> None:
    """Nobody wants to know."""


def format_table(check: dict[str, Any]) -> str:
    """What ``quick_check`` found, as text: the headline, then attributes from best to worst."""
    return "\n".join([*_headline(check), "", *_attribute_lines(check)])


def _headline(check: dict[str, Any]) -> list[str]:
    """A line per number that sums up the model."""
    intervals, shares = check["intervals"], check["shares"]
    readable, every = len(check["evaluator"]["readable"]), len(check["steerability"])
    named = None if shares["agreement"] is None else shares["agreement"] + shares["realism"]

    def steered(key: str, digits: int = 0) -> str:
        return f"{_percent(check[key], digits)}{_percents(intervals[key], digits)}"

    lines = {
        "Steerability": f"{steered('steerability_mean')}, mean over {every} attributes",
        "  of readable ones": f"{steered('steerability_readable_mean')}, mean over {readable}",
        "Others flipped": f"{steered('others_flipped', 1)} of readable attributes per edit",
        "Encoder accuracy": f"{_percent(check['encoder_accuracy'])} on test images",
        "Fréchet distance": f"{_number(check['frechet_distance'])}, with one attribute changed "
        f"{_number(check['frechet_distance_edited'])} (on {check['feature_network']})",
        "Who decides": f"named {_percent(named)}, discovered {_percent(shares['discovered'])}, "
        f"residual {_percent(shares['residual'])} of the variance of pairs",
        "Real wins": f"{_percent(check['paired_accuracy']['whole'])} of pairs, "
        f"{_percent(check['paired_accuracy']['without_named'])} without names, "
        f"{_percent(check['paired_accuracy']['without_residual'])} without the residual",
    }
    if check["seconds"] is not None:
        lines["Training"] = f"{check['seconds']:.0f} s"
    if check["images_per_second"] is not None:
        lines["Speed"] = f"{check['images_per_second']:.0f} images/s"
    return [f"{name:<19} {text}" for name, text in lines.items()]


def _attribute_lines(check: dict[str, Any]) -> list[str]:
    """A line per attribute, its mean first, then every value with its interval."""
    steerability, readable = check["steerability"], check["evaluator"]["readable"]
    means = {name: _mean(rates.values()) for name, rates in steerability.items()}
    width = max(len(name) for name in steerability) + 2
    lines = [f"{'Attribute':<{width}}  mean  by value, with 95 % intervals"]
    for name in sorted(means, key=lambda name: -(means[name] or 0.0)):
        parts = [
            f"{label} {_percent(rate)}{_percents(check['intervals']['steerability'][name][label])}"
            for label, rate in steerability[name].items()
        ]
        mark = "" if name in readable else " *"
        lines.append(f"{name + mark:<{width}} {_percent(means[name]):>5}  {', '.join(parts)}")
    if len(readable) < len(steerability):
        lines.append("* the evaluator cannot read it well enough for a claim")
    return lines


def _mean(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known else None


def _percent(share: float | None, digits: int = 0) -> str:
    return "–" if share is None else f"{100 * share:z.{digits}f} %"


def _percents(interval: list[float] | None, digits: int = 0) -> str:
    if interval is None:
        return ""
    low, high = (f"{100 * end:z.{digits}f}" for end in interval)
    return f" ({low}–{high})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
