"""How good models of tables are, beside simple rivals, on held-out rows.

    python benchmarks/tables.py german_credit.csv --target credit_risk=good --seeds 0 1 2

Needs the extra `tables`. Writes benchmarks/results/tables-NAME.json; `--note` is added to it.

What is measured was fixed before the first run. Of drawn rows, as many as there are test rows and
5,000 at most, by each of `RIVALS`:

* detection_trees, detection_logistic: area under the ROC curve of boosted trees and of logistic
  regression that tell drawn rows from test rows, 3 folds. 0.5 is best.
* pair_trends: agreement of all pairs of columns with the test rows, 0 to 1, 1 is best.
* utility: area under the ROC curve, on test rows, of boosted trees that learned the target from
  drawn rows; beside it that of trees that learned from as many training rows.
* closest_share: of drawn rows, the share that is closer to a training row than to a row of a
  holdout of the same size. 0.5 is what fresh rows have; 1 is copies.
* conditions: over 40 random sets of one to three conditions with at least 30 matching test rows,
  the share of drawn rows that are as asked, and the mean total variation distance of the other
  columns to the matching test rows. For rivals without conditionals: of matching drawn rows.

Of the head, on test rows: auroc and calibration_error, beside boosted trees, logistic regression
and the library's own explainable boosting machine at its defaults.

The discriminator: auroc on test rows and as many drawn ones, beside boosted trees that learned from
the same rows; and every measure of rows for `corrected` rows, so that it shows what it adds.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from interpretable_gan.atomic import write_text
from interpretable_gan.cli.train_table import aimed
from interpretable_gan.data.tables import TableData, open_table
from interpretable_gan.metrics.tables.pair_trends import pair_trends
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.discriminator import corrected, fit_discriminator, judged
from interpretable_gan.models.tables.fit import calibration_error
from interpretable_gan.models.tables.head_fit import fit_head, is_ordered, target_numbers
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.tables.sampler_fit import fit_sampler
from interpretable_gan.schema.conditions import Condition
from machine import machine

RESULTS = Path(__file__).parent / "results"
MOST = 5000
RIVALS = ("likelihood model alone", "corrected", "independent columns", "copies of training rows")
CONDITIONS, MATCHING = 40, 30


def drawn_rows(data: TableData, n: int, seed: int, config: TableConfig) -> dict[str, Any]:
    """Rows by each of `RIVALS`, and what was fitted for them."""
    train, luck = data.cells[data.rows("train")], np.random.default_rng([seed, 1])
    start = time.monotonic()
    sampler = fit_sampler(data, config)
    seconds = {"likelihood model": time.monotonic() - start}
    start = time.monotonic()
    discriminator = fit_discriminator(data, sampler, config)
    seconds["discriminator"] = time.monotonic() - start
    rows = {
        RIVALS[0]: sampler.draw(n, seed=seed).cells,
        RIVALS[1]: corrected(sampler, discriminator, n, seed=seed),
        RIVALS[2]: np.stack([luck.permutation(column)[:n] for column in train.T], axis=1),
        RIVALS[3]: train[luck.integers(0, len(train), n)],
    }
    return {"rows": rows, "sampler": sampler, "discriminator": discriminator, "seconds": seconds}


def trees(data: TableData, seed: int) -> Any:
    levels = [not is_ordered(a) and len(a.levels) < 250 for a in data.schema.named]
    return HistGradientBoostingClassifier(
        max_iter=100, categorical_features=levels, random_state=seed
    )


def logistic(data: TableData) -> Any:
    numbers = [k for k, a in enumerate(data.schema.named) if is_ordered(a)]
    levels = [k for k in range(len(data.schema.named)) if k not in numbers]
    columns = make_column_transformer(
        (make_pipeline(StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), levels),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000))


def filled(cells: Any) -> Any:
    """Cells that are not known as −1, a value of their own, where a model takes no nan."""
    return np.nan_to_num(cells, nan=-1.0)


def detection(real: Any, drawn: Any, data: TableData, seed: int) -> dict[str, float]:
    n = min(len(real), len(drawn))
    rows = np.concatenate([real[:n], drawn[:n]])
    truth = np.repeat([1, 0], n)
    found = {}
    for name, model, given in (
        ("detection_trees", trees(data, seed), rows),
        ("detection_logistic", logistic(data), filled(rows)),
    ):
        said = cross_val_predict(model, given, truth, cv=3, method="predict_proba")[:, 1]
        found[name] = float(roc_auc_score(truth, said))
    return found


def utility(learn: Any, test: Any, data: TableData, seed: int, config: TableConfig) -> float:
    """Boosted trees that learned from some rows, on test rows."""
    column = data.schema.names.index(data.schema.target or "")
    truth, _ = target_numbers(data.schema, learn, config)
    true, _ = target_numbers(data.schema, test, config)
    hidden = [np.where(np.arange(learn.shape[1]) == column, 0.0, each) for each in (learn, test)]
    known = ~np.isnan(truth)
    model = trees(data, seed).fit(hidden[0][known], truth[known])
    return float(roc_auc_score(true, model.predict_proba(hidden[1])[:, 1]))


def closest_share(drawn: Any, train: Any, holdout: Any, data: TableData) -> float:
    """Gower distance: share of columns whose levels differ, and of the range between numbers."""
    size = min(len(train), len(holdout), 2000)
    sides = [np.full(min(len(drawn), 1000), np.inf) for _ in range(2)]
    rows = drawn[: len(sides[0])]
    for side, others in enumerate((train[:size], holdout[:size])):
        for first in range(0, size, 200):
            total = 0.0
            for k, attribute in enumerate(data.schema.named):
                a, b = filled(rows[:, k, None]), filled(others[None, first : first + 200, k])
                if is_ordered(attribute):
                    span = np.nanmax(train[:, k]) - np.nanmin(train[:, k]) or 1.0
                    total = total + np.abs(a - b) / span
                else:
                    total = total + (a != b)
            sides[side] = np.minimum(sides[side], total.min(axis=1))
    near, far = sides
    return float((near < far).mean() + (near == far).mean() / 2)


def condition_sets(test: Any, data: TableData, seed: int) -> list[dict[int, Condition]]:
    """Random conditions that enough test rows hold, each taken from a test row."""
    luck, found = np.random.default_rng([seed, 2]), []
    while len(found) < CONDITIONS:
        row = test[luck.integers(len(test))]
        asked = {}
        for k in luck.permutation(test.shape[1])[: luck.integers(1, 4)].tolist():
            cell = row[k]
            if np.isnan(cell):
                asked[k] = Condition(np.nan, np.nan)
            elif is_ordered(data.schema.named[k]):
                spread = 0.25 * np.nanstd(test[:, k])
                asked[k] = Condition(cell - spread, cell + spread)
            else:
                asked[k] = Condition(cell, cell)
        if matching(test, asked).sum() >= MATCHING:
            found.append(asked)
    return found


def matching(rows: Any, asked: dict[int, Condition]) -> Any:
    holds = [condition.holds(rows[:, k]) for k, condition in asked.items()]
    return np.logical_and.reduce(holds)


def distance(a: Any, b: Any, skip: dict[int, Condition], data: TableData) -> float:
    """Mean total variation distance of columns, numbers in ten bins of the second rows."""
    found = []
    for k in range(a.shape[1]):
        if k in skip:
            continue
        x, y = filled(a[:, k]), filled(b[:, k])
        if is_ordered(data.schema.named[k]) and len(np.unique(y)) > 10:
            cuts = np.quantile(y, np.linspace(0.1, 0.9, 9))
            x, y = np.searchsorted(cuts, x), np.searchsorted(cuts, y)
        values = np.union1d(x, y)
        shares = [[(side == value).mean() for value in values] for side in (x, y)]
        found.append(0.5 * np.abs(np.subtract(*shares)).sum())
    return float(np.mean(found))


def conditions(test: Any, sets: Any, data: TableData, draw: Any) -> dict[str, float]:
    """Share of rows as asked, and distance of the other columns to the matching test rows."""
    right, far = [], []
    for asked in sets:
        rows = draw(asked)
        right.append(float(matching(rows, asked).mean()) if len(rows) else 0.0)
        if len(rows):
            far.append(distance(rows, test[matching(test, asked)], asked, data))
    return {"conditions_held": float(np.mean(right)), "conditions_distance": float(np.mean(far))}


def given(sampler: RowSampler, asked: dict[int, Condition], n: int, seed: int) -> Any:
    """Rows of the likelihood model given conditions on cells."""
    weights = {k: torch.from_numpy(sampler.states[k].weights(c)).float() for k, c in asked.items()}
    luck = torch.Generator().manual_seed(seed)
    states, _ = sampler.circuit.draw(n, weights, luck)
    return sampler._cells(states.numpy(), luck, asked)


def measure_rows(data: TableData, seed: int, config: TableConfig) -> dict[str, Any]:
    train = data.cells[data.rows("train")]
    luck = np.random.default_rng([seed, 0])
    test = data.cells[data.rows("test")]
    test = test[luck.permutation(len(test))[:MOST]]
    made = drawn_rows(data, max(len(test), len(train)), seed, config)
    sets = condition_sets(test, data, seed)
    found: dict[str, Any] = {}
    for name, rows in made["rows"].items():
        said = detection(test, rows, data, seed)
        tables = [
            {a.name: cells[:, k] for k, a in enumerate(data.schema.named)}
            for cells in (test, rows[: len(test)])
        ]
        said["pair_trends"] = float(pair_trends(*tables).value)
        said["utility"] = utility(rows[: len(train)], test, data, seed, config)
        holdout = data.cells[np.concatenate([data.rows("validation"), data.rows("test")])]
        said["closest_share"] = closest_share(rows, train, holdout, data)
        draw = (
            (lambda asked: given(made["sampler"], asked, 500, seed))
            if name == RIVALS[0]
            else (lambda asked, rows=rows: rows[matching(rows, asked)])
        )
        found[name] = said | conditions(test, sets, data, draw)
    found["training rows"] = {"utility": utility(train, test, data, seed, config)}
    return {
        "rows": found,
        "discriminator": measure_discriminator(made, train, test, data, seed),
        "seconds": made["seconds"],
    }


def measure_discriminator(made: Any, train: Any, test: Any, data: TableData, seed: int) -> Any:
    """Additive decision and boosted trees on test rows and fresh drawn ones."""
    fresh = made["sampler"].draw(len(test), seed=seed + 77).cells
    rows, truth = np.concatenate([test, fresh]), np.repeat([1, 0], len(test))
    terms = made["discriminator"].terms(judged(made["discriminator"], rows))
    learn = np.concatenate([train, made["sampler"].draw(len(train), seed=seed + 2).cells])
    other = trees(data, seed).fit(learn, np.repeat([1, 0], len(train)))
    return {
        "auroc": float(roc_auc_score(truth, terms.total)),
        "auroc_trees": float(roc_auc_score(truth, other.predict_proba(rows)[:, 1])),
        "sum_error": float(terms.error()),
    }


def measure_head(
    data: TableData, seed: int, config: TableConfig, *, with_library: bool
) -> dict[str, Any]:
    train, test = data.cells[data.rows("train")], data.cells[data.rows("test")]
    truth, _ = target_numbers(data.schema, train, config)
    true, _ = target_numbers(data.schema, test, config)
    start = time.monotonic()
    head = fit_head(data, config)
    seconds = time.monotonic() - start
    said = {"head": head.predict(torch.from_numpy(test)).numpy()}
    column = data.schema.names.index(data.schema.target or "")
    hidden = [np.where(np.arange(train.shape[1]) == column, 0.0, each) for each in (train, test)]
    rivals = [("boosted trees", trees(data, seed), False)]
    rivals.append(("logistic regression", logistic(data), True))
    if with_library:
        rivals.append(("explainable boosting machine", library(data, seed), True))
    for name, model, fill in rivals:
        sides = [filled(each) if fill else each for each in hidden]
        said[name] = model.fit(sides[0], truth).predict_proba(sides[1])[:, 1]
    found = {
        name: {
            "auroc": float(roc_auc_score(true, each)),
            "calibration_error": calibration_error(true, each),
        }
        for name, each in said.items()
    }
    return found | {"seconds": seconds}


def library(data: TableData, seed: int) -> Any:
    """The library's own model, at its defaults."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["continuous" if is_ordered(a) else "nominal" for a in data.schema.named]
    return ExplainableBoostingClassifier(feature_types=kinds, random_state=seed, n_jobs=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--note", default="")
    parser.add_argument("--without-library", action="store_true", help="it takes long on Adult")
    given = parser.parse_args()
    seeds: list[dict[str, Any]] = []
    for seed in given.seeds:
        data = open_table(given.table, seed=seed)
        data = replace(data, schema=aimed(data.schema, given.target, quiet=True))
        config = TableConfig(seed=seed, threads=1)
        found = measure_rows(data, seed, config)
        found["head"] = measure_head(data, seed, config, with_library=not given.without_library)
        print(seed, json.dumps(found, indent=1), flush=True)
        seeds.append(found)
        about = {
            "command": f"python benchmarks/tables.py {given.table.name} --target {given.target} "
            f"--seeds {' '.join(map(str, given.seeds))}"
            f"{' --without-library' if given.without_library else ''}",
            "date": date.today().isoformat(),
            "machine": machine(),
            "note": given.note,
            "rows": {name: len(rows) for name, rows in data.splits.items()},
            "checksum": data.checksum,
            "seeds": dict(zip(given.seeds, seeds, strict=False)),
        }
        name = given.table.name.partition(".")[0]
        write_text(RESULTS / f"tables-{name}.json", json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
