"""How good rows drawn by models of tables are, beside other projects, on held-out rows.

    python benchmarks/tables.py german_credit.csv --target credit_risk=good --seeds 0 1 2

Needs the extras `tables` and `bench`. Adds to benchmarks/results/tables-NAME.json, one entry for
each seed and each of `RIVALS`, each in a process of its own; what is there is not run again, so
that the command goes on where it was stopped. `--only` names some rivals. CTGAN and TVAE train for
`--minutes` of processor time at most; the entry says how many epochs that were. `seconds` is the
processor time of fitting. Any table with 30 test rows will do: one of 300 rows that names no split.

What is measured was fixed before the first run. Of drawn rows, as many as there are test rows and
5,000 at most, with 95 % intervals over rows:

* detection_trees, detection_logistic: area under the ROC curve of boosted trees and of logistic
  regression that tell drawn rows from test rows, 3 folds. 0.5 is best.
* pair_trends: agreement of all pairs of columns with the test rows, 0 to 1, 1 is best.
* utility: area under the ROC curve, on test rows, of boosted trees that learned the target from
  as many drawn rows as there are training rows. `training rows` says what these reach. Where the
  target is a number, R² of boosted trees.
* conditions: over 200 random sets of one to five conditions with at least 30 matching test rows,
  500 rows each: the share of drawn rows that are as asked, and the mean total variation distance
  of the other columns to the matching test rows. Rivals without conditionals are filtered from
  200,000 drawn rows; CTGAN may also use its own condition on one level, and of the two the better
  one counts. Where no row is found the distance is 1; `few` is the share of sets with fewer than
  30 rows. Small tables have fewer such sets, and `sets` says how many.

Privacy, apart, with as many training rows as test rows:

* closest_share: of 2,000 drawn rows, the share that is closer to a training row than to a test
  row. 0.5 is what fresh rows have; 1 is copies.
* membership: an attack. The closer the closest drawn row, the more a row is taken for a training
  row; area under the ROC curve on up to 2,000 rows each. 0.5 is chance.

The discriminator, with the rival `corrected`: auroc on test rows and as many drawn ones, beside
boosted trees that learned from the same rows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from interpretable_gan.atomic import write_text
from interpretable_gan.cli.train_table import aimed
from interpretable_gan.data.tables import TableData, open_table
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.discriminator import judged
from machine import machine
from table_measures import (
    GIVEN,
    MATCHING,
    MOST,
    condition_sets,
    conditions,
    detection,
    matching,
    privacy,
    trees,
    trends,
    utility,
)
from table_rivals import RIVALS, Drawer, fitted

RESULTS = Path(__file__).parent / "results"
POOL = 200_000
"""Rows from which those that hold conditions are filtered."""

TRAINING = "training rows"
"""Not drawn: what the training rows themselves reach."""


def opened(table: Path, target: str, seed: int) -> TableData:
    data = open_table(table, seed=seed)
    return replace(data, schema=aimed(data.schema, target, quiet=True))


def measured(name: str, table: Path, target: str, seed: int, minutes: float) -> dict[str, Any]:
    """One rival, one seed."""
    data, config = opened(table, target, seed), TableConfig(seed=seed, threads=1)
    train, every = data.cells[data.rows("train")], data.cells[data.rows("test")]
    luck = np.random.default_rng([seed, 0])
    test = every[luck.permutation(len(every))[:MOST]]
    sets = condition_sets(every, data, seed)
    if name == TRAINING:
        found = utility(train, test, data, seed, config)
        found |= conditions(
            every, sets, data, [lambda asked: train[matching(train, asked)][:GIVEN]]
        )
        return {"rival": name, "seed": seed, **found}
    drawer, seconds = fitted(name, data, config, minutes)
    rows = drawer.draw(max(len(test), len(train)), seed)
    found = detection(test, rows, data, seed) | trends(test, rows[: len(test)], data)
    found |= utility(rows[: len(train)], test, data, seed, config)
    found |= privacy(rows, train, every, data, seed)
    found |= conditions(every, sets, data, ways(drawer, seed, name))
    if drawer.discriminator is not None:
        found["discriminator"] = discriminator(drawer, train, test, data, seed)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    about = {"seconds": seconds, "megabytes": round(used), "settings": drawer.settings}
    return {"rival": name, "seed": seed, **about, **found}


def ways(drawer: Drawer, seed: int, name: str) -> list[Any]:
    """How rows that hold conditions are drawn: by conditionals, by rejection, or both."""
    given = drawer.given
    own = [] if given is None else [lambda asked: given(asked, GIVEN, seed)]
    if own and name != "ctgan":
        return own
    pool = drawer.draw(POOL, seed + 1)
    return [*own, lambda asked: pool[matching(pool, asked)][:GIVEN]]


def discriminator(drawer: Drawer, train: Any, test: Any, data: TableData, seed: int) -> Any:
    """Additive decision and boosted trees on test rows and fresh drawn ones."""
    fresh = drawer.sampler.draw(len(test), seed=seed + 77).cells
    rows, truth = np.concatenate([test, fresh]), np.repeat([1, 0], len(test))
    terms = drawer.discriminator.terms(judged(drawer.discriminator, rows))
    learn = np.concatenate([train, drawer.sampler.draw(len(train), seed=seed + 2).cells])
    other = trees(data, seed).fit(learn, np.repeat([1, 0], len(train)))
    return {
        "auroc": float(roc_auc_score(truth, terms.total)),
        "auroc_trees": float(roc_auc_score(truth, other.predict_proba(rows)[:, 1])),
        "sum_error": float(terms.error()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", default=[TRAINING, *RIVALS])
    parser.add_argument("--minutes", type=float, default=15)
    given = parser.parse_args()
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # of processes that libraries start by themselves
    name = given.table.name.partition(".")[0]
    path = RESULTS / f"tables-{name}.json"
    about = json.loads(path.read_text()) if path.exists() else {"measured": []}
    data = opened(given.table, given.target, 0)
    if len(data.rows("test")) < MATCHING:
        parser.error(f"{len(data.rows('test'))} test rows are too few: {MATCHING} are needed.")
    about |= {
        "command": f"python benchmarks/tables.py {given.table.name} --target {given.target}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "rows": {name: len(rows) for name, rows in data.splits.items()},
        "checksum": data.checksum,
    }
    for seed in given.seeds:
        there = {each["rival"] for each in about["measured"] if each["seed"] == seed}
        for rival in given.only:
            if rival in there:
                continue
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                job = apart.submit(measured, rival, given.table, given.target, seed, given.minutes)
                try:
                    found = job.result()
                except Exception as error:  # of other projects: the rest goes on
                    print(f"{rival} {seed} failed: {error!r}", file=sys.stderr, flush=True)
                    continue
            about["measured"].append(found)
            write_text(path, json.dumps(about, indent=1) + "\n")
            print(rival, seed, summary(found), flush=True)


def summary(found: dict[str, Any]) -> str:
    """The values of one entry on one line."""
    told = {
        k: round(v["value"], 3) for k, v in found.items() if isinstance(v, dict) and "value" in v
    }
    return json.dumps(told)


if __name__ == "__main__":
    main()
