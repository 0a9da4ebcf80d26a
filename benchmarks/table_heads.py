"""How good heads for the target of a table are, over repeated splits into five parts.

    python benchmarks/table_heads.py german_credit.csv --target credit_risk=good

Needs the extra `tables`. Adds to benchmarks/results/table-heads-NAME.json one entry for each of
`MODELS` and each repeat; what is there is not run again. In a repeat each row is predicted once, by
a model that learned from the other four fifths. An entry is written after each part, so that a
repeat that was stopped says what its first parts reached. Rows whose target is not known are left
out, and `head, monotone` is for tables of `DECLARED` alone. Fixed before the first run:

* auroc, of all rows of a repeat, and `each`, of each of its five parts, higher is better.
* calibration_error: mean gap between probabilities and what came true, ten bins, lower is better;
  `expected_error` is what right probabilities would have on as many rows by chance.
* pairs_against: 100,000 pairs of rows that differ in a column with a declared direction alone, and
  how many of them the head orders against it. 0 is right.

Differences are paired by part; their intervals are those of corrected resampled t-tests (Nadeau &
Bengio 2003), since parts of several repeats share rows.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from interpretable_gan.atomic import write_text
from interpretable_gan.data.tables import TableData
from interpretable_gan.models.tables.calibrate import calibrated
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.fit import calibration_error
from interpretable_gan.models.tables.head_fit import fit_head, target_numbers
from interpretable_gan.schema.schema import Schema
from machine import machine
from table_measures import filled, logistic, trees
from tables import RESULTS, opened

FOLDS, COMPARED = 5, 100_000
DECLARED = {
    "german_credit": {"duration_months": "decreasing", "credit_amount": "decreasing"},
    "adult": {"education_num": "increasing", "capital_gain": "increasing"},
}
"""Directions of the model `head, monotone`."""

Fit = Any


def head(data: TableData, config: TableConfig) -> Fit:
    fitted = calibrated(fit_head(data, config), data, config)
    return lambda rows: fitted.predict(torch.from_numpy(rows)).numpy()


def without_pairs(data: TableData, config: TableConfig) -> Fit:
    return head(data, config.model_copy(update={"pairs": 0}))


def as_fitted(data: TableData, config: TableConfig) -> Fit:
    fitted = fit_head(data, config)
    return lambda rows: fitted.predict(torch.from_numpy(rows)).numpy()


def monotone(data: TableData, config: TableConfig) -> Fit:
    fields = data.schema.to_dict()
    for attribute in fields["attributes"]:
        if effect := DECLARED.get(data.name, {}).get(attribute["name"]):
            attribute["effect"] = effect
    return head(replace(data, schema=Schema(**fields)), config)


def library(data: TableData, config: TableConfig) -> Fit:
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["continuous" if a.has_order else "nominal" for a in data.schema.named]
    model = ExplainableBoostingClassifier(feature_types=kinds, random_state=config.seed, n_jobs=1)
    return _learned(model, data, config, fill=True)


def boosted(data: TableData, config: TableConfig) -> Fit:
    return _learned(trees(data, config.seed), data, config, fill=False)


def regression(data: TableData, config: TableConfig) -> Fit:
    return _learned(logistic(data), data, config, fill=True)


def _learned(model: Any, data: TableData, config: TableConfig, *, fill: bool) -> Fit:
    rows = data.cells[data.rows("train")]
    truth, _ = target_numbers(data.schema, rows, config)
    target = data.schema.names.index(data.schema.target or "")

    def hidden(cells: Any) -> Any:
        seen = np.where(np.arange(cells.shape[1]) == target, 0.0, cells)
        return filled(seen) if fill else seen

    model.fit(hidden(rows), truth)
    return lambda cells: model.predict_proba(hidden(cells))[:, 1]


MODELS = {
    "logistic regression": regression,
    "boosted trees": boosted,
    "head": head,
    "head, not calibrated": as_fitted,
    "head, monotone": monotone,
    "head, no pairs": without_pairs,
    "explainable boosting machine": library,
}


def measured(name: str, data: TableData, repeat: int) -> Iterator[dict[str, Any]]:
    """One model on the first part, on the first two, …, on all five."""
    config = TableConfig(seed=repeat, threads=1)
    truth, _ = target_numbers(data.schema, data.cells, config)
    said, each, against = np.full(len(truth), np.nan), [], 0
    start = time.process_time()
    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat).split(truth, truth)
    for learn, rest in parts:
        predict = MODELS[name](replace(data, splits={"train": learn}), config)
        said[rest] = predict(data.cells[rest])
        each.append(float(roc_auc_score(truth[rest], said[rest])))
        seconds = round((time.process_time() - start) / len(each), 1)
        about = {"model": name, "repeat": repeat, "processor_seconds_a_fit": seconds}
        if name == "head, monotone":
            against += wrong_pairs(predict, data, repeat)
            about["pairs_against"] = against
        done = ~np.isnan(said)
        yield about | {"each": each} | quality(truth[done], said[done], repeat)


def quality(truth: Any, said: Any, seed: int) -> dict[str, float]:
    """Of probabilities of some rows, all parts together."""
    luck = np.random.default_rng(seed)
    by_chance = [
        calibration_error((luck.random(len(said)) < said).astype(float), said) for _ in range(200)
    ]
    return {
        "auroc": float(roc_auc_score(truth, said)),
        "calibration_error": calibration_error(truth, said),
        "expected_error": float(np.mean(by_chance)),
    }


def wrong_pairs(predict: Fit, data: TableData, seed: int) -> int:
    """Pairs of rows that are ordered against a declared direction."""
    luck, wrong, declared = np.random.default_rng(seed), 0, DECLARED[data.name]
    for name, effect in declared.items():
        k = data.schema.names.index(name)
        less = data.cells[luck.integers(0, len(data), COMPARED // len(declared) // FOLDS)]
        more = less.copy()
        ends = np.sort(luck.choice(data.cells[:, k], (len(less), 2)), axis=1)
        less[:, k], more[:, k] = ends.T
        gap = predict(more) - predict(less)
        wrong += int(((gap if effect == "increasing" else -gap) < 0).sum())
    return wrong


def differences(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The head's area under the curve less that of each other model, over shared parts."""
    mine = {each["repeat"]: each["each"] for each in entries if each["model"] == "head"}
    found = {}
    for name in MODELS:
        pairs = [
            np.subtract(mine[each["repeat"]][: len(each["each"])], each["each"])
            for each in entries
            if each["model"] == name != "head" and each["repeat"] in mine
        ]
        gaps = np.concatenate([*pairs, []])
        if len(gaps) > 1:
            spread = np.sqrt((1 / len(gaps) + 1 / (FOLDS - 1)) * gaps.var(ddof=1))
            half = student.ppf(0.975, len(gaps) - 1) * spread
            found[name] = {
                "value": float(gaps.mean()),
                "interval": [float(gaps.mean() - half), float(gaps.mean() + half)],
                "parts": len(gaps),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=list(MODELS))
    given = parser.parse_args()
    name = given.table.name.partition(".")[0]
    path = RESULTS / f"table-heads-{name}.json"
    about = json.loads(path.read_text()) if path.exists() else {"measured": []}
    torch.set_num_threads(1)
    data = opened(given.table, given.target, 0)
    truth, link = target_numbers(data.schema, data.cells, TableConfig())
    if link != "logit":
        parser.error(f"{data.schema.target} is a number; give a target of levels.")
    data = replace(data, cells=data.cells[~np.isnan(truth)], splits={})
    models = [each for each in given.only if each != "head, monotone" or name in DECLARED]
    about |= {
        "command": f"python benchmarks/table_heads.py {given.table.name} --target {given.target}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "rows": len(data),
        "declared": DECLARED.get(name, {}),
    }
    for repeat in range(given.repeats):
        for model in models:
            mine = [e for e in about["measured"] if (e["model"], e["repeat"]) == (model, repeat)]
            if mine and len(mine[0]["each"]) == FOLDS:
                continue
            others = [e for e in about["measured"] if e not in mine]
            for found in measured(model, data, repeat):
                about["measured"] = [*others, found]
                about["head_less"] = differences(about["measured"])
                write_text(path, json.dumps(about, indent=1) + "\n")
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
