"""Portraits: how fast they are drawn, and how well a small network reads every attribute.

python benchmarks/portraits.py [--reading-images 64000] [--out benchmarks/results/portraits.json]

Speed is per second of one thread's processor time, which other work on the machine blurs less than
the clock; best of five rounds. The network sees 32×32 pixels, trains on 16,000 portraits for the
given number of image visits and is judged on 4,000 others.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.schema.schema import Schema

BATCH = 128


def drawing_speed(size: int, count: int) -> float:
    """Portraits per second of processor time, codes and styles given."""
    rng = np.random.default_rng(0)
    code, style = portraits.sample_codes(count, rng), portraits.sample_styles(count, rng)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        portraits.draw(code, style, size)
        seconds.append(time.process_time() - start)
    return count / min(seconds)


def reader(columns: int) -> nn.Module:
    """A small convolutional network from (batch, 3, 32, 32) to (batch, columns)."""

    def down(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        *[nn.Conv2d(3, 24, 3, 1, 1), nn.ReLU(), *down(24, 48), *down(48, 64), *down(64, 96)],
        *[nn.Flatten(), nn.Linear(96 * 16, 128), nn.ReLU(), nn.Linear(128, columns)],
    )


def reading_loss(schema: Schema, read: Tensor, code: Tensor) -> Tensor:
    """Squared error of continuous attributes, cross-entropy of all others."""
    numbers = [schema[name].kind == "continuous" for name in schema.names]
    wide = torch.tensor(numbers).repeat_interleave(
        torch.tensor([schema[name].width for name in schema.names])
    )
    classes = F.binary_cross_entropy_with_logits(read[:, ~wide], (code[:, ~wide] + 1) / 2)
    return classes + F.mse_loss(read[:, wide], code[:, wide])


def train_reader(data: Dataset, visits: int) -> nn.Module:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = reader(data.schema.columns).to(memory_format=torch.channels_last)
    steps = visits // BATCH
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.005, total_iters=steps)
    for _ in range(steps):
        images, code, _ = data.batch(rng.choice(data.rows("train"), BATCH))
        optimizer.zero_grad()
        reading_loss(data.schema, network(images), code).backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def reading_scores(data: Dataset, network: nn.Module) -> dict[str, float]:
    """Balanced accuracy, or R² of a continuous attribute, on portraits not trained on."""
    rows = np.concatenate([data.rows("validation"), data.rows("test")])
    with torch.no_grad():
        read = torch.cat([network(data.batch(part)[0]) for part in np.split(rows, 20)]).numpy()
    parts = zip(*(data.schema.unpack(c).items() for c in (read, data.codes[rows])), strict=True)
    scores = {}
    for (name, said), (_, true) in parts:
        if data.schema[name].kind == "continuous":
            scores[name] = 1 - float(((said - true) ** 2).mean() / true.var())
            continue
        if true.shape[1] == 1:
            said, true = (np.hstack([-c, c]) for c in (said, true))
        level, answer = true.argmax(axis=1), said.argmax(axis=1)
        right = [(answer[level == k] == k).mean() for k in range(true.shape[1])]
        scores[name] = float(np.mean(right))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reading-images", type=int, default=64_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)

    speed = {
        size: drawing_speed(size, count) for size, count in ((32, 2000), (64, 500), (128, 100))
    }
    start = time.process_time()
    data = portraits.dataset(size=32, count=20_000)
    seconds = time.process_time() - start
    scores = reading_scores(data, train_reader(data, options.reading_images))
    result = {
        "benchmark": "portraits",
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, one thread of {os.cpu_count()}",
        "numpy": np.__version__,
        "torch": torch.__version__,
        "images_per_processor_second": {
            f"{size}x{size}": round(rate) for size, rate in speed.items()
        },
        "dataset_20000_at_32_processor_seconds": round(seconds, 2),
        "reading_images": options.reading_images,
        "reading": {name: round(score, 4) for name, score in scores.items()},
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
