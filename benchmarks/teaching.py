"""Teaching words to a small run: how far do 40 examples each way go, of what all labels give?

    python benchmarks/teaching.py runs/teaching > benchmarks/results/teaching.json

Two runs on drawn portraits, each without four of the attributes; what training did not see is then
taught. The shrinkage of `linear_read` was chosen on the four of run ``a`` (``hat``, ``beard``,
``smiling``, ``eyeglasses``); those of run ``b`` had no part in it. Reads are judged on 1,000 test
images, and drawing by an evaluator that learned all labels. Runs that are there are not trained
again; a run takes about four minutes on an idle core.
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

from interpretable_gan import Run, train
from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain import linear_read
from interpretable_gan.explain.teaching_fit import _seen, _whitening, teach
from interpretable_gan.metrics.uncertainty import seed_interval, wilson
from interpretable_gan.schema.schema import Schema
from machine import machine

HELD = {
    "a": ("hat", "beard", "smiling", "eyeglasses"),
    "b": ("bangs", "lipstick", "earrings", "mouth_open"),
}
IMAGES = 6400
LEARNED, TESTED = 3000, 1000
EACH, DRAWS = (5, 10, 20, 40), 20
DRAWN = 256


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="Of the two runs.")
    folder = options.parse_args().folder
    torch.set_num_threads(1)
    data = portraits.dataset(size=32, count=20_000, seed=0)
    judge = train_evaluator(data, images=10_000, members=1)
    report: dict[str, Any] = {
        "machine": machine(),
        "date": date.today().isoformat(),
        "images": IMAGES,
        "judge": {
            name: judge.reliability[name].balanced_accuracy
            for held in HELD.values()
            for name in held
        },
    }
    for which, held in HELD.items():
        model = trained(data, held, folder / which)
        for name in held:
            report[name] = {"run": which, **taught(model, data, name, judge)}
    print(json.dumps(report, indent=2))


def trained(data: Dataset, held: tuple[str, ...], folder: Path) -> Any:
    """The model of a run that never saw the labels of some attributes."""
    if not (folder / "weights.safetensors").exists():
        kept = [each for each in data.schema.named if each.name not in held]
        spans = [data.schema.slices[each.name] for each in kept]
        columns = np.concatenate([np.arange(span.start, span.stop) for span in spans])
        fields = {name: getattr(data.schema, name) for name in type(data.schema).model_fields}
        schema = Schema(**fields | {"attributes": tuple(kept)})
        codes, known = data.codes[:, columns], data.known[:, columns]
        less = replace(data, schema=schema, codes=codes, known=known, source=None)
        train(less, preset="tiny", run=folder, images=IMAGES, threads=1, seed=0)
    return Run.open(folder).model(steered=False, taught=False)


def taught(model: Any, data: Dataset, name: str, judge: Any) -> dict[str, Any]:
    """What reads of a held-back attribute reach, and what drawing it does."""
    column = data.schema.slices[name].start
    learned, tested = data.rows("train")[:LEARNED], data.rows("test")[:TESTED]
    shows, truth = data.codes[learned, column] > 0, data.codes[tested, column] > 0
    whiten = _whitening(model, 0)
    seen, test = (
        whiten(_seen(model, data.batch(rows)[0])[0].flatten(1).double().numpy())
        for rows in (learned, tested)
    )

    def accuracy(rows: Any) -> float:
        line = linear_read.fit(seen[rows], shows[rows])
        return linear_read.recall((line.offset + test @ line.weights)[None], truth).accuracy

    everything = accuracy(np.arange(LEARNED))
    found: dict[str, Any] = {"all_labels": everything, "each": {}}
    for each in EACH:
        drawn = [dealt(shows, each, seed) for seed in range(DRAWS)]
        reached = [accuracy(rows) for rows in drawn]
        excess = [(value - 0.5) / (everything - 0.5) for value in reached]
        found["each"][each] = {
            "accuracy": float(np.mean(reached)),
            "interval": seed_interval(reached),
            "share_of_excess": float(np.mean(excess)),
        }
    covered = []
    for seed in range(DRAWS // 2):
        rows = dealt(shows, EACH[-1], seed)
        low, high = linear_read.cross_validate(seen[rows], shows[rows], seed).recall.interval
        covered.append(low <= accuracy(rows) <= high)
    found["interval_covers"] = float(np.mean(covered))
    return found | drawing(model, data, name, dealt(shows, EACH[-1], 0), judge)


def dealt(shows: Any, each: int, seed: int) -> Any:
    """As many rows with the word as without."""
    rng = np.random.default_rng(seed)
    sides = [rng.choice(np.flatnonzero(shows == side), each, False) for side in (True, False)]
    return np.concatenate(sides)


def drawing(model: Any, data: Dataset, name: str, rows: Any, judge: Any) -> dict[str, Any]:
    """Of images that a judge sees on the other side, the share that it sees on the side asked for,
    with the shift and, for comparison, in two samples that share the code and not the style."""
    images = data.batch(data.rows("train")[:LEARNED][rows])[0]
    half = len(rows) // 2
    known = teach(model, "the word", images[:half], images[half:], alike=True).model
    column = judge.schema.slices[name].start
    code, style = known.codes(DRAWN, seed=9), known.styles(2 * DRAWN, seed=9)

    def sees(some: Any, with_style: Any) -> Any:
        return judge.read(known.draw(some, with_style))[:, column] > 0

    before, usual = sees(code, style[:DRAWN]), sees(code, style[DRAWN:])
    told: dict[str, Any] = {}
    for asked, wanted in ((1, True), (0, False)):
        after = sees(known.schema.replace(code, {"the word": asked}), style[:DRAWN])
        lacking = before != wanted
        count = int(lacking.sum())
        hits = int((after[lacking] == wanted).sum())
        told["on" if wanted else "off"] = {
            "asked": hits / count if count else None,
            "interval": wilson(hits, count),
            "fresh_style": float((usual[lacking] == wanted).mean()) if count else None,
            "images": count,
        }
    return {"drawn": told}


if __name__ == "__main__":
    main()
