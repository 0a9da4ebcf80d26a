"""How long every metric takes, and how much memory beyond its input.

    python benchmarks/metrics_speed.py [--only dci_gbt] [--all] [--jobs 2] [--json results.json]

Prints a line per metric and writes benchmarks/results/metrics_speed.json anew after each, so that a
run that is stopped keeps what it has. The tasks that fit boosted trees dozens of times, minutes
each, need ``--all``.

Codes: 10,000 training and 5,000 test rows × 10 and × 100 codes × 5 factors of sizes 3, 6, 8, 5, 4.
Seconds are wall clock; the CPU column adds up every core and child process. MiB is the peak of this
process beyond what it held before the call (Linux; elsewhere, beyond its highest peak before).
Features: 10,000 × 2,048 float32 on either side. Tables: 5,000 × 5,000 rows × 10 columns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from interpretable_gan import metrics as ev
from interpretable_gan.metrics.quality.files import feature_metrics
from interpretable_gan.metrics.quality.prdc import membership
from interpretable_gan.metrics.representations import representation_metrics
from interpretable_gan.metrics.tables.as_tables import as_tables
from interpretable_gan.metrics.tables.files import table_metrics

SIZES = (3, 6, 8, 5, 4)
TRAIN, TEST = 10_000, 5_000
RESULTS = Path(__file__).parent / "results" / "metrics_speed.json"
SLOW = ("downstream_accuracy", "reduced_downstream")


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
    """Bytes, of this process, since the peak was last forgotten."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def forget_peak() -> None:
    """Start anew from what is held now; only Linux can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def timed(call: Callable[[], Any]) -> dict[str, float]:
    """Wall seconds, CPU seconds, and MiB at the peak beyond what was held before."""
    forget_peak()
    memory, cpu, wall = peak_memory(), cpu_seconds(), time.perf_counter()
    call()
    wall = time.perf_counter() - wall
    stop_workers()
    return {
        "seconds": round(wall, 3),
        "cpu_seconds": round(cpu_seconds() - cpu, 3),
        "extra_mib": round((peak_memory() - memory) / 2**20, 1),
    }


def stop_workers() -> None:
    """End joblib's worker processes, so that their CPU time is counted and none stays behind."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def machine(jobs: int) -> dict[str, Any]:
    """Where and how the figures were made."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d"),
        "jobs": jobs,
    }


def measure(only: str, every: bool, jobs: int, results: Path) -> None:
    """Time one metric after the other, print and write each as soon as it is known."""
    report: dict[str, Any] = {"machine": machine(jobs), "figures": {}}
    print(f"{'metric':45} {'seconds':>9} {'CPU':>9} {'MiB':>7}", flush=True)
    for make in BENCHMARKS.values():
        for name, call in make(jobs).items():
            if only not in name or (name.startswith(SLOW) and not every):
                continue
            row = report["figures"][name] = timed(call)
            seconds, cpu, mib = row.values()
            print(f"{name:45} {seconds:9.2f} {cpu:9.2f} {mib:7.0f}", flush=True)
            results.write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="measure names that contain this")
    parser.add_argument("--all", action="store_true", help="the slow prediction tasks too")
    parser.add_argument("--jobs", type=int, default=2, help="fits and threads at the same time")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    try:
        measure(options.only, options.all, options.jobs, options.json)
    except KeyboardInterrupt:
        sys.exit("stopped")
    finally:
        stop_workers()


if __name__ == "__main__":
    main()
