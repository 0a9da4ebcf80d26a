"""Training beside busy neighbours: what threads cost that spin while they wait.

    python benchmarks/busy.py [--images 160] [--rounds 3] [--out FILE]

Threads of torch meet at the end of every parallel loop. Whether one that is early spins or sleeps
is for the OpenMP runtime to say, before torch is loaded. Each way trains the same small model
alone, beside one endless loop per core, and beside five per core. Loops are pinned, so that all
cores are shared. Ways take turns; the table has medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from interpretable_gan.arithmetic import available_cores

WAYS: dict[str, dict[str, str]] = {
    "default": {},
    "passive": {"OMP_WAIT_POLICY": "passive"},
}
"""What stands in the environment."""

CROWDS = (0, 1, 5)
"""Busy neighbours per core."""


def child(images: int) -> None:
    """Train, and print wall and CPU seconds of the steps; loading is left out."""
    from interpretable_gan.data import portraits
    from interpretable_gan.training.loop import train

    data = portraits.dataset(size=32, count=400, seed=0)
    begun: list[float] = []

    def progress(status: Any) -> None:
        if not begun:
            print("ready", flush=True)
            sys.stdin.readline()
            begun.extend((time.perf_counter(), _processor_seconds()))

    with tempfile.TemporaryDirectory() as folder:
        train(data, "tiny", run=Path(folder) / "run", images=images, progress=progress)
    wall, processor = time.perf_counter() - begun[0], _processor_seconds() - begun[1]
    print(json.dumps({"wall": wall, "processor": processor}))


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def neighbours(per_core: int) -> Iterator[None]:
    """So many endless loops on each core."""
    loops = [
        subprocess.Popen(["taskset", "-c", str(core), "sh", "-c", "while :; do :; done"])
        for core in sorted(os.sched_getaffinity(0))
        for _ in range(per_core)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def trained(way: str, images: int, crowd: int) -> dict[str, float]:
    """One training in one way; the neighbours come when it is about to begin."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))}
    command = [sys.executable, __file__, "--child", "--images", str(images)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=kept | WAYS[way], **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "ready\n"
        with neighbours(crowd):
            told = process.communicate("go\n")[0]
    return dict(json.loads(told.splitlines()[-1]))


def main() -> None:
    """Measure every way in every crowd, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "busy.json")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.images)
        return
    from machine import machine

    rows = []
    for crowd in CROWDS:
        seen: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(arguments.rounds):
            for way in WAYS:
                seen[way].append(trained(way, arguments.images, crowd))
        for way, runs in seen.items():
            medians = {
                f"{name} seconds": round(statistics.median(run[name] for run in runs), 1)
                for name in ("wall", "processor")
            }
            rows.append({"neighbours per core": crowd, "way": way, **medians})
            print(json.dumps(rows[-1]), flush=True)
    about = {
        "command": "python benchmarks/busy.py",
        "machine": machine(),
        "date": date.today().isoformat(),
        "threads": available_cores(),
        "images": arguments.images,
        "rounds": arguments.rounds,
    }
    text = json.dumps(about | {"rows": rows}, indent=1) + "\n"
    arguments.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
