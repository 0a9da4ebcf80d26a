"""What an explanation costs: ``explain_decision`` beside a plain forward pass, and its gap.

    python benchmarks/explanations.py > benchmarks/results/explanations.json

64 images of 32×32 and CelebA's 40 attributes with 60 discovered ones. Time does not depend on what
was learned, so the networks are fresh. Both are called in turns, so that a slow moment of the
machine hits both alike; times are medians, and ``times_forward`` is the median of the turns' ratios.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date

import torch

from interpretable_gan.explain import explain_decision
from interpretable_gan.model import InterpretableGAN
from interpretable_gan.semantics.celeba import celeba_schema
from interpretable_gan.training.networks import build
from interpretable_gan.training.runtime import available_cores

IMAGES = 64
ROUNDS = 21
DISCOVERED = 60


def main() -> None:
    report = {
        "machine": f"{platform.machine()}, {available_cores()} cores",
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "threads": torch.get_num_threads(),
        "images": IMAGES,
        "presets": {preset: measure(preset) for preset in ("tiny", "small")},
    }
    print(json.dumps(report, indent=2))


def measure(preset: str) -> dict[str, float]:
    """Seconds and gap of one preset's discriminator."""
    model = untrained(preset)
    chance = torch.Generator().manual_seed(0)
    size = model.config.size
    images = torch.rand(IMAGES, 3, size, size, generator=chance) * 2 - 1
    code = torch.rand(IMAGES, model.schema.columns, generator=chance) * 2 - 1
    forward, given, by_reading = in_turns(
        lambda: model.decide(images, code),
        lambda: explain_decision(model, images, code),
        lambda: explain_decision(model, images),
    )
    return {
        "size": size,
        "forward_seconds": round(statistics.median(forward), 5),
        "explain_seconds": round(statistics.median(given), 5),
        "times_forward": ratio(given, forward),
        "times_forward_without_a_code": ratio(by_reading, forward),
        "sum_error": explain_decision(model, images, code).sum_error,
    }


def untrained(preset: str) -> InterpretableGAN:
    """A model of fresh networks."""
    model = InterpretableGAN(celeba_schema(), preset, discovered=DISCOVERED)
    model._networks = build(model.schema, model.config, channels=3)
    for network in model._networks.named().values():
        network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def in_turns(*actions: Callable[[], object]) -> list[list[float]]:
    """Seconds of each action, ``ROUNDS`` times one after the other."""
    times: list[list[float]] = [[] for _ in actions]
    for turn in range(ROUNDS + 3):
        for action, seconds in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            if turn >= 3:  # the first ones warm up
                seconds.append(time.perf_counter() - start)
    return times


def ratio(some: list[float], others: list[float]) -> float:
    """Median over turns of the ratio of two times."""
    return round(statistics.median(a / b for a, b in zip(some, others, strict=True)), 3)


if __name__ == "__main__":
    main()
