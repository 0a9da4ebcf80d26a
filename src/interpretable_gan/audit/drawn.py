"""Images of somebody else's generator as a data set, labelled by judges from elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from interpretable_gan.audit.judges import ForeignJudge
from interpretable_gan.chance import generator as chance
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.data.splits import seeded_splits
from interpretable_gan.errors import ConfigError
from interpretable_gan.modalities.pictures import to_pixels
from interpretable_gan.models.frozen.program import Program
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

BATCH = 128
"""Images drawn and judged at a time."""


@torch.no_grad()
def draw_labelled(
    program: Program,
    n: int,
    *,
    judges: Sequence[ForeignJudge] = (),
    label: str = "label",
    levels: Sequence[str] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> Dataset:
    """Images of a generator with labels: what judges read in them, likelier on than off, and the
    level that was asked for where the generator takes one.

    Args:
        program: the generator.
        n: ten or more.
        judges: of binary attributes; of two that read the same, the first one counts.
        label, levels: name of the attribute that the generator takes, and of its levels.
        seed: of z, levels and splits.
        progress: told how many images are drawn.

    Raises:
        ConfigError: fewer than ten images, no attribute at all, or other levels than it takes.
    """
    if n < 10:
        raise ConfigError(f"{n} images are too few: draw 10 or more.")
    if len(levels) != program.levels:
        raise ConfigError(f"the generator takes {program.levels} levels, not {len(levels)}.")
    readers: dict[str, ForeignJudge] = {}
    for judge in judges:
        for name in judge.attributes:
            readers.setdefault(name, judge)
    schema = _labels(program.path.stem, tuple(readers), label, tuple(levels))
    images = np.empty((n, program.size, program.size, program.channels), np.uint8)
    values: dict[str, Any] = {name: [] for name in readers}
    luck = chance(seed, "drawn", 0)
    asked = torch.randint(max(len(levels), 1), (n,), generator=luck)
    for start in range(0, n, BATCH):
        progress(Status(start, n, "drawing"))
        some = slice(start, min(start + BATCH, n))
        z = torch.randn(some.stop - start, program.width, generator=luck)
        drawn = program(z, asked[some] if levels else None).clamp(-1, 1)
        images[some] = to_pixels(drawn)
        for name, on in _read(drawn, readers):
            values[name] += on
    progress(Status(n, n, "drawing"))
    if levels:
        values[label] = [levels[number] for number in asked.tolist()]
    codes, known = schema.pack(values)
    checksum = hashlib.sha256(f"{program.checksum} {n} {seed}".encode() + codes.tobytes())
    return Dataset(
        name=schema.name,
        schema=schema,
        images=images,
        codes=codes,
        known=known,
        splits=seeded_splits(n, seed=seed),
        checksum=checksum.hexdigest(),
    )


def _labels(name: str, read: tuple[str, ...], label: str, levels: tuple[str, ...]) -> Schema:
    """The attributes that judges read, and the one that the generator takes.

    Raises:
        ConfigError: there are none.
    """
    attributes = [Attribute(name=each) for each in read]
    if levels:
        attributes.append(Attribute(name=label, kind="categorical", levels=levels))
    if not attributes:
        raise ConfigError("nobody labels the images: name judges, or the levels it takes.")
    return Schema(name=name, attributes=tuple(attributes))


def _read(images: Images, readers: Mapping[str, ForeignJudge]) -> Iterator[tuple[str, list[int]]]:
    """What the judge of each attribute says of images: 1 where on is likelier than off."""
    for judge in {id(each): each for each in readers.values()}.values():
        on = np.asarray(judge.probabilities(images)) > 0.5
        for column, name in enumerate(judge.attributes):
            if readers[name] is judge:
                yield name, on[:, column].astype(int).tolist()
