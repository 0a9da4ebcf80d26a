"""How long it takes from a table to its card and its report, by the commands that a user types.

    python benchmarks/table_report.py adult.csv.gz --target "income=>50K"

Needs the extras `tables` and `report`. Writes benchmarks/results/table-report.json: for each of
`igan train`, `igan audit` and `igan report` the seconds of processor time, of all its processes,
and of a clock. One thread, so that two cores need no longer than its processor time, and other work
on the machine counts little. Wanted: Adult in 10 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from interpretable_gan.atomic import write_text
from machine import machine

RESULTS = Path(__file__).parent / "results"


def timed(*words: str) -> dict[str, float]:
    """Seconds of one command, of processors and of a clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "interpretable_gan.cli.main", *words]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    clock, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"processor": round(used, 1), "clock": round(clock, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--target", required=True)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        run = f"{folder}/run"
        settings = ["--target", given.target, "--out", run, "--set", "threads=1"]
        seconds = {
            "train": timed("train", str(given.table), *settings, "--quiet"),
            "audit": timed("audit", run, "--quiet"),
            "report": timed("report", run, "--quiet"),
        }
    found = {
        "command": f"python benchmarks/table_report.py {given.table.name} --target {given.target}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "seconds": seconds,
        "processor_seconds": round(sum(each["processor"] for each in seconds.values()), 1),
    }
    write_text(RESULTS / "table-report.json", json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
