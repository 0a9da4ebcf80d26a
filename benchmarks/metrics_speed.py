"""How long every metric takes, and how much memory beyond its input.

    python benchmarks/metrics_speed.py [--only dci_gbt] [--jobs 2] [--json results.json]

Codes: 10,000 training and 5,000 test rows × 10 and × 100 codes × 5 factors of sizes 3, 6, 8, 5, 4.
Seconds are wall clock; the CPU column adds up every core and child process, so CPU / cores says
what an idle machine would need.
Features: 10,000 × 2,048 float32 on either side. Tables: 5,000 × 5,000 rows × 10 columns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from interpretable_gan import evaluate as ev
from interpretable_gan.evaluate.quality.files import feature_metrics
from interpretable_gan.evaluate.quality.prdc import membership
from interpretable_gan.evaluate.representations import representation_metrics
from interpretable_gan.evaluate.tables.files import table_metrics
from interpretable_gan.evaluate.tables.table import as_tables

SIZES = (3, 6, 8, 5, 4)
TRAIN, TEST = 10_000, 5_000


def representation(codes: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Five factors, mixed a little into five noisy codes; the other codes are noise."""
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, SIZES, size=(TRAIN + TEST, len(SIZES)))
    standard = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    mixed = standard + 0.3 * standard @ rng.normal(size=(len(SIZES), len(SIZES)))
    noise = rng.normal(size=(TRAIN + TEST, codes - len(SIZES)))
    z = np.hstack([mixed, noise]) + 0.2 * rng.normal(size=(TRAIN + TEST, codes))
    return {
        "codes_train": z[:TRAIN],
        "factors_train": factors[:TRAIN],
        "codes_test": z[TRAIN:],
        "factors_test": factors[TRAIN:],
    }


def of_codes(codes: int, jobs: int) -> dict[str, Callable[[], Any]]:
    """Every metric on rows, in reference mode, by the names of ``igan metrics``."""
    arrays = representation(codes)
    found = representation_metrics(arrays, mode="reference", jobs=jobs)
    world = ev.FixedRows(arrays["codes_train"], arrays["factors_train"])
    found |= {
        "beta_vae": lambda: ev.beta_vae(world),
        "factor_vae": lambda: ev.factor_vae(world),
    }
    return {f"{name} · {codes} codes": call for name, call in found.items()}


def of_features(jobs: int) -> dict[str, Callable[[], Any]]:
    """Every metric on real and generated features, 10,000 × 2,048 of either."""
    rng = np.random.default_rng(0)
    real = rng.normal(size=(10_000, 2_048)).astype(np.float32)
    fake = rng.normal(0.01, 1.02, size=(10_000, 2_048)).astype(np.float32)
    found = feature_metrics(real, fake, jobs=jobs)
    found |= {"prdc in one pass": lambda: membership(real, fake, 5, "<=", jobs=jobs)}
    return {f"{name} · 10,000 × 2,048": call for name, call in found.items()}


def of_tables(jobs: int) -> dict[str, Callable[[], Any]]:
    """Every metric on tables, 5,000 × 5,000 rows of seven numbers and three categories."""
    rng = np.random.default_rng(0)

    def table() -> dict[str, np.ndarray]:
        numbers = {f"number {i}": rng.normal(size=5_000) for i in range(7)}
        return numbers | {f"name {i}": rng.choice(list("abcdef"), 5_000) for i in range(3)}

    real, synthetic, holdout = as_tables({"r": table(), "s": table(), "h": table()})
    found = table_metrics(real, synthetic, holdout, jobs=jobs)
    return {f"{name} · 5,000 × 5,000 × 10": call for name, call in found.items()}


BENCHMARKS: dict[str, Callable[[int], dict[str, Callable[[], Any]]]] = {
    "10 codes": lambda jobs: of_codes(10, jobs),
    "100 codes": lambda jobs: of_codes(100, jobs),
    "features": lambda jobs: of_features(jobs),
    "tables": lambda jobs: of_tables(jobs),
}


def cpu_seconds() -> float:
    """Of this process and of its children, which count once they have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_memory() -> int:
    """Bytes, of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(call: Callable[[], Any]) -> dict[str, float]:
    """Wall seconds, CPU seconds, and by how many MiB the peak memory grew."""
    memory, cpu, wall = peak_memory(), cpu_seconds(), time.perf_counter()
    call()
    wall = time.perf_counter() - wall
    _stop_workers()
    return {
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu_seconds() - cpu, 3),
        "extra_mib": round((peak_memory() - memory) / 2**20, 1),
    }


def _stop_workers() -> None:
    """End joblib's worker processes, so that their CPU time is counted."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="measure names that contain this")
    parser.add_argument("--jobs", type=int, default=2, help="factors fitted at the same time")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = {}
    print(f"{'metric':45} {'seconds':>9} {'CPU':>9} {'MiB':>7}")
    for make in BENCHMARKS.values():
        for name, call in make(options.jobs).items():
            if options.only in name:
                figures[name] = timed(call)
                row = figures[name]
                print(
                    f"{name:45} {row['seconds']:9.2f} {row['cpu_seconds']:9.2f} "
                    f"{row['extra_mib']:7.0f}",
                    flush=True,
                )
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d"),
        "jobs": options.jobs,
    }
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1))


if __name__ == "__main__":
    main()
