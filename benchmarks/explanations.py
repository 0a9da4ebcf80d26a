"""What an explanation costs, how exact and how faithful it is, beside the usual tools.

    pip install -e '.[bench]'
    python benchmarks/explanations.py runs/celeba32 --twin runs/celeba32-black-box
    python benchmarks/explanations.py            # trains both on portraits, a minute each

Writes benchmarks/results/explanations.json.

``presets``: 64 images, CelebA's 40 attributes and 60 discovered ones. Time does not depend on what
was learned, so the networks are fresh. Ours and the forward pass are called in turns, so that a
slow moment of the machine hits both alike; times are medians, and ``times_forward`` is the median
of the turns' ratios.

``side_by_side``: on held-out images of the run's data, the additive discriminator and its black-box
twin explained by ours (the additive one only) and, by Captum, integrated gradients with 50 steps
(Sundararajan et al. 2017), gradient × input (Shrikumar et al. 2016), occlusion of one place after
the other (Zeiler & Fergus 2014) and Shapley sampling of places (Castro et al. 2009). All explain
the same logit. The baseline is the mean of other held-out images; gradient × input, which knows
none, has grey.

- ``seconds`` for all images.
- ``gap``: how far attributions are from adding up to the logit (ours) or to its difference from
  the baseline (theirs; occlusion and gradient × input do not claim that), the worst of the images,
  relative where the logit is larger than 1.
- ``pixels``: deletion and insertion of places' pixels, replaced by the baseline. Nobody is favoured
  by construction.
- ``cells``: deletion and insertion of (attribute, place) cells of evidence, which only the additive
  discriminator has. Ours is the best possible ranking there by construction.

Areas are mean logits along the way, with 95 % intervals over images; ``better_than_random`` is the
gain over a random order on the same images.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion, ShapleyValueSampling
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.atomic import write_text
from interpretable_gan.audit.faithfulness import (
    Faithfulness,
    cell_faithfulness,
    pixel_faithfulness,
)
from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.decision import DecisionExplanation, additive, explain_decision
from interpretable_gan.explain.explanation import relative_gap
from interpretable_gan.models.gan.discriminator import OpaqueDiscriminator
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.labels import Labels
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import build
from interpretable_gan.schema.celeba import celeba_schema
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import open_data
from machine import machine

IMAGES = 64
ROUNDS = 21
DISCOVERED = 60
REFERENCE = 256
"""Held-out images whose mean is the baseline."""
QUICK = 1.0
"""Seconds after which a method is not timed again."""
RESULTS = Path(__file__).parent / "results" / "explanations.json"


@dataclass(frozen=True)
class Case:
    """What is explained: images, what is claimed of them, and what is usual."""

    images: Tensor
    code: Tensor
    reference: Tensor
    integration_steps: int
    shapley_samples: int

    @property
    def baseline(self) -> Tensor:
        """The mean reference image, once per image."""
        return self.reference.mean(dim=0, keepdim=True).expand_as(self.images).contiguous()


def main() -> None:
    options = arguments()
    model, twin, data = subjects(options)
    case = held_out(model, data, options)
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "threads": torch.get_num_threads(),
        "presets": {preset: measure(untrained(preset)) for preset in ("tiny", "small")},
        "side_by_side": {
            "images": len(case.images),
            "reference_images": len(case.reference),
            "integration_steps": case.integration_steps,
            "shapley_samples": case.shapley_samples,
            "data": data.name,
            "checksum": data.checksum,
            "additive": {
                "run": options.run or f"{options.train} portraits",
                "pixels": by_pixels(model, case),
                "cells": by_cells(model, case),
            },
            "black_box": {
                "run": options.twin or f"{options.train} images",
                "pixels": by_pixels(twin, case),
            },
        },
    }
    write_text(options.out, json.dumps(report, indent=2) + "\n")
    print(options.out)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="?", help="with the additive discriminator")
    parser.add_argument("--twin", help="a run on the same data with discriminator=black-box")
    parser.add_argument("--train", type=int, default=4000, help="images, where no run is named")
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--integration-steps", type=int, default=50)
    parser.add_argument("--shapley-samples", type=int, default=25)
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def subjects(options: argparse.Namespace) -> tuple[InterpretableGAN, InterpretableGAN, Dataset]:
    """The model, its black-box twin and their data; what is not named is trained here."""
    if options.run:
        run = Run.open(options.run)
        data, model = open_data(run), run.model()
    else:
        data = portraits.dataset(size=32, count=4000, seed=0)
        model = trained(data, images=options.train)
    if options.twin:
        return model, Run.open(options.twin).model(), data
    settings = model.config.model_dump(exclude={"preset", "images", "discriminator"})
    return model, trained(data, images=options.train, discriminator="black-box", **settings), data


def trained(data: Dataset, **settings: Any) -> InterpretableGAN:
    print(f"training {settings.get('discriminator', 'additive')} …", file=sys.stderr)
    model = InterpretableGAN(data.schema, "tiny", **settings)
    with tempfile.TemporaryDirectory() as folder:
        return model.fit(data, run=Path(folder) / "run")


def held_out(model: InterpretableGAN, data: Dataset, options: argparse.Namespace) -> Case:
    """Test images with their labels, and others for the baseline."""
    rows = np.random.default_rng(0).permutation(data.rows("test"))
    images, labels, _ = data.batch(rows[: options.images])
    reference = data.batch(rows[options.images :][:REFERENCE])[0]
    code = model.code_of(images, labels)
    return Case(images, code, reference, options.integration_steps, options.shapley_samples)


def by_pixels(model: InterpretableGAN, case: Case) -> dict[str, dict[str, Any]]:
    """Seconds, gap, deletion and insertion of every method on one model."""
    with torch.no_grad():
        whole = logit(model)(case.images, case.code)
        away = {
            "baseline": whole - logit(model)(case.baseline, case.code),
            "grey": whole - logit(model)(torch.zeros_like(case.images), case.code),
        }
    found: dict[str, dict[str, Any]] = {}
    maps: dict[str, NDArray[Any]] = {}
    for name, explain, expected in methods(model, case):
        print(f"{name} …", file=sys.stderr)
        explained, seconds = timed(explain)
        if name == "ours":
            usual = explain_decision(model, case.baseline, case.code)
            maps[name], gap = placed(explained) - placed(usual), explained.sum_error
        else:
            maps[name] = over_places(explained)
            gap = relative_gap(maps[name].sum(axis=(1, 2)), away[expected].numpy())
        found[name] = {"seconds": round(seconds, 4), "gap": gap}
    faithful = pixel_faithfulness(
        lambda images: logit(model)(images, case.code),
        case.images,
        maps,
        case.baseline,
        described="mean of the reference images",
    )
    if "ours" in found:
        for each in found.values():
            each["times_ours"] = round(each["seconds"] / found["ours"]["seconds"], 1)
    return {name: found.get(name, {}) | areas(faithful, name) for name in faithful.rankings}


def timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """What an action returns, and its seconds: the median of five where it is quick."""
    times: list[float] = []
    while len(times) < 5 and sum(times) < QUICK:
        start = time.perf_counter()
        found = action()
        times.append(time.perf_counter() - start)
    return found, statistics.median(times)


def methods(model: InterpretableGAN, case: Case) -> Iterator[tuple[str, Callable[[], Any], str]]:
    """Name, what to call, and the image to which a sum of attributions refers."""
    images, baseline, whole = case.images, case.baseline, logit(model)
    side = images.shape[-1] // PLACES
    window = (images.shape[1], side, side)
    given = {"additional_forward_args": case.code}
    if not isinstance(model.networks.discriminator, OpaqueDiscriminator):
        yield "ours", lambda: explain_decision(model, images, case.code), ""
    yield (
        f"integrated gradients, {case.integration_steps} steps",
        lambda: IntegratedGradients(whole).attribute(
            images,
            baseline,
            n_steps=case.integration_steps,
            internal_batch_size=len(images),
            **given,
        ),
        "baseline",
    )
    yield (
        "gradient × input",
        lambda: InputXGradient(whole).attribute(images.clone().requires_grad_(), **given),
        "grey",
    )
    yield (
        "occlusion",
        lambda: (
            Occlusion(whole).attribute(images, window, window, baseline, **given)
            / (images.shape[1] * side * side)
        ),  # each pixel of a window gets all of its effect
        "baseline",
    )
    places = torch.arange(PLACES**2).view(PLACES, PLACES)
    mask = places.repeat_interleave(side, 0).repeat_interleave(side, 1)[None, None]
    yield (
        f"Shapley sampling, {case.shapley_samples} orders",
        lambda: (
            ShapleyValueSampling(whole).attribute(
                images,
                baseline,
                feature_mask=mask.expand(1, *images.shape[1:]).contiguous(),
                n_samples=case.shapley_samples,
                **given,
            )
            / (images.shape[1] * side * side)
        ),
        "baseline",
    )


def by_cells(model: InterpretableGAN, case: Case) -> dict[str, dict[str, Any]]:
    """Deletion and insertion of evidence, which nobody but the additive discriminator has."""
    print("cells …", file=sys.stderr)
    faithful = cell_faithfulness(
        additive(model), model.schema, case.images, case.code, case.reference, steps=10
    )
    return {name: areas(faithful, name) for name in faithful.rankings}


def areas(faithful: Faithfulness, name: str) -> dict[str, Any]:
    """Both areas with intervals, and the gain over a random order."""
    told: dict[str, Any] = {}
    for direction in ("deletion", "insertion"):
        area, interval = faithful.area(name, direction)
        gain, gains = faithful.advantage("random", direction, of=name)
        told[direction] = {"area": area, "interval": interval}
        told[direction] |= {"better_than_random": gain, "better_than_random_interval": gains}
    return told


def logit(model: InterpretableGAN) -> Callable[[Tensor, Tensor], Tensor]:
    """The number that all methods explain."""
    discriminator = model.networks.discriminator
    return lambda images, code: discriminator(model.checked(images), code).logit


def placed(explained: DecisionExplanation) -> NDArray[np.float64]:
    """All terms by place, also those of attributes that claim none, (image, row, column)."""
    parts = (explained.agreement, explained.realism, explained.discovered)
    return np.sum([part.sum(axis=1, dtype=np.float64) for part in parts], axis=0)


def over_places(attributions: Tensor) -> NDArray[np.float64]:
    """Pixels' attributions summed over the square of each place, (image, row, column)."""
    batch, _, height, width = attributions.shape
    shape = (batch, PLACES, height // PLACES, PLACES, width // PLACES)
    return attributions.detach().double().sum(dim=1).view(shape).sum(dim=(2, 4)).numpy()


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


def batch(model: InterpretableGAN) -> tuple[Tensor, Tensor]:
    """Noise and codes for fresh networks."""
    chance, size = torch.Generator().manual_seed(0), model.config.size
    images = torch.rand(IMAGES, 3, size, size, generator=chance) * 2 - 1
    return images, torch.rand(IMAGES, model.schema.columns, generator=chance) * 2 - 1


def untrained(preset: str = "tiny") -> InterpretableGAN:
    """A model of fresh networks."""
    model = InterpretableGAN(celeba_schema(), preset, discovered=DISCOVERED)
    model.networks = build(model.schema, model.config, channels=3)
    even = torch.full((model.schema.named_columns,), 0.5)
    model.labels = Labels(model.schema, even, model.config.typical)
    for network in model.networks.named().values():
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
