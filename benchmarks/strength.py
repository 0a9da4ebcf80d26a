"""How far to ask: what edits reach and what they cost, by the strength at which they are asked.

    python benchmarks/strength.py RUN SOURCE --weights mobilenet_v2_imagenet_int8.npz

The quick check of a run with binary attributes, with every edit asked at a quarter of full
strength up to twice as much, which training never asks for, and without directions: steerability,
other readable attributes flipped by a successful edit, and the Fréchet distance of edited samples
over that of unchanged ones.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

import torch

from interpretable_gan.atomic import write_text
from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.audit.quick_check import quick_check
from interpretable_gan.cli.edit import open_data
from interpretable_gan.metrics.extractors import mobilenet_v2
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.shapes import Code, Images, Style
from interpretable_gan.training.run import Run
from machine import machine

STRENGTHS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)


class Asked:
    """A model of which everything is asked at ``strength``; all else is the model's."""

    def __init__(self, model: InterpretableGAN, strength: float) -> None:
        self.model, self.strength = model, strength

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def draw(self, code: Code, style: Style) -> Images:
        named = code[:, : self.model.schema.named_columns]
        weaker = torch.where(named.abs() == 1, self.strength * named, named)
        return self.model.draw(torch.cat([weaker, code[:, named.shape[1] :]], dim=1), style)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("source")
    parser.add_argument("--weights", type=Path, required=True, help="MobileNetV2 weights")
    parser.add_argument("--evaluator-images", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/strength.json"))
    given = parser.parse_args()

    run = Run.open(given.run)
    data, model = open_data(run, given.source, quiet=True), run.model()
    for direction in model.networks.directions.parameters():
        direction.zero_()
    evaluator = train_evaluator(data, images=given.evaluator_images)
    extractor = mobilenet_v2(given.weights)
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "data": data.name,
        "typical": run.config.typical,
        "images": run.config.images,
        "strengths": {
            strength: at(Asked(model, strength), data, evaluator, extractor)
            for strength in STRENGTHS
        },
    }
    write_text(given.out, json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def at(model: Asked, data: Any, evaluator: Any, extractor: Any) -> dict[str, float]:
    """What the quick check finds at one strength."""
    found = quick_check(model, data, evaluator=evaluator, extractor=extractor)
    told = {
        name: found[name]
        for name in ("steerability_mean", "steerability_readable_mean", "others_flipped")
    }
    return told | {"frechet_ratio": found["frechet_distance_edited"] / found["frechet_distance"]}


if __name__ == "__main__":
    main()
