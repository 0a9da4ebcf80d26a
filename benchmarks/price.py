"""The price of interpretability: picture quality beside the black-box twin.

    python benchmarks/price.py portraits
    python benchmarks/price.py FOLDER --images 400000 --weights mobilenet_v2_imagenet_int8.npz

Trains the additive discriminator and its opaque twin with the same generator, data, images, seeds
and the settings of the demo, and compares the Fréchet distances of their samples to held-out
images, on the features of MobileNetV2 where its weights are given, else of an evaluator. Below 1.15
is the aim. Runs that are there already are not trained again.
"""

from __future__ import annotations

import argparse
import json
import statistics
from datetime import date
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.cli.demo import SHORT
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.data.open import open_dataset
from interpretable_gan.metrics.extractors import mobilenet_v2
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.quality.frechet import frechet_distance
from interpretable_gan.models.base import sample
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.loop import train
from interpretable_gan.training.run import Run
from machine import machine

KINDS = ("additive", "black-box")
SAMPLES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--images", type=int, default=16_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--weights", type=Path, help="MobileNetV2 weights")
    parser.add_argument("--runs", type=Path, default=Path("runs/price"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/price.json"))
    given = parser.parse_args()

    data = open_dataset(given.source, size=GANConfig().size)
    extractor = mobilenet_v2(given.weights) if given.weights else train_evaluator(data).extractor()
    distances = {
        kind: [
            distance(trained(data, kind, seed, given.images, given.runs), data, extractor)
            for seed in range(given.seeds)
        ]
        for kind in KINDS
    }
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "data": given.source,
        "images": given.images,
        "features": extractor.name,
        "frechet_distance": distances,
        **price(distances["additive"], distances["black-box"]),
    }
    given.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


def trained(data: Dataset, kind: str, seed: int, images: int, runs: Path) -> Run:
    """The run of one kind and seed, trained to its end."""
    folder = runs / f"{data.name}-{kind}-{seed}"
    config = GANConfig.of("tiny", discriminator=kind, seed=seed, images=images, **SHORT)
    started = (folder / "config.json").exists()
    train(data, config, run=folder, resume=started)
    return Run.open(folder)


def distance(run: Run, data: Dataset, extractor: Extractor) -> float:
    """Fréchet distance of samples to as many held-out images."""
    held_out = np.concatenate([data.rows("test"), data.rows("validation")])[:SAMPLES]
    real, _, _ = data.batch(held_out)
    fake = sample(run.model(), len(real))
    return frechet_distance(extractor(real), extractor(fake), extractor=extractor).value


def price(ours: list[float], theirs: list[float]) -> dict[str, object]:
    """Ratio of our distance to theirs: geometric mean over seeds, with Student's interval."""
    logs = np.log(ours) - np.log(theirs)
    half = stats.t.ppf(0.975, len(logs) - 1) * statistics.stdev(logs) / len(logs) ** 0.5
    mean = float(np.mean(logs))
    ends = np.exp([mean - half, mean + half])
    return {"ratio": float(np.exp(mean)), "interval": [float(end) for end in ends]}


if __name__ == "__main__":
    main()
