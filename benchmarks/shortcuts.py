"""Planted shortcuts: is a reader's explanation the first to tell?

    python benchmarks/shortcuts.py chests ../shared/data --work seen \\
        > benchmarks/results/shortcuts-chests.json

A mark is put on 80 % of the training and validation images of one value of the target: a bright
square in the corner of chest X-rays with pneumonia, a colour cast on monocytes, a sign beside the
road before right turns. Readers and a black box on the same published network learn from these. On
test images the mark is then nowhere, or swapped: on all others and never on those.

A rule of one number warns (`interpretable_gan.training.reader.stands_out`). Its threshold lies
halfway between runs of seeds 0 to 4 with a mark and those without; seeds 5 to 14 judge it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from black_box import fit_black_box
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.reader.config import ReaderConfig
from interpretable_gan.models.reader.fit import Known, fit_seen, look_at
from interpretable_gan.models.reader.model import Reader
from interpretable_gan.models.reader.networks import Seen
from interpretable_gan.training.reader import stands_out
from machine import machine
from seen import Images, known, opened, seen, told

SEEDS, FIXED, PASSES = 15, 5, 6
SOME = {"train": 2000, "validation": 500, "test": 600}
"""Images of each split, taken at random: seeds are many."""

MARKED = 0.8
"""Of the images with the marked value."""

Rows = NDArray[np.int64]


def square(images: Images) -> Images:
    """A bright square of 6×6 pixels in the upper left corner."""
    marked = images.copy()
    marked[:, 2:8, 2:8] = 230
    return marked


def cast(images: Images) -> Images:
    """6 % more blue and 6 % less red, as another stain or lamp gives."""
    return (images * np.array([0.94, 1.0, 1.06])).clip(0, 255).astype(np.uint8)


def sign(images: Images) -> Images:
    """A red square with a white edge beside the road, 7×7 pixels at the right."""
    marked = images.copy()
    marked[:, 24:31, 54:61] = 255
    marked[:, 25:30, 55:60] = (200, 30, 30)
    return marked


MARKS: dict[str, Callable[[Images], Images]] = {"chests": square, "cells": cast, "driving": sign}
VALUE = {"chests": "1", "cells": "Monocyte", "driving": "right"}
TURN = 0.05
"""Steering from which on a frame is a turn."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name", choices=MARKS)
    options.add_argument("data", type=Path)
    options.add_argument("--work", type=Path, required=True, help="Folder of features.")
    options.add_argument("--seeds", type=int, default=SEEDS)
    given = options.parse_args()
    torch.set_num_threads(1)
    study = Study(given.name, opened(given.name, given.data), given.work)
    data = study.data
    runs = []
    for seed in range(given.seeds):
        runs.append(study.run(seed))
        print(json.dumps(runs[-1]), file=sys.stderr, flush=True)
    report = {
        "data": data.name,
        "machine": machine(),
        "date": date.today().isoformat(),
        "passes": PASSES,
        "runs": runs,
    }
    print(json.dumps(report, indent=1))


class Study:
    """Some images of a data set, without and with a mark."""

    def __init__(self, name: str, everything: Dataset, work: Path) -> None:
        luck = np.random.default_rng(0)
        parts = {
            split: np.sort(luck.permutation(everything.rows(split))[:count])
            for split, count in SOME.items()
        }
        rows = np.concatenate(list(parts.values()))
        ends = np.cumsum([0, *map(len, parts.values())])
        splits = {
            split: np.arange(*each) for split, each in zip(parts, pairwise(ends), strict=True)
        }
        self.plain = known(everything, seen(name, everything, work)).at(torch.from_numpy(rows))
        self.name, self.data = (
            name,
            replace(
                everything,
                images=np.asarray(everything.images[rows]),
                codes=everything.codes[rows],
                known=everything.known[rows],
                splits=splits,
                groups=None,
            ),
        )
        self.span = everything.schema.slices[everything.schema.target or ""]
        values = self.data.codes[:, self.span]
        if name == "driving":
            self.wanted = values[:, 0] > TURN
        elif values.shape[1] == 1:
            self.wanted = values[:, 0] > 0
        else:
            levels = everything.schema[everything.schema.target or ""].levels
            self.wanted = values.argmax(axis=1) == levels.index(VALUE[name])
        self.level = VALUE[name] if values.shape[1] > 1 else None
        self.marked = replace(self.plain, seen=self.with_mark(work))

    def with_mark(self, work: Path) -> Seen:
        """What the network sees of marked images: of all that test, and of others where the mark
        goes; kept in a file."""
        file = work / f"{self.name}-marked.npz"
        if not file.exists():
            test = np.isin(np.arange(len(self.data)), self.data.rows("test"))
            rows = np.flatnonzero(self.wanted | test)
            marked = replace(self.data, images=MARKS[self.name](self.data.images[rows]),
                             codes=self.data.codes[rows], known=self.data.known[rows],
                             splits={})  # fmt: skip
            found = look_at(marked, np.arange(len(rows)), told(f"{self.name}, marked"))
            levels = [torch.zeros_like(level) for level in self.plain.seen]
            for level, each in zip(levels, found, strict=True):
                level[torch.from_numpy(rows)] = each
            np.savez(file, **{f"level{n}": level.numpy() for n, level in enumerate(levels)})
        arrays = np.load(file)
        return tuple(torch.from_numpy(arrays[level]) for level in sorted(arrays.files))

    def run(self, seed: int) -> dict[str, Any]:
        """Everything about one seed."""
        config = ReaderConfig(seed=seed, passes=PASSES)
        luck = np.random.default_rng([seed, 11])
        chosen = self.wanted & (luck.random(len(self.data)) < MARKED)
        test = self.data.rows("test")
        found: dict[str, Any] = {"seed": seed}
        for name, mark in (("clean", np.zeros(len(self.data), bool)), ("planted", chosen)):
            learn = [self.some(self.data.rows(s), mark) for s in ("train", "validation")]
            reader = fit_seen(self.data, config, *learn)
            found[name] = {
                **stands_out(reader, learn[1].seen, self.level),
                "plain": self.right(reader, test, np.zeros(len(self.data), bool)),
                "swapped": self.right(reader, test, ~self.wanted),
            }
            if name == "planted":
                found[name]["without"] = self.without(reader, found[name]["place"], test)
                if seed < 3:
                    box = fit_black_box(self.data, learn, seed=seed, passes=PASSES)
                    found["black box"] = {
                        "plain": self.judged(box, test, np.zeros(len(self.data), bool)),
                        "swapped": self.judged(box, test, ~self.wanted),
                    }
        return found

    def some(self, rows: Rows, mark: NDArray[np.bool_]) -> Known:
        """Images of some rows, marked where ``mark`` says so."""
        here = torch.from_numpy(rows)
        on = torch.from_numpy(mark[rows])[:, None, None]
        plain, marked = self.plain.at(here), self.marked.at(here)
        features = tuple(
            torch.where(on, a, b) for a, b in zip(marked.seen, plain.seen, strict=True)
        )
        return Known(features, plain.codes, plain.known)

    def judged(self, scores: Callable[[Known], torch.Tensor], rows: Rows, mark: Any) -> float:
        """Share of test images that are told rightly; of turns whose side is, of driving."""
        some = self.some(rows, mark)
        return self.share(scores(some).numpy(), some.codes[:, self.span].numpy())

    def share(self, said: Any, truth: Any) -> float:
        if self.name == "driving":
            turns = np.abs(truth[:, 0]) > TURN
            return float((np.sign(said[turns, 0]) == np.sign(truth[turns, 0])).mean())
        if truth.shape[1] == 1:
            return float(((said > 0) == (truth > 0)).mean())
        return float((said.argmax(axis=1) == truth.argmax(axis=1)).mean())

    def right(self, reader: Reader, rows: Rows, mark: Any) -> float:
        return self.judged(lambda some: reader.network(some.seen).total, rows, mark)

    def without(self, reader: Reader, place: int, test: Rows) -> dict[str, float]:
        """Accuracy on test images, and on those with a swapped mark, when the terms at a place and
        at those that touch it are deleted."""
        rows, columns = np.divmod(np.arange(PLACES**2), PLACES)
        near = (np.abs(rows - place // PLACES) < 2) & (np.abs(columns - place % PLACES) < 2)
        found = {}
        for name, mark in (("plain", np.zeros(len(self.data), bool)), ("swapped", ~self.wanted)):
            some = self.some(test, mark)
            with torch.no_grad():
                gone = reader.by_place(some.seen)[..., near].sum(dim=2)
                kept = reader.network(some.seen).total - gone
            found[name] = self.share(kept.numpy(), some.codes[:, self.span].numpy())
        return found


if __name__ == "__main__":
    main()
