"""How long lists for very many users take, and how much memory.

    python benchmarks/recommend_many.py --users 10000 100000 1000000

Trains on a drawn library of 2,000 readers and 2,000 books. Draws a CSV of users, shuffled, of whom
each used ten books. Measures `igan recommend RUN USERS.csv --out lists.csv` on one thread: seconds,
users a second and peak memory of its process, reading and writing included. Memory must not grow
with the number of users. Writes benchmarks/results/recommend-many.json.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from interpretable_gan.atomic import write_text
from interpretable_gan.cli.sample_rows import write_rows
from interpretable_gan.data.interactions import open_interactions
from interpretable_gan.data.library import library
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.training.recommend import train_recommender
from machine import cost_of, machine

RESULT = Path(__file__).parent / "results" / "recommend-many.json"
BOOKS, USED, BLOCK = 2000, 10, 100_000


def draw(path: Path, users: int) -> None:
    """A table of users, each with ten books, in no order."""
    luck = np.random.default_rng(users)
    weight = luck.gamma(0.8, 1.0, BOOKS)
    with path.open("w", encoding="utf-8") as file:
        file.write("reader,book,rating\n")
        for _ in range(USED):
            for start in range(0, users, BLOCK):
                who = start + luck.permutation(min(BLOCK, users - start))
                what = luck.choice(BOOKS, len(who), p=weight / weight.sum())
                stars = luck.integers(1, 6, len(who))
                rows = zip(who.tolist(), what.tolist(), stars.tolist(), strict=True)
                file.writelines(f"u{u},b{b:03d},{s}\n" for u, b, s in rows)


def measured(run: Path, source: Path, users: int) -> dict[str, Any]:
    """One call of the command in a process of its own."""
    out = source.with_name("lists.csv")
    cost = cost_of("recommend", str(run), str(source), "--out", str(out), "--quiet", "--force")
    with out.open(encoding="utf-8") as file:
        rows = sum(1 for _ in file) - 1
    if rows != 10 * users:
        raise SystemExit(f"{rows:,} rows for {users:,} users")
    return {"users": users, "users a second": round(users / cost["seconds"])} | cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    users = parser.parse_args().users
    found: dict[str, Any] = {
        "command": f"python benchmarks/recommend_many.py --users {' '.join(map(str, users))}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "items": BOOKS,
        "rows a user": USED,
        "measured": [],
    }
    with TemporaryDirectory() as name:
        folder = Path(name)
        drawn = library(2000, BOOKS)
        write_rows(folder / "loans.csv", drawn.loans)
        write_rows(folder / "books.csv", drawn.books)
        data = open_interactions(folder / "loans.csv", items=folder / "books.csv")
        train_recommender(data, RecommendConfig(threads=1), run=folder / "run")
        for count in users:
            draw(folder / "users.csv", count)
            found["measured"].append(measured(folder / "run", folder / "users.csv", count))
            print(json.dumps(found["measured"][-1]), flush=True)
            write_text(RESULT, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
