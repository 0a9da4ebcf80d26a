"""How fast batches come from a memory-mapped data set: images per second on one thread.

python benchmarks/loading.py [--size 32] [--batch 64] [--seconds 3]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.semantics.attribute import Attribute
from interpretable_gan.semantics.schema import Schema

ROWS, ATTRIBUTES = 50_000, 40


def memory_mapped(path: Path, size: int, rng: np.random.Generator) -> Dataset:
    """Random images of CelebA's kind of shape, in an npy file."""
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


def images_per_second(data: Dataset, batch: int, seconds: float, rng: np.random.Generator) -> float:
    """Shuffled batches as training asks for them, floats in [-1, 1] and channels last."""
    rows = data.rows("train")
    for warm in rng.permutation(rows)[: 100 * batch].reshape(-1, batch):
        data.batch(warm)
    images, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        images += len(data.batch(rng.choice(rows, batch))[0])
    return images / elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        data = memory_mapped(Path(folder) / "images.npy", options.size, rng)
        rate = images_per_second(data, options.batch, options.seconds, rng)
    result = {"benchmark": "loading", "size": options.size, "batch": options.batch, "threads": 1}
    print(json.dumps(result | {"images_per_second": round(rate)}))


if __name__ == "__main__":
    main()
