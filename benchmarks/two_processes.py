"""What two processes of one training cost, against two trainings of their own side by side.

    python benchmarks/two_processes.py > benchmarks/results/two_processes.json

Both do the same work: each process draws on 32 of the 64 images of a step of the preset tiny, on
one thread. Alone, two runs of batch 32 do so side by side and never wait for each other. Rounds
alternate, and medians are told. ``images_per_second`` is of both processes by the clock, so it
counts waiting, and suffers where other programs take the cores; ``processor_ms_per_image`` is what
the system charges the processes, from the second step on. ``busy`` is the share of two cores that
the processes got.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from interpretable_gan.data import portraits
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.launch import launch
from interpretable_gan.training.loop import Training
from interpretable_gan.training.runtime import Runtime
from machine import machine

SHARE = 32
"""Images of a step that one process draws on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "BATCH"))
    asked = parser.parse_args()
    if asked.child:
        child(Path(asked.child[0]), int(asked.child[1]), asked.steps)
        return
    load = os.getloadavg()[0]
    rounds = [(together(asked.steps), apart(asked.steps)) for _ in range(asked.rounds)]
    one, two = ({key: median(r[n][key] for r in rounds) for key in rounds[0][n]} for n in (0, 1))
    print(
        json.dumps(
            {
                "machine": machine(),
                "date": date.today().isoformat(),
                "steps": asked.steps,
                "rounds": asked.rounds,
                "load before": load,
                "one training of two processes": one,
                "two trainings side by side": two,
                "efficiency by the clock": [
                    round(a["images_per_second"] / b["images_per_second"], 3) for a, b in rounds
                ],
                "efficiency by processor time": round(
                    two["processor_ms_per_image"] / one["processor_ms_per_image"], 3
                ),
            },
            indent=2,
        )
    )


def child(folder: Path, batch: int, steps: int) -> None:
    """Train, and write what the steps behind the first cost this process."""
    config = GANConfig.of("tiny", batch=batch, images=batch * steps, threads=1)
    data = portraits.dataset(size=config.size, count=1_000)
    runtime = Runtime(config)
    training = Training(data, config, folder / "run", runtime, resume=False)
    take, began = training._take_step, []

    def timed(reals: object) -> None:
        take(reals)  # type: ignore[arg-type]
        if not began:
            began.append((time.perf_counter(), time.process_time()))

    training._take_step = timed  # type: ignore[method-assign]
    training.go_on(lambda status: None)
    (wall, used), images = began[0], runtime.batch * (steps - 1)
    told = {"seconds": time.perf_counter() - wall, "used": time.process_time() - used}
    (folder / f"{runtime.rank}.json").write_text(json.dumps({**told, "images": images}))
    runtime.close()


def command(folder: Path, batch: int, steps: int) -> list[str]:
    return [sys.executable, __file__, "--steps", str(steps), "--child", str(folder), str(batch)]


def together(steps: int) -> dict[str, float]:
    """One training of two processes."""
    with tempfile.TemporaryDirectory() as folder:
        failure = launch(command(Path(folder), 2 * SHARE, steps), 2)
        if failure is not None:
            raise SystemExit(str(failure))
        return figures([Path(folder) / f"{rank}.json" for rank in (0, 1)])


def apart(steps: int) -> dict[str, float]:
    """Two trainings of one process each, begun at once."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in ("one", "other")]
        for each in places:
            each.mkdir()
        ran = [subprocess.Popen(command(each, SHARE, steps)) for each in places]
        if any(each.wait() for each in ran):
            raise SystemExit("a training failed")
        return figures([each / "0.json" for each in places])


def figures(paths: list[Path]) -> dict[str, float]:
    """What two processes did together."""
    told = [json.loads(path.read_text()) for path in paths]
    images, used = sum(each["images"] for each in told), sum(each["used"] for each in told)
    return {
        "images_per_second": round(sum(each["images"] / each["seconds"] for each in told), 1),
        "processor_ms_per_image": round(1000 * used / images, 2),
        "busy": round(used / sum(each["seconds"] for each in told), 2),
    }


def median(values: object) -> float:
    return statistics.median(values)  # type: ignore[call-overload, no-any-return]


if __name__ == "__main__":
    main()
