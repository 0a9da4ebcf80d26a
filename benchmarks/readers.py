"""Readers of the applications on test images, beside a black box on the same published network.

    python benchmarks/readers.py cells ../shared/data --work seen \\
        > benchmarks/results/readers-cells.json

Three seeds of each. A figure is the mean over seeds, its 95 % interval from 200 resamples of the
test images, the same for all seeds and for both models; of a drive, of its stretches. Temperatures
come from validation images.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.special import softmax
from scipy.stats import rankdata
from torch import Tensor

from black_box import fit_black_box
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.calibration import as_logits, best_temperature, calibration_error
from interpretable_gan.explain.target_sum import find_flip
from interpretable_gan.metrics.readings import mean_recall
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.fit import Known, fit_seen, look_at
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.terms import SOURCES
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.training.reader import rests_on
from machine import machine
from seen import FILES, Images, known, opened, seen, told

SEEDS = (0, 1, 2)
COVERAGE = (0.8, 0.9, 0.95)
DISTURBED = 500
"""Test images, the first ones, that are also read after a disturbance."""

Array = NDArray[np.float64]

UNITS: list[NDArray[np.int64]] = []
"""Test images that are drawn together when test images are drawn again."""


def units(data: Dataset) -> list[NDArray[np.int64]]:
    """Each test image, or those of each group."""
    rows = data.rows("test")
    groups = rows if data.groups is None else data.groups[rows]
    return [np.flatnonzero(groups == each) for each in np.unique(groups)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=FILES)
    options.add_argument("data", type=Path)
    options.add_argument("--work", type=Path, required=True, help="Folder of features.")
    given = options.parse_args()
    torch.set_num_threads(1)
    data = opened(given.name, given.data)
    everything = known(data, seen(given.name, data, given.work))
    UNITS.extend(units(data))
    parts = {split: everything.at(torch.from_numpy(data.rows(split))) for split in data.splits}
    readers, boxes, learned = [], [], [parts["train"], parts["validation"]]
    for seed in SEEDS:
        config = ReaderConfig(seed=seed)
        readers.append(fit_seen(data, config, *learned))
        boxes.append(fit_black_box(data, learned, seed=seed, passes=config.passes, whole=True))
        print(f"seed {seed} fitted", file=sys.stderr, flush=True)
    report = {
        "data": data.name,
        "images": {split: len(each) for split, each in parts.items()},
        "left out": sum(map(len, opened_splits(data))) if given.name == "chests" else 0,
        "machine": machine(),
        "date": date.today().isoformat(),
        "config": ReaderConfig().model_dump(mode="json"),
        **measured(data, readers, boxes, parts),
    }
    if given.name == "cells":
        report["disturbed"] = disturbed(data, readers, given.work)
    print(json.dumps(report, indent=1))


def opened_splits(data: Dataset) -> list[Any]:
    """Rows in no split: duplicates that were left out."""
    used = np.concatenate([data.rows(split) for split in data.splits])
    return [np.setdiff1d(np.arange(len(data)), used)]


def measured(
    data: Dataset, readers: list[Reader], boxes: list[Any], parts: dict[str, Known]
) -> dict[str, Any]:
    """Readings, the target, what it rests on and what would flip it."""
    test, held = parts["test"], parts["validation"]
    mine = [reader.read_seen(test.seen).numpy() for reader in readers]
    chosen = [reader.read_seen(held.seen).numpy() for reader in readers]
    theirs, theirs_held = ([box(part).numpy() for box in boxes] for part in (test, held))
    found: dict[str, Any] = {"attributes": {}}
    for attribute in data.schema.named:
        span = data.schema.slices[attribute.name]
        truth, truth_held = (each.codes[:, span].numpy() for each in (test, held))
        if attribute.kind == "continuous" and attribute.name != data.schema.target:
            continue
        sides = {
            "reader": ([m[:, span] for m in mine], [c[:, span] for c in chosen]),
            "black box": ([t[:, span] for t in theirs], [t[:, span] for t in theirs_held]),
        }
        found["attributes"][attribute.name] = qualities(
            attribute, sides, truth, truth_held, target=attribute.name == data.schema.target
        )
    found["target"] = target(readers, test)
    found["shares"] = shares(readers, test)
    found["rests on"] = [rests_on(reader, test.seen) for reader in readers]
    if readers[0].others and readers[0].target.kind != "continuous":
        found["flips"] = [flips(reader, test) for reader in readers]
    found["discovered"] = discovered(readers, test)
    return found


def qualities(
    attribute: Attribute, sides: dict[str, Any], truth: Any, truth_held: Any, *, target: bool
) -> dict[str, Any]:
    """Every measure of one attribute for both models, and their difference."""
    if attribute.kind == "continuous":
        return numbers(attribute, {name: test for name, (test, _) in sides.items()}, truth)
    true, true_held = ((each.argmax(1) if attribute.levels else (each[:, 0] > 0).astype(int))
                       for each in (truth, truth_held))  # fmt: skip
    chances = {
        name: [
            softmax(
                as_logits(attribute, t) / best_temperature(as_logits(attribute, h), true_held), 1
            )
            for t, h in zip(*side, strict=True)
        ]
        for name, side in sides.items()
    }
    measures: dict[str, Callable[[Array, Any], float]] = {
        "accuracy": lambda p, y: float((p.argmax(1) == y).mean()),
        "balanced accuracy": lambda p, y: mean_recall(p.argmax(1), y),
        "macro F1": macro_f1,
        "calibration error": lambda p, y: calibration_error(p, y),
        **{f"accuracy at {c:.0%} coverage": lambda p, y, c=c: kept(p, y, c) for c in COVERAGE},
    }
    if target:
        measures["AUROC"] = area
    found: dict[str, Any] = {}
    for measure, way in measures.items():
        found[measure] = {name: over_seeds(way, each, true) for name, each in chances.items()}
        if measure in ("accuracy", "balanced accuracy", "AUROC"):
            found[measure]["difference"] = difference(way, chances, true)
    if not attribute.levels:
        found["at fixed thresholds"] = {
            f"{cut:.2f}": {
                what: over_seeds(
                    lambda p, y, c=cut, v=v: told_of(p, y, c, v), chances["reader"], true
                )
                for what, v in (("sensitivity", 1), ("specificity", 0))
            }
            for cut in (0.3, 0.5, 0.7)
        }
    return found


def told_of(chances: Array, true: Any, cut: float, value: int) -> float:
    """Share of images of a value that is told rightly at a threshold."""
    said = chances[true == value, 1] >= cut
    return float((said == bool(value)).mean())


def macro_f1(chances: Array, true: Any) -> float:
    """Mean over values of 2 · hits / (said + true)."""
    said, count = chances.argmax(axis=1), chances.shape[1]
    hits = np.bincount(true[said == true], minlength=count)
    both = np.bincount(said, minlength=count) + np.bincount(true, minlength=count)
    return float(np.mean(2 * hits[both > 0] / both[both > 0]))


def area(chances: Array, true: Any) -> float:
    """Macro area under the ROC curve, one value against the rest, by ranks."""
    found = []
    for level in range(chances.shape[1])[chances.shape[1] == 2 :]:
        on = true == level
        ranks = rankdata(chances[:, level])
        ones, others = on.sum(), (~on).sum()
        if ones and others:
            found.append((ranks[on].sum() - ones * (ones + 1) / 2) / (ones * others))
    return float(np.mean(found))


def kept(chances: Array, true: Any, coverage: float) -> float:
    """Accuracy on the share of images that are surest."""
    sure = chances.max(axis=1)
    some = sure >= np.quantile(sure, 1 - coverage)
    return float((chances[some].argmax(axis=1) == true[some]).mean())


def over_seeds(way: Callable[[Any, Any], float], seeds: list[Any], true: Any) -> dict[str, Any]:
    """The mean over seeds, and its interval over images."""

    def mean(rows: Any) -> float:
        return float(np.mean([way(each[rows], true[rows]) for each in seeds]))

    value, interval = resampled(mean, len(true))
    return {"value": value, "interval": interval, "seeds": [way(each, true) for each in seeds]}


def resampled(measure: Callable[[Any], float], count: int) -> Any:
    """A value and its interval over units of test images; over images where there are fewer."""
    if count != sum(map(len, UNITS)):
        return resampled_interval(measure, count, np.random.default_rng(0))

    def of_units(chosen: Any) -> float:
        return measure(np.concatenate([UNITS[unit] for unit in chosen]))

    return resampled_interval(of_units, len(UNITS), np.random.default_rng(0))


def difference(
    way: Callable[[Any, Any], float], sides: dict[str, list[Any]], true: Any
) -> dict[str, Any]:
    """Reader less black box, on the same resamples of images."""

    def gap(rows: Any) -> float:
        mine, theirs = (
            np.mean([way(each[rows], true[rows]) for each in sides[name]])
            for name in ("reader", "black box")
        )
        return float(mine - theirs)

    value, interval = resampled(gap, len(true))
    return {"value": value, "interval": interval}


def numbers(attribute: Attribute, sides: dict[str, Any], truth: Any) -> dict[str, Any]:
    """Errors of a number in its unit, on all images and on those where it is not 0."""
    low, high = attribute.range or (-1, 1)
    unit, true = (high - low) / 2, truth[:, 0]
    seeds = {name: [each[:, 0] for each in side] for name, side in sides.items()}
    zero = -(high + low) / (high - low)  # the code of the number 0
    measures: dict[str, Callable[[Any, Any], float]] = {
        "absolute error": lambda p, y: float(np.abs(p - y).mean()) * unit,
        "squared error": lambda p, y: float(np.square(p - y).mean()) * unit**2,
        "correlation": lambda p, y: float(np.corrcoef(p, y)[0, 1]) if p.std() and y.std() else 0.0,
    }
    found: dict[str, Any] = {}
    seeds["always 0"] = [np.full(len(true), zero, true.dtype)] * len(SEEDS)
    for measure, way in measures.items():
        for which in ("all", "not 0"):

            def some(p: Any, y: Any, way: Any = way, which: str = which) -> float:
                kept = np.full(len(y), True) if which == "all" else np.abs(y - zero) > 1e-6
                return way(p[kept], y[kept]) if kept.any() else float("nan")

            each = {name: over_seeds(some, side, true) for name, side in seeds.items()}
            pairs = {"difference": "black box", "reader less always 0": "always 0"}
            for name, other in pairs.items():
                both = {"reader": seeds["reader"], "black box": seeds[other]}
                each[name] = difference(some, both, true)
            found[f"{measure}, {which}"] = each
    return found


def target(readers: list[Reader], test: Known) -> dict[str, Any]:
    """The target told by names alone, with what was discovered, and in whole."""
    reader = readers[0]
    span = reader.schema.slices[reader.target.name]
    truth = test.codes[:, span].numpy()
    with torch.no_grad():
        scores = [each.network(test.seen) for each in readers]
    found = {}
    for name, prefix in (("names", "named"), ("and discovered", "discovered"), ("whole", "total")):
        seeds = [getattr(each, prefix).double().numpy() for each in scores]
        if reader.target.kind == "continuous":
            found[name] = {
                "squared error": over_seeds(
                    lambda p, y: float(np.square(p - y).mean()),
                    [s[:, 0] for s in seeds],
                    truth[:, 0],
                )
            }
            continue
        true = truth.argmax(1) if reader.target.levels else (truth[:, 0] > 0).astype(int)
        chances = [softmax(as_logits(reader.target, each), 1) for each in seeds]
        found[name] = {
            "accuracy": over_seeds(lambda p, y: float((p.argmax(1) == y).mean()), chances, true),
            "AUROC": over_seeds(area, chances, true),
        }
    return found


def shares(readers: list[Reader], test: Known) -> dict[str, Any]:
    """Of the variance of the score (of each level, mean over levels): each source's share; that of
    terms with a place; and the largest gap of a sum."""
    found: dict[str, list[float]] = {name: [] for name in (*SOURCES, "placed", "sum error")}
    for reader in readers:
        each: dict[str, list[float]] = {name: [] for name in found}
        for level in reader.outputs if reader.target.levels else (None,):
            terms = reader.terms_seen(test.seen, level)
            for source, share in terms.variance_shares().items():
                each[source].append(float(share))
            placed = sum(p.values.sum(dim=(1, 2)) for p in terms.parts if p.places).double()
            total = terms.total.double()
            moved = ((placed - placed.mean()) * (total - total.mean())).mean()
            each["placed"].append(float(moved / total.var(correction=0)))
            each["sum error"].append(float(terms.error()))
        for name, values in each.items():
            found[name].append(max(values) if name == "sum error" else float(np.mean(values)))
    return found


def flips(reader: Reader, test: Known) -> dict[str, Any]:
    """How many wrong readings would change a prediction, and which they are most often."""
    with torch.no_grad():
        scores = reader.network(test.seen)
    found = [
        find_flip(reader, reading, total)
        for reading, total in zip(scores.readings, scores.total, strict=True)
    ]
    counts = Counter(len(each.values) if each else 0 for each in found)
    single = Counter(
        name for each in found if each and len(each.values) == 1 for name in each.values
    )
    return {
        "readings": {str(n): counts[n] / len(found) for n in sorted(counts)},
        "alone": {name: count / len(found) for name, count in single.most_common()},
    }


def discovered(readers: list[Reader], test: Known) -> dict[str, Any]:
    """Of each discovered attribute of the first seed: its largest correlation with one of another
    seed, least over the seeds; and its share of the target's variance."""
    named = readers[0].schema.named_columns
    codes = [reader.read_seen(test.seen)[:, named:].numpy() for reader in readers]
    again = []
    for other in codes[1:]:
        both = np.corrcoef(codes[0].T, other.T)[: codes[0].shape[1], codes[0].shape[1] :]
        again.append(np.nan_to_num(np.abs(both)).max(axis=1))
    least = np.min(again, axis=0)
    names = [attribute.name for attribute in readers[0].schema.discovered]
    return {"again": dict(zip(names, least.tolist(), strict=True))}


def disturbed(data: Dataset, readers: list[Reader], work: Path) -> dict[str, Any]:
    """The target, and the order of its reasons, after disturbances of test images."""
    rows = data.rows("test")[:DISTURBED]
    span = data.schema.slices[readers[0].target.name]
    true = data.codes[rows][:, span].argmax(axis=1)
    images = np.asarray(data.images[rows])
    found, before = {}, None
    for name, change in DISTURBANCES.items():
        file = work / f"cells-disturbed-{name.replace(' ', '-')}.npz"
        if not file.exists():
            from dataclasses import replace

            some = replace(data, images=change(images), codes=data.codes[rows],
                           known=data.known[rows], splits={}, groups=None)  # fmt: skip
            seen_ = look_at(some, np.arange(len(rows)), told(name))
            np.savez(file, **{f"level{n}": level.numpy() for n, level in enumerate(seen_)})
        arrays = np.load(file)
        features = tuple(torch.from_numpy(arrays[each]) for each in sorted(arrays.files))
        chances, reasons = [], []
        for reader in readers:
            total = reader.network(features).total.detach()
            chances.append(softmax(total.double().numpy(), 1))
            reasons.append(by_attribute(reader, features, total))
        before = before or reasons
        likeness = [
            float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*pair, strict=True)]))
            for pair in zip(before, reasons, strict=True)
        ]
        found[name] = {
            "accuracy": over_seeds(lambda p, y: float((p.argmax(1) == y).mean()), chances, true),
            "calibration error": over_seeds(lambda p, y: calibration_error(p, y), chances, true),
            "correlation of contributions": float(np.mean(likeness)),
        }
    return found


def by_attribute(reader: Reader, features: Any, total: Tensor) -> Array:
    """What each row adds to the level that the reader predicts, (image, row)."""
    levels = total.argmax(dim=1)
    rows = [
        torch.stack(list(reader.terms_seen(features, level).by_row(*SOURCES).values()), dim=1)
        for level in reader.outputs
    ]
    return torch.stack(rows)[levels, torch.arange(len(levels))].numpy()


def each_image(change: Callable[[Image.Image], Image.Image]) -> Callable[[Images], Images]:
    return lambda images: np.stack([np.asarray(change(Image.fromarray(each))) for each in images])


def stained(factor: float) -> Callable[[Images], Images]:
    """More red and less blue, or the reverse."""
    scale = np.array([factor, 1.0, 2 - factor])
    return lambda images: (images * scale).clip(0, 255).astype(np.uint8)


def compressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return Image.open(file).convert("RGB")


DISTURBANCES: dict[str, Callable[[Images], Images]] = {
    "as they are": lambda images: images,
    "10 % more red": stained(1.1),
    "10 % more blue": stained(0.9),
    "blur": each_image(lambda image: image.filter(ImageFilter.GaussianBlur(1))),
    "JPEG 50": each_image(compressed),
}


if __name__ == "__main__":
    main()
