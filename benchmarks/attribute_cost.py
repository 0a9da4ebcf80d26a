"""What many attributes cost: seconds of a step and peak memory at 8, 40, 128 and 512.

    python benchmarks/attribute_cost.py > benchmarks/results/attribute_cost.json

The steps are timed in turns, one of each, so that a slow moment of the machine hits all alike;
ratios are of the same turn. Peak memory is that of a process of its own. The networks are those of
``tiny``.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.loop import Training
from interpretable_gan.training.runtime import Runtime
from machine import machine

COUNTS = (8, 40, 128, 512)
TURNS = 60
WARM_UP = 3


def main() -> None:
    if len(sys.argv) > 1:
        print(peak_memory(int(sys.argv[1])))
        return
    # First: a child's peak begins with its parent's, which grows.
    memory = {count: in_own_process(count) for count in COUNTS}
    turns = timed([stepping(count) for count in COUNTS])
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "turns": TURNS,
        "attributes": {
            count: {
                "seconds_per_step": round(statistics.median(turn[i] for turn in turns), 4),
                "times_8_attributes": round(statistics.median(t[i] / t[0] for t in turns), 3),
                "peak_memory_mib": memory[count],
            }
            for i, count in enumerate(COUNTS)
        },
    }
    print(json.dumps(report, indent=2))


def timed(steps: list[Callable[[], None]]) -> list[list[float]]:
    """Seconds of each of ``steps``, turn by turn."""
    turns = []
    for _ in range(TURNS):
        ticks = [time.perf_counter()]
        for step in steps:
            step()
            ticks.append(time.perf_counter())
        turns.append(np.diff(ticks).tolist())
    return turns


def stepping(count: int) -> Callable[[], None]:
    """A training step with ``count`` binary attributes, warmed up."""
    config = GANConfig.of("tiny")
    data = random_data(count, config)
    with tempfile.TemporaryDirectory() as folder:
        training = Training(data, config, Path(folder), Runtime(config), resume=False)
    reals = data.walk(config.seed, 0, config.batch)

    def step() -> None:
        training._take_step(reals)
        training.step += 1

    for _ in range(WARM_UP):
        step()
    return step


def in_own_process(count: int) -> int:
    command = [sys.executable, __file__, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


def peak_memory(count: int) -> int:
    """Peak memory of this process in MiB after some steps."""
    step = stepping(count)
    for _ in range(WARM_UP):
        step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def random_data(count: int, config: GANConfig) -> Dataset:
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
