"""What the model costs: images a second, memory, and on which machine."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch

from interpretable_gan.audit.claims.base import Findings, measure

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

CLAIM = "cost"
TIMED = 256
REPEATS = 3


def cost(model: ImageModel, training: Mapping[str, Any]) -> Findings:
    """Speed of drawing and deciding, the best of three; peak memory of the audit so far.

    ``training``: the last record of the run's log, for seconds and speed of training.
    """
    code, style = model.codes(TIMED), model.styles(TIMED)
    images = model.draw(code, style)
    drawing = len(code) / min(_seconds(lambda: model.draw(code, style)) for _ in range(REPEATS))
    deciding = len(code) / min(_seconds(lambda: model.scored(images, code)) for _ in range(REPEATS))
    told = {
        "images drawn per second": drawing,
        "decisions explained per second": deciding,
        **{f"parameters of the {n}": _parameters(network) for n, network in _networks(model)},
        "seconds of training": training.get("seconds"),
        "images per second in training": training.get("images_per_second"),
        "images of training": training.get("images"),
        "peak memory of the audit in MB": _peak_memory(),
    }
    return Findings(
        measures=tuple(
            measure(CLAIM, name, float(number))
            for name, number in told.items()
            if number is not None
        ),
        details={"machine": machine()},
    )


def machine() -> dict[str, Any]:
    """Where the audit ran."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _networks(model: ImageModel) -> Iterator[tuple[str, torch.nn.Module]]:
    """The networks of a model, by what they are called."""
    for name, network in model.kept().items():
        yield ("generator" if name == "average" else name.replace("_", " ")), network


def _parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak_memory() -> float | None:
    """In MB; None on systems that do not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
