"""Reads a million images on two processes, kills them twice, and does it once more on Ray.

    python benchmarks/million_images.py --work WORK > benchmarks/results/million_images.json

Images are 10,000 drawn portraits of 32×32, over and over again: every shard is a link to one tar
file. The model is a small one that has learned next to nothing, so figures are of reading, not of
what is read. Each process has one thread. When a third and when two thirds of the tables are there,
SIGKILL ends all processes, and the same command is given again. A table counts as made twice where
its file changed after it was there. Memory is the resident set of each process, and its maximum
within each quarter of the tables. WORK is a folder with one gigabyte of room; Ray is left out where
it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet

from interpretable_gan.data import portraits
from interpretable_gan.data.sharded.index import Index
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.data.sharded.write import write_shards
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.loop import train
from machine import machine

A_SHARD = 10_000
PROCESSES = 2
SMALL: dict[str, Any] = {
    "images": 640,
    "generator_widths": (16, 16, 8, 8),
    "discriminator_widths": (8, 16),
    "discovered": 2,
    "style": 4,
    "threads": 1,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--skip-shards", action="store_true", help="only Ray, after the others")
    asked = parser.parse_args()
    run, shards = prepared(asked.work, asked.images // A_SHARD)
    report: dict[str, Any] = {
        "machine": machine(),
        "date": date.today().isoformat(),
        "images": asked.images,
        "load": os.getloadavg(),
    }
    one, other = asked.work / "by-shards", asked.work / "on-ray"
    shares = [["--shard", f"{n}/{PROCESSES}"] for n in range(1, PROCESSES + 1)]
    if not asked.skip_shards:
        report["by shards"] = job(run, shards, one, shares, asked.images)
        print(json.dumps(report, indent=2), file=sys.stderr)
    if importlib.util.find_spec("ray"):
        report["on Ray"] = job(run, shards, other, [["--ray"]], asked.images)
        report["equal tables"] = sum(same(one / path.name, path) for path in sorted(tables(other)))
    print(json.dumps(report, indent=2))


def prepared(work: Path, count: int) -> tuple[Path, Path]:
    """A run, and so many shards that are links to one."""
    run, shards = work / "run", work / "shards"
    if not (shards / "shards.json").exists():
        data = portraits.dataset(size=32, count=A_SHARD)
        none = np.empty(0, np.int64)
        every = {"train": none, "validation": none, "test": np.arange(A_SHARD)}
        data = replace(data, splits=every)
        train(portraits.dataset(size=32, count=1_000), GANConfig.of("tiny", **SMALL), run=run)
        (entry,) = write_shards(data, shards, rows=A_SHARD).shards
        names = [f"test-{number:05d}-of-{count:05d}.tar" for number in range(count)]
        for name in names:
            os.link(shards / entry.name, shards / name)
        entries = [entry.model_copy(update={"name": name}) for name in names]
        Index(name="repeated", shards=entries).save(Store(str(shards)))
    return run, shards


def job(run: Path, shards: Path, out: Path, calls: list[list[str]], images: int) -> dict[str, Any]:
    """Read all shards by some commands at once, killed twice."""
    shutil.rmtree(out, ignore_errors=True)
    total, made_twice = images // A_SHARD, 0
    memory: list[tuple[int, dict[int, int]]] = []
    seconds, processor = 0.0, 0.0
    seen: dict[str, int] = {}
    for stop in (total // 3, 2 * total // 3, total + 1):
        started, before = time.perf_counter(), os.times()
        ran = [start(run, shards, out, each) for each in calls]
        while any(each.poll() is None for each in ran):
            there = tables(out)
            memory.append((len(there), {pid: size for each in ran for pid, size in of(each.pid)}))
            if len(there) >= stop:
                seen = {path.name: path.stat().st_mtime_ns for path in there}
                break
            time.sleep(1)
        for each in ran:
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
            elif each.returncode:
                raise SystemExit(f"{each.args} failed")
            each.wait()
        time.sleep(5 * (stop <= total))  # Ray's own processes end with their driver
        after = os.times()
        seconds += time.perf_counter() - started
        processor += after.children_user + after.children_system
        processor -= before.children_user + before.children_system
        now = {path.name: path.stat().st_mtime_ns for path in tables(out)}
        made_twice += sum(now[name] != when for name, when in seen.items())
    rows = sum(parquet.read_metadata(path).num_rows for path in tables(out))
    return {
        "rows": rows,
        "tables": len(tables(out)),
        "finished tables made twice": made_twice,
        "seconds": round(seconds),
        "images per second": round(images / seconds),
        "processor seconds": round(processor),
        "peak megabytes of a process by quarter": quarters(memory, total),
    }


def start(run: Path, shards: Path, out: Path, options: list[str]) -> subprocess.Popen[bytes]:
    """One command in a group of its own, on one thread."""
    words = ["encode", str(run), str(shards), "--out", str(out), "--quiet", *options]
    return subprocess.Popen(
        [sys.executable, "-m", "interpretable_gan.cli.main", *words],
        env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def tables(out: Path) -> list[Path]:
    """The tables that are whole."""
    return sorted(out.glob("*.parquet"))


def of(pid: int) -> Iterator[tuple[int, int]]:
    """Resident megabytes of a process and of all below it, such as Ray's workers, but for those
    that are Ray's own."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    if b"interpretable_gan" in line or line.startswith(b"ray::"):
        size = [row for row in told.splitlines() if row.startswith("VmRSS")]
        yield pid, int(size[0].split()[1]) // 1024 if size else 0
    for each in below:
        yield from of(int(each))


def quarters(memory: list[tuple[int, dict[int, int]]], total: int) -> list[int]:
    """The largest process while each quarter of the tables was made."""
    peaks = [0] * 4
    for there, sizes in memory:
        quarter = min(4 * there // total, 3)
        peaks[quarter] = max(peaks[quarter], *sizes.values(), 0)
    return peaks


def same(one: Path, other: Path) -> bool:
    """Whether two tables hold the same."""
    return one.exists() and parquet.read_table(one).equals(parquet.read_table(other))


if __name__ == "__main__":
    main()
