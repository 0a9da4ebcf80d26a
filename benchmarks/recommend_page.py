"""The tables of docs/results/recommend.md, from what `recommend.py` measured.

    python benchmarks/recommend_page.py movielens_100k

Prints Markdown: of several seeds the mean, with 95 % intervals over users.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from interpretable_gan.metrics.uncertainty import resampled_interval

RESULTS = Path(__file__).parent / "results"


def by_name(found: dict[str, Any]) -> dict[str, list[Any]]:
    """Rival → its entries, one for each seed."""
    rows: dict[str, list[Any]] = {}
    for key, value in found.items():
        name, _, _ = key.rpartition(" ")
        if name != "audit":
            rows.setdefault(name, []).append(value)
    return rows


def values(entries: list[Any], measure: str, apart: bool) -> Any:
    """The value of each user: the mean over seeds, or those of all seeds where they have others."""
    each = [np.array(entry["each"][measure]) for entry in entries]
    return np.concatenate(each) if apart else np.mean(each, axis=0)


def told(users: Any, form: str) -> str:
    """``0.195 [0.181, 0.209]``."""
    value, ends = resampled_interval(
        lambda rows: users[rows].mean(), len(users), np.random.default_rng(0)
    )
    low, high = ends or (value, value)
    return f"{value:{form}} [{low:{form}}, {high:{form}}]"


def lists(rows: dict[str, list[Any]], *, apart: bool = False) -> None:
    """The table of lists, best first."""
    print("| lists of | NDCG@10 | less ours | Recall@20 | less ours | coverage | surprise, bits |")
    print("|---|---|---|---|---|---|---|")
    for name, each in sorted(rows.items(), key=lambda r: -values(r[1], "ndcg", apart).mean()):
        cells = [name]
        for measure in ("ndcg", "recall"):
            mine = values(each, measure, apart)
            ours = values(rows["ours"], measure, apart)
            cells += [told(mine, ".3f"), "" if name == "ours" else told(mine - ours, "+.3f")]
        cells += [f"{each[0]['coverage']:.0%}", f"{each[0]['novelty']['value']:.2f}"]
        print("| " + " | ".join(cells) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    found = json.loads((RESULTS / f"recommend-{parser.parse_args().name}.json").read_text())
    print(f"{found['command']}; {found['date']}; {found['machine']}; {found['rows']}\n")
    lists(by_name(found["measured"]))
    print()
    new = {f"{n} {seed}": v for seed, part in found["new users"].items() for n, v in part.items()}
    lists(by_name(new), apart=True)
    for key, value in found["measured"].items():
        if key.startswith("audit"):
            print(f"\n{key}")
            for claim in value["claims"]:
                for each in claim["measures"]:
                    ends = each["interval"]
                    span = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
                    print(f"{claim['name']}: {each['name']} {each['value']:.3f}{span}")
    print("\ntuned:", json.dumps({n: b["settings"] for n, b in found["best"].items()}))


if __name__ == "__main__":
    main()
