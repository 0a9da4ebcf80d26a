"""What an edit may hope for: real parts of real people, in the eyes of the evaluator.

    python benchmarks/borrowed_parts.py CELEBA

Asked for a goatee on a woman, a generator can hardly do better than a real one. So held-out faces
that lack an attribute borrow the part where it lives, brought to their own mean colour, from
held-out faces that have it: how often does the evaluator then see the attribute, and how many
others does it see changed where it does? For borrowers of the sex that lends, and of the other.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from interpretable_gan.atomic import write_text
from interpretable_gan.audit.evaluators import Evaluator, train_evaluator
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.data.open import open_dataset
from interpretable_gan.metrics.uncertainty import wilson
from machine import machine

SIZE = 32
PARTS = {
    "goatee": (1, "male", (20, 32, 7, 25)),
    "mustache": (1, "male", (18, 32, 7, 25)),
    "5_o_clock_shadow": (1, "male", (18, 32, 4, 28)),
    "no_beard": (0, "male", (18, 32, 4, 28)),
    "heavy_makeup": (1, "female", (8, 26, 6, 26)),
    "wearing_lipstick": (1, "female", (18, 27, 7, 25)),
    "rosy_cheeks": (1, "female", (13, 26, 5, 27)),
}
"""Attribute → value, the sex that mostly has it, and where: top, bottom, left, right in pixels."""
BORROWERS = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="a folder of CelebA")
    parser.add_argument("--evaluator-images", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/borrowed_parts.json"))
    given = parser.parse_args()

    data = open_dataset(given.source, size=SIZE)
    evaluator = train_evaluator(data, images=given.evaluator_images)
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "data": data.name,
        "evaluator": evaluator.name,
        "parts": {name: borrowed(name, data, evaluator) for name in PARTS},
    }
    write_text(given.out, json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def borrowed(name: str, data: Dataset, evaluator: Evaluator) -> dict[str, object]:
    """One attribute, lent to the sex that mostly has it and to the other."""
    value, sex, place = PARTS[name]
    rows = np.concatenate([data.rows("validation"), data.rows("test")])
    images = data.batch(rows)[0]
    seen = evaluator.values(images)
    lends = data.codes[rows, data.schema.slices["male"].start] > 0
    lends = lends if sex == "male" else ~lends
    has = (data.codes[rows, data.schema.slices[name].start] > 0) == (value == 1)
    lenders = np.flatnonzero(lends & has & (seen[name] == value))
    rng = np.random.default_rng(0)

    def found(candidates: NDArray[np.bool_]) -> dict[str, object]:
        borrowers = np.flatnonzero(candidates & ~has & (seen[name] != value))
        borrowers = rng.permutation(borrowers)[:BORROWERS]
        partners = rng.choice(lenders, len(borrowers))
        now = evaluator.values(lend(images[partners], images[borrowers], place))
        reached = now[name] == value
        flipped = {
            other: float(np.mean((now[other] != seen[other][borrowers])[reached]))
            for other in evaluator.readable
            if other != name
        }
        return {
            "borrowers": len(borrowers),
            "reached": float(reached.mean()),
            "interval": wilson(int(reached.sum()), len(borrowers)),
            "others_flipped": float(np.mean(list(flipped.values()))),
            "most_flipped": dict(sorted(flipped.items(), key=lambda item: -item[1])[:3]),
        }

    return {"lenders": len(lenders), "same_sex": found(lends), "other_sex": found(~lends)}


def lend(
    lenders: torch.Tensor, borrowers: torch.Tensor, place: tuple[int, int, int, int]
) -> torch.Tensor:
    """Faces ``(batch, 3, 32, 32)`` with another's part, in their own mean colour there."""
    top, bottom, left, right = place
    box = np.zeros((SIZE, SIZE), np.float32)
    box[top:bottom, left:right] = 1
    mask = torch.from_numpy(gaussian_filter(box, 1))
    colour = ((borrowers - lenders) * mask).sum((2, 3), keepdim=True) / mask.sum()
    return (borrowers + mask * (lenders + colour - borrowers)).clamp(-1, 1)


if __name__ == "__main__":
    main()
