"""The data of the applications, and what the published network sees of them, kept in files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan import open_dataset
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.reader.fit import Known, look_at
from interpretable_gan.models.reader.networks import Seen
from interpretable_gan.progress import Status

FILES = {
    "cells": "wbcatt/wbcatt64_jpeg.npz",
    "chests": "pneumoniamnist/pneumoniamnist.npz",
    "driving": "driving/driving64_jpeg.npz",
}
"""Names of the applications, and their files in the folder of data."""

TARGETS = {"cells": "label", "chests": "label", "driving": "steering"}
STRETCHES, LEARNED, CHOSEN = 30, (0, 1, 3), (2,)
"""A drive is cut into stretches of equal length; of each five in a row these train and validate,
and the last one tests."""

Images = NDArray[np.uint8]
Change = Callable[[Images], Images]
"""What is done to images, uint8 (images, side, side, channels)."""


def opened(name: str, folder: Path) -> Dataset:
    """The data of an application at 64×64, with its target; exact duplicates of test images, and of
    validation images among those that train, are left out of training and validation."""
    data = open_dataset(str(folder / FILES[name]), size=64)
    if name == "driving":
        stretches = stretch_of(folder / FILES[name])
        data = replace(data, splits=by_stretch(stretches), groups=stretches)
    schema = data.schema.with_target(TARGETS[name])
    return replace(data, schema=schema, splits=without_duplicates(data))


def stretch_of(file: Path) -> NDArray[np.int64]:
    """The stretch of each frame."""
    frames = np.load(file)["frame_index"].astype(np.int64)
    return frames * STRETCHES // (frames.max() + 1)


def by_stretch(stretches: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Rows of each split, such that neighbouring frames are in the same one."""
    parts = {"train": LEARNED, "validation": CHOSEN, "test": (4,)}
    return {split: np.flatnonzero(np.isin(stretches % 5, part)) for split, part in parts.items()}


def without_duplicates(data: Dataset) -> dict[str, NDArray[np.int64]]:
    """The splits, without images that occur again in a later one of train, validation, test."""
    images = np.asarray(data.images[:])
    kept, later = {}, set[bytes]()
    for split in ("test", "validation", "train"):
        each = {int(row): images[row].tobytes() for row in data.rows(split)}
        kept[split] = np.array([row for row, image in each.items() if image not in later], np.int64)
        later |= set(each.values())
    return kept


def seen(
    name: str, data: Dataset, work: Path, what: str = "as-they-are", change: Change | None = None
) -> Seen:
    """What the network sees of all images, changed or not; kept in the folder ``work``."""
    file = work / f"{name}-{what}.npz"
    if not file.exists():
        images = np.asarray(data.images[:])
        changed = data if change is None else replace(data, images=change(images))
        found = look_at(changed, np.arange(len(data)), told(f"{name}, {what}"))
        np.savez(file, **{f"level{n}": level.numpy() for n, level in enumerate(found)})
    arrays = np.load(file)
    return tuple(torch.from_numpy(arrays[level]) for level in sorted(arrays.files))


def known(data: Dataset, features: Seen) -> Known:
    """All images of an application, seen."""
    return Known(features, torch.from_numpy(data.codes), torch.from_numpy(data.known))


def told(what: str) -> Callable[[Status], None]:
    """Progress on stderr, now and then."""

    def tell(status: Status) -> None:
        if status.done % 2048 == 0:
            print(what, status, file=sys.stderr, flush=True)

    return tell
