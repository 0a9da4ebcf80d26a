"""How good lists of recommendations are, beside other ways to make them.

    python benchmarks/recommend.py ml-100k/ --seeds 0 1 2

`ml-100k/` is a folder of MovieLens 100k, which may not be passed on, or any interactions that
`igan train` reads. `--rivals PYTHON` names a Python with the package `implicit`, for iALS and BPR.
Writes benchmarks/results/recommend-NAME.json; what is there is not measured again, so that the
command goes on where it was stopped. `--parts` names some of: rivals, ours, new, cost.

Of each user the earliest 70 % of interactions are for training, the next 10 % for tuning, and the
latest 20 % for the test. Every rival is tuned on the tuning part over the grid in `GRIDS`, by
NDCG@10; then it is fitted on the first 80 %, and the test is read once. Wanted are items that the
user rated high; all items that the user has not used are ranked, none is sampled.

* ndcg, recall: NDCG@10 and Recall@20, higher is better, with 95 % intervals over users.
* coverage: share of all items on anybody's list of ten. novelty: mean surprise in bits.
* gap: NDCG@10 less that of ours, user by user, with its interval.
* new users: a tenth of the users is never trained on; five liked items and their attributes are
  all that is known of them.
* cost: of `igan train` on the same tables, in a process of its own on one thread.
* reasons, wishes: what `igan audit` measures, on the same split.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import scipy.sparse as sp

from interpretable_gan.atomic import write_text
from interpretable_gan.audit.recommend import audit_recommender
from interpretable_gan.data.interactions import Interactions, open_interactions
from interpretable_gan.metrics.ranking import coverage, ndcg, novelty, recall
from interpretable_gan.metrics.uncertainty import resampled_interval
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.fit import fit_recommender
from interpretable_gan.models.recommend.people import People
from interpretable_gan.models.recommend.shares import people_before
from machine import cost_of, machine

RESULTS = Path(__file__).parent / "results"

GRIDS: dict[str, dict[str, list[Any]]] = {
    "popularity": {},
    "item neighbours": {"seen": [0.0, 0.4], "shrink": [0, 50], "k": [50, 200, 10_000]},
    "EASE": {"seen": [0.0, 0.4], "damping": [100.0, 200.0, 400.0, 800.0]},
    "iALS": {"seen": [0.0, 0.4], "factors": [32, 64], "damping": [10.0, 30.0], "alpha": [1.0, 5.0]},
    "BPR": {"factors": [16, 64], "damping": [0.01, 0.05], "rate": [0.01, 0.05]},
    "CFGAN-style": {"rate": [0.003, 0.01], "zeros": [1.0]},
}
"""Rival → settings that are tried. Ours keeps its defaults, chosen on the tuning part."""

OURS = {
    "ours": {},
    "ours, no game": {"negatives": "none"},
    "ours, popular negatives": {"negatives": "popular"},
    "ours, any negatives": {"negatives": "uniform"},
}

NEW, FIVE = 0.1, 5
"""Share of users kept for the new ones; items that are known of them."""

Matrix = Any
Scores = Callable[[Matrix], np.ndarray]


def neighbours(matrix: Matrix, shrink: float, k: int) -> Scores:
    """Cosine between items, of each the ``k`` nearest (Sarwar et al. 2001)."""
    both = (matrix.T @ matrix).toarray()
    size = np.sqrt(np.diag(both))
    near = both / (np.outer(size, size) + shrink + 1e-9)
    np.fill_diagonal(near, 0)
    if k < len(near):
        near[near < -np.partition(-near, k, axis=0)[k]] = 0
    return lambda history: history @ near


def ease(matrix: Matrix, damping: float) -> Scores:
    """A linear autoencoder without self-prediction (Steck 2019)."""
    both = (matrix.T @ matrix).toarray()
    both[np.diag_indices(len(both))] += damping
    inverse = np.linalg.inv(both)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return lambda history: history @ weights


def cfgan(matrix: Matrix, rate: float, zeros: float, seed: int, rounds: int = 60) -> Scores:
    """A generator of whole purchase vectors against a discriminator, without names (Chae et al.
    2018, zero reconstruction): one hidden layer each."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    real = torch.from_numpy((matrix.toarray() == 1).astype(np.float32))
    users, items = real.shape
    forger = nn.Sequential(nn.Linear(items, 128), nn.Sigmoid(), nn.Linear(128, items), nn.Sigmoid())
    judge = nn.Sequential(nn.Linear(2 * items, 128), nn.Sigmoid(), nn.Linear(128, 1))
    steps = [torch.optim.Adam(net.parameters(), lr=rate) for net in (forger, judge)]
    loss = nn.functional.binary_cross_entropy_with_logits
    for _ in range(rounds):
        mask = torch.clamp(real + (torch.rand(users, items) < 0.1).float(), max=1)
        fake = forger(real) * mask
        said = [judge(torch.cat([each, real], 1)) for each in (real, fake.detach())]
        wrong = loss(said[0], torch.ones(users, 1)) + loss(said[1], torch.zeros(users, 1))
        steps[1].zero_grad()
        wrong.backward()
        steps[1].step()
        drawn = forger(real)
        off = ((torch.rand(users, items) < 0.1) & (real == 0)).float()
        rest = (drawn.square() * off).sum(1).mean()
        fooled = loss(judge(torch.cat([drawn * mask, real], 1)), torch.ones(users, 1))
        steps[0].zero_grad()
        (fooled + zeros * rest + (drawn - 1).square()[real > 0].mean()).backward()
        steps[0].step()

    def scores(history: Matrix) -> np.ndarray:
        with torch.no_grad():
            liked = torch.from_numpy((history.toarray() == 1).astype(np.float32))
            return forger(liked).numpy()

    return scores


def factored(name: str, python: str, matrix: Matrix, settings: dict[str, Any], seed: int) -> Scores:
    """iALS (Hu et al. 2008) or BPR (Rendle et al. 2009) of the package implicit, in a process of
    its own; for users that it knows, as BPR has no others."""
    with TemporaryDirectory() as folder:
        sp.save_npz(f"{folder}/matrix.npz", sp.csr_matrix(matrix))
        told = json.dumps({"name": name, "seed": seed, **settings})
        script = Path(__file__).parent / "recommend_factors.py"
        subprocess.run([python, str(script), folder, told], check=True, capture_output=True)
        found = np.load(f"{folder}/scores.npy")
    return lambda history: found


def fitted(
    name: str, matrix: Matrix, given: argparse.Namespace, s: dict[str, Any], seed: int
) -> Scores:
    """A rival fitted on histories."""
    seen = s.get("seen", 0.0)
    used = matrix.copy()
    used.data = np.where(used.data == 1, 1.0, seen)
    used.eliminate_zeros()
    change = sp.csr_array(used)

    def read(history: Matrix) -> Matrix:
        mine = history.copy()
        mine.data = np.where(mine.data == 1, 1.0, seen)
        return mine

    if name == "popularity":
        counts = np.asarray((change != 0).sum(axis=0), float).reshape(-1)
        return lambda history: np.tile(counts, (history.shape[0], 1))
    if name == "item neighbours":
        inner = neighbours(change, s["shrink"], s["k"])
    elif name == "EASE":
        inner = ease(change, s["damping"])
    elif name == "CFGAN-style":
        inner = cfgan(change, s["rate"], s["zeros"], seed)
    else:
        inner = factored(name, given.rivals, change, s, seed)
    return lambda history: inner(read(history))


def lists_of(scores: np.ndarray, used: Matrix, n: int = 20) -> np.ndarray:
    """The best items that were not used."""
    fresh = np.where(used.toarray() != 0, -np.inf, scores)
    return np.argsort(-fresh, axis=1, kind="stable")[:, :n]


def settings_of(name: str) -> Iterator[dict[str, Any]]:
    grid = GRIDS[name]
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def history(data: Interactions, *splits: str) -> Matrix:
    """1 where liked, a half where used otherwise."""
    return data.history(data.rows(*splits), seen=0.5)


def told(lists: np.ndarray, truth: Matrix, uses: np.ndarray, users: int) -> dict[str, Any]:
    """The measures of some lists, and the values of each user."""
    who = np.flatnonzero(np.diff(truth.indptr))
    values = {
        "ndcg": ndcg(lists[who], truth[who], 10),
        "recall": recall(lists[who], truth[who], 20),
    }
    found: dict[str, Any] = {name: interval(each) for name, each in values.items()}
    found["coverage"] = coverage(lists, len(uses), 10)
    found["novelty"] = interval(novelty(lists, uses, users, 10))
    return found | {"each": {name: each.round(5).tolist() for name, each in values.items()}}


def interval(values: np.ndarray) -> dict[str, Any]:
    value, ends = resampled_interval(
        lambda rows: values[rows].mean(), len(values), np.random.default_rng(0)
    )
    return {"value": value, "interval": ends}


def tuned(name: str, data: Interactions, given: argparse.Namespace) -> dict[str, Any]:
    """The settings that are best on the tuning part."""
    before, truth = history(data, "train"), data.history(data.rows("validation"), seen=0)
    who = np.flatnonzero(np.diff(truth.indptr))
    best, found = -1.0, {}
    for settings in settings_of(name):
        scores = fitted(name, before, given, settings, 0)(before)
        value = float(ndcg(lists_of(scores, before)[who], truth[who], 10).mean())
        if value > best:
            best, found = value, settings
    return {"settings": found, "tuning": best}


def rival(name: str, data: Interactions, given: argparse.Namespace, seed: int, s: Any) -> Any:
    """One rival on the test."""
    before, truth = history(data, "train", "validation"), data.history(data.rows("test"), seen=0)
    start = time.perf_counter()
    scores = fitted(name, before, given, s["settings"], seed)(before)
    seconds = time.perf_counter() - start
    uses = np.asarray((before != 0).sum(axis=0), float).reshape(-1)
    return told(lists_of(scores, before), truth, uses, before.shape[0]) | {"seconds": seconds} | s


def ours(name: str, data: Interactions, seed: int) -> Iterator[tuple[str, Any]]:
    """Our model on the test; of the full one also parts alone and what the audit measures."""
    config = RecommendConfig(seed=seed, threads=1, **OURS[name])
    start = time.perf_counter()
    model = fit_recommender(data, config)
    seconds = time.perf_counter() - start
    people, truth = people_before(model, data, "test"), data.history(data.rows("test"), seen=0)
    about = {"seconds": seconds}

    def measured(scores: np.ndarray) -> dict[str, Any]:
        return told(lists_of(scores, people.history), truth, model.uses, len(people)) | about

    yield name, measured(model.scores(people))
    if name != "ours":
        return
    named, tastes = model.encode(people)
    parts = model.parts
    yield "ours, named only", measured(parts.popularity + named @ parts.columns.T)
    yield "ours, discovered only", measured(parts.popularity + tastes @ parts.traits.T)
    without = parts.popularity + named @ parts.columns.T + tastes @ parts.traits.T
    yield "ours, without residual", measured(without)
    card = audit_recommender(model, data, seed=seed)
    yield "audit", {"claims": [c.model_dump(exclude={"details"}) for c in card.claims]}


def new_users(data: Interactions, given: argparse.Namespace, seed: int, best: Any) -> Any:
    """Users that were never trained on, of whom five liked items are known."""
    luck = np.random.default_rng([seed, 11])
    count = len(data.people.ids)
    new = np.sort(luck.permutation(count)[: max(int(NEW * count), 1)])
    keep = ~np.isin(data.users, new)
    trained = sp.csr_array((count, len(data.catalog.ids)))
    rows = np.flatnonzero(keep)
    trained = data.history(rows, seen=0.5)
    short, truth = np.zeros((len(new), trained.shape[1])), np.zeros((len(new), trained.shape[1]))
    for place, user in enumerate(new.tolist()):
        liked = data.items[(data.users == user) & data.liked]
        short[place, liked[:FIVE]], truth[place, liked[FIVE:]] = 1, 1
    past, wanted = sp.csr_array(short), sp.csr_array(truth)
    uses = np.asarray((trained != 0).sum(axis=0), float).reshape(-1)
    found = {}
    for name in ("popularity", "item neighbours", "EASE"):
        scores = fitted(name, trained, given, best[name]["settings"], seed)(past)
        found[name] = told(lists_of(scores, past), wanted, uses, count)
    splits = {
        name: np.flatnonzero(keep & np.isin(np.arange(len(data)), r))
        for name, r in data.splits.items()
    }
    from dataclasses import replace

    model = fit_recommender(
        replace(data, splits=splits),
        RecommendConfig(seed=seed, threads=1),
        splits=("train", "validation", "test"),
    )
    for name, cells in (
        ("ours", data.people.cells[new]),
        ("ours, attributes not known", np.full_like(data.people.cells[new], np.nan)),
    ):
        people: People = model.people_of(past, cells)
        found[name] = told(lists_of(model.scores(people), past), wanted, uses, count)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--users", type=Path)
    parser.add_argument("--items", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--parts", nargs="+", default=["rivals", "ours", "new", "cost"])
    parser.add_argument("--rivals", help="a Python with the package implicit")
    given = parser.parse_args()
    data = open_interactions(given.source, given.users, given.items)
    path = RESULTS / f"recommend-{data.name}.json"
    about: dict[str, Any] = {
        "command": f"python benchmarks/recommend.py {given.source.name} --seeds "
        + " ".join(map(str, given.seeds)),
        "date": date.today().isoformat(),
        "machine": machine(),
        "rows": {name: len(rows) for name, rows in data.splits.items()},
        "checksum": data.checksum,
    }
    found = json.loads(path.read_text()) if path.exists() else {}
    if found.get("checksum") != data.checksum:
        found = {"best": {}, "measured": {}, "new users": {}}
    found = about | {"cost": {}} | found

    def keep(part: str, name: str, value: Any) -> None:
        found[part][name] = value
        write_text(path, written(found))
        print(part, name, summary(value), flush=True)

    if "rivals" in given.parts:
        for name in GRIDS:
            if given.rivals is None and name in ("iALS", "BPR"):
                continue
            if name not in found["best"]:
                keep("best", name, tuned(name, data, given))
            for seed in given.seeds if name in ("iALS", "BPR") else [0]:
                if f"{name} {seed}" not in found["measured"]:
                    value = rival(name, data, given, seed, found["best"][name])
                    keep("measured", f"{name} {seed}", value)
    if "ours" in given.parts:
        for name in OURS:
            for seed in given.seeds if name == "ours" else [0]:
                if f"{name} {seed}" not in found["measured"]:
                    for each, value in ours(name, data, seed):
                        keep("measured", f"{each} {seed}", value)
    if "new" in given.parts:
        for seed in given.seeds:
            if str(seed) not in found["new users"]:
                keep("new users", str(seed), new_users(data, given, seed, found["best"]))
    if "cost" in given.parts:
        sides = {"--users": given.users, "--items": given.items}
        more = [str(part) for each in sides.items() if each[1] for part in each]
        with TemporaryDirectory() as folder:
            cost = cost_of("train", str(given.source), *more, "--out", f"{folder}/run", "--quiet")
        here = {name: about[name] for name in ("date", "machine")}
        keep("cost", "igan train", cost | here)


def written(found: dict[str, Any]) -> str:
    """JSON with one line for each thing measured."""
    lines = []
    for name, value in found.items():
        whole = json.dumps(value)
        if name in ("cost", "best", "measured", "new users"):
            rows = [f"  {json.dumps(each)}: {json.dumps(told)}" for each, told in value.items()]
            whole = "{\n" + ",\n".join(rows) + "\n }"
        lines.append(f" {json.dumps(name)}: {whole}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def summary(value: Any) -> str:
    """The main figures on one line."""
    if not isinstance(value, dict):
        return str(value)
    return json.dumps(
        {k: round(v["value"], 4) for k, v in value.items() if isinstance(v, dict) and "value" in v}
        or {k: v for k, v in value.items() if not isinstance(v, dict) or k == "settings"}
    )


if __name__ == "__main__":
    main()
