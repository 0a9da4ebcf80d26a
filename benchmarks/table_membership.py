"""What lowers a membership attack on rows of the likelihood model, and what that costs.

    python benchmarks/table_membership.py adult.csv.gz

The attack takes a row for a training row the closer its closest drawn row is. It is run on all test
rows and as many training rows, so that its interval is narrower than that of `tables.py`. Beside
the model as it is stands one with more smoothing. Validation rows choose: `membership_validation`
is the attack on them, `detection_trees` tells them from as many drawn ones. `gain` is how much
likelier training rows are than validation rows, in nats a row; 0 for a model that remembers none.

Adds to benchmarks/results/table-membership-NAME.json; what is there is not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from interpretable_gan.atomic import write_text
from interpretable_gan.data.tables import TableData, open_table
from interpretable_gan.metrics.tables.closest_record import closest_distances
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.tables import circuit_fit
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.privacy import even_sides, typed
from interpretable_gan.models.tables.sampler_fit import fit_sampler
from machine import machine
from table_measures import detection
from tables import RESULTS

WAYS = {"as it is": 1, "smoothing × 10": 10}
"""How many times as much smoothing."""


def measured(way: str, data: TableData, seed: int) -> dict[str, Any]:
    """One way: the model fitted, its rows attacked."""
    start, usual = time.process_time(), circuit_fit.SMOOTH
    circuit_fit.SMOOTH = WAYS[way] * usual
    sampler = fit_sampler(data, TableConfig(seed=seed, threads=1))
    circuit_fit.SMOOTH = usual
    seconds = time.process_time() - start
    train, check, test = (data.cells[data.rows(s)] for s in ("train", "validation", "test"))
    drawn = sampler.draw(len(train), seed=seed).cells
    likely = [float(sampler.log_likelihood(rows).mean()) for rows in (train, check)]
    return {
        "way": way,
        "seed": seed,
        "processor_seconds": round(seconds, 1),
        "log_likelihood_validation": likely[1],
        "gain": likely[0] - likely[1],
        "detection_trees": detection(check, drawn, data, seed)["detection_trees"],
        "membership_validation": attacked(data, drawn, train, check, seed),
        "membership": attacked(data, drawn, train, test, seed),
    }


def attacked(data: TableData, drawn: Any, train: Any, others: Any, seed: int) -> dict[str, Any]:
    """Area under the ROC curve of the attack, all rows of the smaller side; 0.5 is chance."""
    *sides, made = typed(data.schema, *even_sides(train, others, seed), drawn)
    said = -np.concatenate([closest_distances(side, made, jobs=1)[:, 0] for side in sides])
    truth = np.repeat([1, 0], len(sides[0]))
    value, interval = resampled_interval(
        lambda rows: roc_auc_score(truth[rows], said[rows]), len(truth), np.random.default_rng(0)
    )
    return {"value": value, "interval": interval, "rows": len(truth)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / f"table-membership-{given.table.name.partition('.')[0]}.json"
    about = json.loads(path.read_text()) if path.exists() else {"measured": []}
    about |= {
        "command": f"python benchmarks/table_membership.py {given.table.name}",
        "date": date.today().isoformat(),
        "machine": machine(),
    }
    data = open_table(given.table, seed=given.seed)
    for way in WAYS:
        if any(e["way"] == way and e["seed"] == given.seed for e in about["measured"]):
            continue
        found = measured(way, data, given.seed)
        about["measured"].append(found)
        write_text(path, json.dumps(about, indent=1) + "\n")
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
