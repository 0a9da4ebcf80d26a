"""Which rows train, which tune and which judge; never one person in two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.intake import Intake
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import MISSING, as_text
from interpretable_gan.schema.table import Column

Splits = dict[str, NDArray[np.int64]]

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
WORDS = {
    "train": {"0", "train", "training"},
    "validation": {"1", "validation", "val", "valid", "dev"},
    "test": {"2", "test", "testing"},
}


def seeded_splits(rows: int, *, seed: int, groups: NDArray[np.int64] | None = None) -> Splits:
    """80 % train, 10 % validation and 10 % test, drawn from ``seed``; groups stay whole.

    The shares count rows, and hold as closely as whole groups allow.
    """
    names = np.arange(rows) if groups is None else groups
    _, group, sizes = np.unique(names, return_inverse=True, return_counts=True)
    order = np.random.default_rng([seed, rows]).permutation(len(sizes))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2  # where each group lies on a line of rows
    ends = np.cumsum(list(SHARES.values()))[:-1] * rows
    split = np.empty(len(sizes), np.intp)
    split[order] = np.searchsorted(ends, middle, side="right")
    return {name: np.flatnonzero(split[group] == i) for i, name in enumerate(SHARES)}


def official_splits(
    labels: Column,
    intake: Intake,
    *,
    names: Column,
    groups: NDArray[np.int64] | None = None,
    apart: Sequence[str] = (),
) -> Splits:
    """Rows by their split's published name: train, val, test and alike, or 0, 1, 2; ``apart`` names
    further splits.

    Rows of no known split are left out, and so are validation and test rows whose group is already
    in an earlier split; both are noted in ``intake`` under the rows' ``names``.
    """
    labels = labels.tolist() if isinstance(labels, np.ndarray) else labels
    words = [as_text(label).lower() for label in labels]
    splits: Splits = {
        name: np.flatnonzero([word in known for word in words])
        for name, known in (WORDS | {name: {name} for name in apart}).items()
    }
    for row in np.setdiff1d(np.arange(len(words)), np.concatenate(list(splits.values()))):
        intake.note("unknown split", f"{names[row]} {labels[row]!r}")
    if groups is None:
        return splits
    taken = np.empty(0, np.int64)
    for name, rows in splits.items():
        clash = np.isin(groups[rows], taken)
        for row in rows[clash]:
            intake.note("group in two splits", names[row])
        splits[name] = rows[~clash]
        taken = np.union1d(taken, groups[rows])
    return splits


def empty_splits(splits: Splits, groups: NDArray[np.int64] | None, *, published: bool) -> str:
    """A sentence on splits without rows, '' if each has some."""
    empty = [name for name in SHARES if not len(splits[name])]
    if not empty:
        return ""
    if published:
        why = "the data set's own split names none, and --split-column none draws one"
    elif groups is None:
        why = f"{sum(map(len, splits.values())):,} images cannot fill three splits"
    else:
        count = len(np.unique(groups))
        why = f"{count:,} groups cannot fill three splits, and --group none splits single images"
    lost = "trained" if "train" in empty else "measured on images that were not trained on"
    return f"no {' and no '.join(empty)} images: {why}. Until then nothing can be {lost}"


def group_numbers(labels: Column) -> NDArray[np.int64]:
    """Numbers that are equal where the labels are; a row without a label is a group of its own."""
    numbers: dict[str | int, int] = {}
    texts = [as_text(label) for label in labels]
    names = [row if text.lower() in MISSING else text for row, text in enumerate(texts)]
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def rows_of(splits: Mapping[str, NDArray[np.int64]], split: str, name: str) -> NDArray[np.int64]:
    """The row numbers of one split of the data set ``name``.

    Raises:
        DataError: it has no such split.
    """
    if split not in splits:
        raise DataError(f"no split {split!r} in {name!r}; it has {', '.join(splits)}.")
    return splits[split]
