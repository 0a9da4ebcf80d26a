"""What an explanation costs and how exact it is, beside a plain forward pass and the usual tools.

    pip install -e '.[bench]'
    python benchmarks/explanations.py [RUN] > benchmarks/results/explanations.json

64 images, CelebA's 40 attributes and 60 discovered ones. Time does not depend on what was learned,
so the presets' networks are fresh. Ours and the forward pass are called in turns, so that a slow
moment of the machine hits both alike; times are medians, and ``times_forward`` is the median of the
turns' ratios.

``side_by_side`` has integrated gradients with 50 steps (Sundararajan et al. 2017) and occlusion of
4×4 pixels (Zeiler & Fergus 2014), both by Captum and from a grey image. ``gap`` is how far
attributions are from adding up to the logit (theirs: to its difference from the grey image, which
occlusion does not claim to do), the worst of 64 images, relative where that is larger than 1. Fresh
networks are almost linear, which flatters it: give the folder of a run to measure on what was
learned.
"""

from __future__ import annotations

import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import torch
from captum.attr import IntegratedGradients, Occlusion
from torch import Tensor

from interpretable_gan.explain.decision import additive, explain_decision
from interpretable_gan.explain.explanation import relative_gap
from interpretable_gan.model import InterpretableGAN
from interpretable_gan.run import Run
from interpretable_gan.semantics.celeba import celeba_schema
from interpretable_gan.training.networks import build
from interpretable_gan.training.runtime import available_cores

IMAGES = 64
ROUNDS = 21
DISCOVERED = 60
PATCH = 4
"""Side of what occlusion hides: the pixels of one of our places."""


def main() -> None:
    report = {
        "machine": f"{platform.machine()}, {available_cores()} cores",
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "threads": torch.get_num_threads(),
        "images": IMAGES,
        "presets": {preset: measure(untrained(preset)) for preset in ("tiny", "small")},
        "side_by_side_on": sys.argv[1] if sys.argv[1:] else "fresh networks",
        "side_by_side": side_by_side(
            Run.open(sys.argv[1]).model() if sys.argv[1:] else untrained()
        ),
    }
    print(json.dumps(report, indent=2))


def measure(model: InterpretableGAN) -> dict[str, float]:
    """Seconds and gap of one model's discriminator."""
    images, code = batch(model)
    forward, given, by_reading = in_turns(
        lambda: model.decide(images, code),
        lambda: explain_decision(model, images, code),
        lambda: explain_decision(model, images),
    )
    return {
        "size": model.config.size,
        "forward_seconds": round(statistics.median(forward), 5),
        "explain_seconds": round(statistics.median(given), 5),
        "times_forward": ratio(given, forward),
        "times_forward_without_a_code": ratio(by_reading, forward),
        "sum_error": explain_decision(model, images, code).sum_error,
    }


def side_by_side(model: InterpretableGAN) -> dict[str, dict[str, float]]:
    """Seconds and gap of ours, integrated gradients and occlusion, on the same images."""
    images, code = batch(model)
    discriminator, grey = additive(model), torch.zeros_like(images)

    def logit(images: Tensor, code: Tensor) -> Tensor:
        return discriminator(model.checked(images), code).logit

    with torch.no_grad():
        whole = (logit(images, code) - logit(grey, code)).numpy()
    gradients, occlusion = IntegratedGradients(logit), Occlusion(logit)
    window = (images.shape[1], PATCH, PATCH)
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: explain_decision(model, images, code),
        "integrated gradients, 50 steps": lambda: gradients.attribute(
            images, grey, additional_forward_args=code, n_steps=50, internal_batch_size=IMAGES
        ),
        "occlusion": lambda: (
            occlusion.attribute(images, window, window, grey, additional_forward_args=code)
            / math.prod(window)
        ),  # each pixel of a window gets all of its effect
    }
    found = {}
    for name, way in ways.items():
        start = time.perf_counter()
        explained = way()
        seconds = time.perf_counter() - start
        gap = (
            explained.sum_error
            if name == "ours"
            else relative_gap(explained.detach().sum(dim=(1, 2, 3)).numpy(), whole)
        )
        found[name] = {"seconds": round(seconds, 4), "gap": gap}
    for each in found.values():
        each["times_ours"] = round(each["seconds"] / found["ours"]["seconds"], 1)
    return found


def batch(model: InterpretableGAN) -> tuple[Tensor, Tensor]:
    """Images and codes: samples of a trained model, noise for a fresh one."""
    if model._codes is not None:
        return model.sample(IMAGES), model.codes(IMAGES)
    chance, size = torch.Generator().manual_seed(0), model.config.size
    images = torch.rand(IMAGES, 3, size, size, generator=chance) * 2 - 1
    return images, torch.rand(IMAGES, model.schema.columns, generator=chance) * 2 - 1


def untrained(preset: str = "tiny") -> InterpretableGAN:
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
