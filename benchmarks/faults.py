"""Faults, counted: kills, damaged files, hostile input, and what disks and people do.

    python benchmarks/faults.py kills flips doors named [--short] [--out FOLDER] [--work FOLDER]

The long form takes an hour and more; ``kills`` goes on where it was stopped. Results are JSON, one
file for each part, by default in benchmarks/results/.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from fault_victims import ALONE, warm

PARTS = ("kills", "flips", "doors", "named")


def kills(work: Path, out: Path, short: bool, phases: list[str]) -> dict[str, Any]:
    """Kills, see fault_kills.py."""
    from fault_kills import COUNTS, Kills, summary

    record = out / "faults-kills.jsonl"
    if short:
        record.unlink(missing_ok=True)
    killing = Kills(work / "kills", record)
    counts = dict.fromkeys(("reading", "checkpointing"), 1) if short else COUNTS
    killing.run({name: counts[name] for name in phases or counts})
    return summary(killing.records())


def flips(work: Path, out: Path, short: bool, phases: list[str]) -> dict[str, Any]:
    """Damaged files, see fault_flips.py."""
    from fault_flips import flips

    return flips(work / "flips", 100 if short else 10_000)


def doors(work: Path, out: Path, short: bool, phases: list[str]) -> dict[str, Any]:
    """Mutated inputs, see fault_doors.py."""
    from fault_doors import doors

    return doors(work / "doors", 90 if short else 10_000)


def named(work: Path, out: Path, short: bool, phases: list[str]) -> dict[str, Any]:
    """Faults by name, see fault_named.py."""
    from fault_named import FAULTS, named

    return named(work / "named", phases or list(FAULTS)[: 1 if short else None])


def main() -> None:
    """Do the parts that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--short", action="store_true", help="a few of each, in seconds")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "igan-faults"))
    parser.add_argument("--phase", action="append", help="of kills or named; by default all")
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ALONE.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ALONE)
    warm()
    from machine import machine

    for part in arguments.parts:
        started = time.monotonic()
        found = globals()[part](arguments.work, arguments.out, arguments.short, arguments.phase)
        about = {
            "command": f"python benchmarks/faults.py {part}",
            "machine": machine(),
            "date": date.today().isoformat(),
            "seconds": round(time.monotonic() - started),
        }
        text = json.dumps(about | found, indent=1) + "\n"
        (arguments.out / f"faults-{part}.json").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
