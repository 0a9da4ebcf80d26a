"""How well directions of three kinds steer a generator that somebody else trained.

    igan data draw faces.pt2 --judges labelling/ --n 3000 --out drawn
    igan train drawn --generator faces.pt2 --images 16000 --no-check --out runs/theirs
    python benchmarks/frozen.py runs/theirs drawn --judges judging/

Writes benchmarks/results/frozen-NAME.json, NAME being the data's. For each of `DIRECTIONS`, at the
same budget, and for each value, of 64 images that do not show it:

* seen: the share in which readers see it after the edit. They learned from half of the training
  images, labelled by the networks of the first folder. High is better.
* change: how far the log-odds of the other attributes move, in units of what a fresh z moves. The
  budget is 1; low is better.
* judged: the same share as a network of the second folder sees it, which labelled nothing; its
  threshold is 0.5. Of images that this network does not see it in before.

`plain` is the same without a shift: what codes do by the regression of z on what is read.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

from interpretable_gan.atomic import write_text
from interpretable_gan.audit.judges import ForeignJudge
from interpretable_gan.audit.published import published_judges
from interpretable_gan.data.open import open_dataset
from interpretable_gan.errors import ConfigError
from interpretable_gan.steer.directions import DIRECTIONS
from interpretable_gan.steer.fit import steer
from interpretable_gan.steer.readers import train_readers
from interpretable_gan.steer.trial import Trial
from interpretable_gan.training.run import Run
from machine import machine

RESULTS = Path(__file__).parent / "results"


def judged(model: Any, trial: Trial, judges: list[ForeignJudge]) -> dict[str, list[Any]]:
    """By value, how often each judge sees it after an edit of images in which it saw none."""
    found: dict[str, list[Any]] = {}
    edits = trial.rows.shape[1]
    for number, value in enumerate(trial.values):
        rows = trial.rows[number]
        asked = trial.asked[number * edits : (number + 1) * edits]
        before = model.draw(trial.code[rows], trial.style[rows])
        after = model.draw(asked, trial.style[rows])
        for judge in judges:
            if value.attribute not in judge.attributes:
                continue
            column = judge.attributes.index(value.attribute)
            had, has = (
                (np.asarray(judge.probabilities(each))[:, column] > 0.5) == (value.side > 0)
                for each in (before, after)
            )
            if (~had).any():
                share = float((has & ~had).sum() / (~had).sum())
                found.setdefault(f"{value.attribute} {value.label}", []).append(
                    {"judge": judge.name, "images": int((~had).sum()), "share": round(share, 3)}
                )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("data")
    parser.add_argument("--judges", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    run = Run.open(given.run)
    model, data = run.model("cpu"), open_dataset(given.data, size=run.config.size)
    readers = train_readers(data, seed=given.seed)
    judges = published_judges(given.judges, data.schema) if given.judges else []
    trial = Trial(model, readers, given.seed + 1)
    models: dict[str, Any] = {"plain": model}
    refused = {}
    for name in DIRECTIONS:
        try:
            models[name] = steer(model, data, directions=name, readers=readers, seed=given.seed)
        except ConfigError as error:
            refused[name] = str(error)
    methods = {}
    for name, steered in models.items():
        outcome = trial.outcome(steered)
        methods[name] = {
            "values": [
                {
                    "value": f"{value.attribute} {value.label}",
                    "seen": round(outcome.success[number].item(), 3),
                    "change": round(outcome.change[number].item(), 3),
                }
                for number, value in enumerate(trial.values)
            ],
            "seen": round(outcome.success.nanmean().item(), 3),
            "change": round(outcome.change.nanmean().item(), 3),
            "judged": judged(steered, trial, judges),
        }
        print(name, methods[name]["seen"], methods[name]["change"], flush=True)
    about = {
        "generator": Path(run.config.generator).name,
        "checksum": run.config.checksum,
        "images": len(data),
        "trained": run.config.images,
        "readable": readers.readable,
        "methods": methods,
        "refused": refused,
        "seed": given.seed,
        "date": date.today().isoformat(),
        "machine": machine(),
    }
    name = Path(given.data).name
    write_text(RESULTS / f"frozen-{name}.json", json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
