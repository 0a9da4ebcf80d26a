"""What many attributes cost: seconds of a step and peak memory at 8, 40, 128 and 512.

    python benchmarks/attribute_cost.py > benchmarks/results/attribute_cost.json

Each number of attributes is measured in a process of its own, in turns, so that memory does not
mix and a slow moment of the machine hits all alike. The networks are those of ``tiny``.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.semantics.attribute import Attribute
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.training.config import TrainingConfig
from interpretable_gan.training.loop import Training
from interpretable_gan.training.runtime import Runtime, available_cores

COUNTS = (8, 40, 128, 512)
ROUNDS = 5
STEPS = 10


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    rounds = [[in_own_process(count) for count in COUNTS] for _ in range(ROUNDS)]
    report = {
        "machine": f"{platform.machine()}, {available_cores()} cores",
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "attributes": {
            count: {
                "seconds_per_step": round(statistics.median(r[i][0] for r in rounds), 4),
                "times_8_attributes": round(
                    statistics.median(r[i][0] / r[0][0] for r in rounds), 3
                ),
                "peak_memory_mib": round(statistics.median(r[i][1] for r in rounds)),
            }
            for i, count in enumerate(COUNTS)
        },
    }
    print(json.dumps(report, indent=2))


def in_own_process(count: int) -> tuple[float, float]:
    command = [sys.executable, __file__, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def measure(count: int) -> tuple[float, float]:
    """Median seconds of a step, and peak memory in MiB, with ``count`` binary attributes."""
    config = TrainingConfig.of("tiny")
    data = random_data(count, config)
    with tempfile.TemporaryDirectory() as folder:
        training = Training(data, config, Path(folder), Runtime(config), resume=False)
    reals = data.batch(training.train_rows[: config.batch])
    times = []
    for _ in range(STEPS + 3):
        start = time.perf_counter()
        training._take_step(reals)
        training.step += 1
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return statistics.median(times[3:]), peak


def random_data(count: int, config: TrainingConfig) -> Dataset:
    rng = np.random.default_rng(0)
    rows = 4 * config.batch
    return Dataset(
        name="random",
        schema=Schema(
            name="random", attributes=tuple(Attribute(name=f"a{i}") for i in range(count))
        ),
        images=rng.integers(0, 256, (rows, config.size, config.size, 3), np.uint8),
        codes=rng.choice([-1.0, 1.0], (rows, count)).astype(np.float32),
        known=np.ones((rows, count), bool),
        splits={"train": np.arange(rows)},
    )


if __name__ == "__main__":
    main()
