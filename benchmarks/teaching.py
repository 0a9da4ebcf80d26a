"""Teaching words to a small run: how far do 40 examples each way go, of what all labels give?

    python benchmarks/teaching.py runs/teaching > benchmarks/results/teaching.json

A run on drawn portraits, without four of their attributes, which are then taught. The constants of
`linear_read` were chosen on a like run without four others (hat, beard, smiling, eyeglasses). Reads
are judged on 1,000 test images. A run that is there is not trained again; on an idle core training
takes about two minutes, and the rest as long.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import RidgeClassifier

from interpretable_gan import Run, train
from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain import linear_read
from interpretable_gan.explain.teaching_fit import by_place, evidence_of, whitening
from interpretable_gan.metrics.uncertainty import seed_interval
from interpretable_gan.schema.schema import Schema
from machine import machine

HELD = ("bangs", "lipstick", "earrings", "mouth_open")
IMAGES = 8000
LEARNED, TESTED = 2000, 1000
EACH, DRAWS = (5, 10, 20, 40), 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="Of the run.")
    folder = options.parse_args().folder
    torch.set_num_threads(1)
    data = portraits.dataset(size=32, count=20_000, seed=0)
    model = trained(data, folder)
    report: dict[str, Any] = {
        "machine": machine(),
        "date": date.today().isoformat(),
        "images": IMAGES,
        "read": reading(model, data),
    }
    print(json.dumps(report, indent=2))


def trained(data: Dataset, folder: Path) -> Any:
    """The model of a run that never saw the labels of `HELD`."""
    if not (folder / "weights.safetensors").exists():
        kept = [each for each in data.schema.named if each.name not in HELD]
        spans = [data.schema.slices[each.name] for each in kept]
        columns = np.concatenate([np.arange(span.start, span.stop) for span in spans])
        fields = {name: getattr(data.schema, name) for name in type(data.schema).model_fields}
        schema = Schema(**fields | {"attributes": tuple(kept)})
        codes, known = data.codes[:, columns], data.known[:, columns]
        less = replace(data, schema=schema, codes=codes, known=known, source=None)
        train(less, preset="tiny", run=folder, images=IMAGES, threads=1, seed=0)
    return Run.open(folder).model(steered=False, taught=False)


def reading(model: Any, data: Dataset) -> dict[str, Any]:
    """What reads of each held-back attribute reach on test images."""
    learned, tested = data.rows("train")[:LEARNED], data.rows("test")[:TESTED]
    whiten = whitening(model, seed=0)
    seen, test = (
        by_place(evidence_of(model, data.batch(rows)[0]), whiten) for rows in (learned, tested)
    )
    columns = {name: data.schema.slices[name].start for name in HELD}
    return {
        name: reached(seen, data.codes[learned, column] > 0, test, data.codes[tested, column] > 0)
        for name, column in columns.items()
    }


def reached(seen: Any, shows: Any, test: Any, truth: Any) -> dict[str, Any]:
    """Balanced accuracy with all labels and with few, and how often the interval that
    cross-validation gives holds it."""

    def accuracy(rows: Any) -> float:
        line = linear_read.fit(seen[rows], shows[rows])
        scores = line.offset + np.tensordot(test, line.weights, axes=2)
        return linear_read.recall(scores[None], truth).accuracy

    everything = ridge(seen.reshape(len(seen), -1), shows, test.reshape(len(test), -1), truth)
    found: dict[str, Any] = {"all_labels": everything, "each": {}}
    for each in EACH:
        values = [accuracy(dealt(shows, each, seed)) for seed in range(DRAWS)]
        found["each"][each] = {
            "accuracy": float(np.mean(values)),
            "interval": seed_interval(values),
            "share_of_excess": (float(np.mean(values)) - 0.5) / (everything - 0.5),
        }
    covered = []
    for seed in range(DRAWS // 2):
        rows = dealt(shows, EACH[-1], seed)
        low, high = linear_read.cross_validate(
            linear_read.grams(seen[rows]), shows[rows], seed
        ).recall.interval
        covered.append(low <= accuracy(rows) <= high)
    return found | {"interval_covers": float(np.mean(covered))}


def ridge(seen: Any, shows: Any, test: Any, truth: Any) -> float:
    """Balanced accuracy of ridge regression on all labels, its penalty chosen on every fifth."""
    kept = np.arange(len(seen)) % 5 > 0
    fits = [RidgeClassifier(penalty, class_weight="balanced") for penalty in (1, 10, 100, 1000)]
    told = [each.fit(seen[kept], shows[kept]).score(seen[~kept], shows[~kept]) for each in fits]
    best = fits[int(np.argmax(told))]
    scores = best.fit(seen, shows).decision_function(test)
    return linear_read.recall(scores[None], truth).accuracy


def dealt(shows: Any, each: int, seed: int) -> Any:
    """As many rows with the word as without."""
    rng = np.random.default_rng(seed)
    sides = [rng.choice(np.flatnonzero(shows == side), each, False) for side in (True, False)]
    return np.concatenate(sides)


if __name__ == "__main__":
    main()
