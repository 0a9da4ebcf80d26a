"""Loading: how fast a memory-mapped data set gives training its batches.

python benchmarks/loading.py [--batch 64] [--out benchmarks/results/loading.json]

Images per second of one thread's processor time, which other work on the machine blurs less than
the clock; best of five rounds of shuffled rows. A batch is floats in [-1, 1], channels last, with
the code and mask of 40 attributes. Training takes a few hundred to a few thousand of them a second.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

ROWS, ATTRIBUTES = 20_000, 40


def memory_mapped(path: Path, size: int, rng: np.random.Generator) -> Dataset:
    """Random images and labels of CelebA's shape, the images in an npy file."""
    np.save(path, rng.integers(0, 256, (ROWS, size, size, 3), np.uint8))
    attributes = tuple(Attribute(name=f"a{i}") for i in range(ATTRIBUTES))
    return Dataset(
        name="random",
        schema=Schema(name="random", attributes=attributes),
        images=np.load(path, mmap_mode="r"),
        codes=rng.choice([-1, 1], (ROWS, ATTRIBUTES)).astype(np.float32),
        known=np.ones((ROWS, ATTRIBUTES), bool),
        splits={"train": np.arange(ROWS)},
    )


def images_per_second(data: Dataset, batch: int, rng: np.random.Generator) -> float:
    """Batches of random rows, one pass of the data per round."""
    rates = []
    for _ in range(5):
        rows = rng.permutation(data.rows("train"))
        start = time.process_time()
        for first in range(0, len(rows), batch):
            data.batch(rows[first : first + batch])
        rates.append(len(rows) / (time.process_time() - start))
    return max(rates)


def main() -> None:
    """Measure at three sizes and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (32, 64, 128):
            data = memory_mapped(Path(folder) / "images.npy", size, rng)
            rates[f"{size}x{size}"] = round(images_per_second(data, options.batch, rng))
    system = f"{platform.machine()}, {platform.system()}, one thread of {os.cpu_count()}"
    result = {
        "benchmark": "loading",
        "date": date.today().isoformat(),
        "machine": system,
        "numpy": np.__version__,
        "torch": torch.__version__,
        "batch": options.batch,
        "images_per_processor_second": rates,
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
