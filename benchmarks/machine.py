"""What a figure was measured on, and what a command costs."""

import os
import platform
import subprocess
import sys
import time

import torch

from interpretable_gan.arithmetic import available_cores, type_of_products


def machine() -> str:
    """Architecture, the widest instructions that torch finds, the type of products, cores."""
    instructions, cores = torch.backends.cpu.get_cpu_capability(), available_cores()
    return (
        f"{platform.machine()} with {instructions}, {type_of_products('cpu')}, "
        f"{cores} {'core' if cores == 1 else 'cores'}"
    )


def cost_of(*arguments: str) -> dict[str, float]:
    """What one call of `igan` on one thread costs, in a process of its own.

    Raises:
        SystemExit: the command fails.
    """
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", "from interpretable_gan.cli.main import main; main()", *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"igan {' '.join(arguments)} failed")
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "processor seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak megabytes": round(used.ru_maxrss / 1024),
    }
