"""A coverage-guided fuzzer at one door after another; atheris is not among the extras.

    python -m pip install --no-deps --target atheris atheris
    PYTHONPATH=atheris python benchmarks/fault_fuzz.py [--seconds 60] [--door NAME]

Inputs that reach new lines of this package are kept and changed further. One that ends in anything
but a sentence or a result is reported, and the fuzzer goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from fault_doors import FINE, outcome_of
from fault_doorways import DOORS, prepare
from fault_victims import ALONE, finish, fork

WRITTEN = Path(__file__).parent / "results" / "faults-fuzz.json"


def main() -> None:
    """Fuzz each door in a process of its own, since the fuzzer never returns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each door")
    parser.add_argument("--door", choices=DOORS, action="append")
    parser.add_argument("--out", type=Path, default=WRITTEN)
    arguments = parser.parse_args()
    os.environ |= ALONE
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["IGAN_CACHE"] = str(folder / "cache")
        assert finish(fork(partial(prepare, folder), folder / "talk.txt"), 300) == 0
        for name in arguments.door or DOORS:
            told = folder / "told.json"
            told.unlink(missing_ok=True)
            (folder / "place").mkdir()
            fuzzer = partial(_fuzz, name, folder, arguments.seconds, told)
            finish(fork(fuzzer, folder / "talk.txt"), arguments.seconds + 120)
            found[name] = json.loads(told.read_text())
            (folder / "place").rename(folder / name.replace(" ", "-"))
    text = json.dumps({"seconds at each door": arguments.seconds, "doors": found}, indent=1)
    print(text)
    arguments.out.write_text(text + "\n", encoding="utf-8")


def _fuzz(name: str, folder: Path, seconds: int, told: Path) -> int:
    """Fuzz one door; does not return."""
    import atheris

    with atheris.instrument_imports(include=["interpretable_gan"]):
        door = DOORS[name](folder)
        for seed in door.seeds:
            door.enter(seed)
    corpus = folder / "corpus" / name.replace(" ", "-")
    corpus.mkdir(parents=True)
    for number, seed in enumerate(door.seeds):
        (corpus / str(number)).write_bytes(seed)
    counts, wrong = Counter[str](), []

    def one(content: bytes) -> None:
        outcome, said = outcome_of(partial(door.enter, content))
        counts[outcome] += 1
        if outcome not in FINE and len(wrong) < 20:
            wrong.append({"outcome": outcome, "told": said[-1500:], "input": repr(content[:300])})
        if counts.total() % 100 == 0 or outcome not in FINE:
            kept = len(list(corpus.iterdir()))
            report = {"inputs": counts.total(), **counts, "kept": kept, "wrong": wrong}
            told.write_text(json.dumps(report))

    options = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(corpus), *options], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    main()
