"""A world of four tiles whose attributes are plain to see, and generators with known faults."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch

from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

COLOURS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
SCHEMA = Schema(
    name="tiles",
    attributes=(
        Attribute(name="lamp"),
        Attribute(name="colour", kind="categorical", levels=tuple(COLOURS)),
        Attribute(name="height", kind="continuous", range=(0, 1)),
        Attribute(name="secret"),  # cannot be seen
    ),
    augmentations=(),
)
DISCOVERED = 2


def codes(count, rng, lamp=0.5):
    """Independent attributes, the lamp on as often as said."""
    level = rng.integers(0, 3, count)
    columns = [
        np.where(rng.random((count, 1)) < lamp, 1, -1),
        2 * np.eye(3)[level] - 1,
        rng.uniform(-1, 1, (count, 1)),
        rng.choice([-1, 1], (count, 1)),
    ]
    return np.concatenate(columns, axis=1).astype(np.float32)


def paint(code, style):
    """Lamp, colour, height and style, a tile of 8×8 each; float images in [-1, 1]."""
    images = torch.full((len(code), 3, 16, 16), -1.0)
    images[:, :, :8, :8] = (code[:, 0].sign() * 0.6)[:, None, None, None]
    shades = torch.tensor(list(COLOURS.values()), dtype=torch.float32)[code[:, 1:4].argmax(dim=1)]
    images[:, :, :8, 8:] = (2 * shades - 1)[:, :, None, None]
    images[:, :, 8:, :8] = code[:, 4].clamp(-1, 1)[:, None, None, None]
    images[:, :, 8:, 8:] = (style[:, 0] / 3).clamp(-1, 1)[:, None, None, None]
    return images


def dataset(count=1500, *, lamp=0.5, hidden=0.0, seed=0):
    """Tiles with ``hidden`` of all lamp labels missing."""
    rng = np.random.default_rng(seed)
    code = codes(count, rng, lamp)
    pictures = paint(torch.from_numpy(code), torch.from_numpy(rng.standard_normal((count, 1))))
    images = ((pictures + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    known = np.ones(code.shape, bool)
    known[:, 0] = rng.random(count) >= hidden
    digit = np.arange(count) % 10
    splits = {"train": digit < 6, "validation": (digit == 6) | (digit == 7), "test": digit > 7}
    return Dataset(
        name="tiles",
        schema=SCHEMA,
        images=images,
        codes=code * known,
        known=known,
        splits={name: np.flatnonzero(rows) for name, rows in splits.items()},
        checksum=checksum(images, code, known),
    )


class Painter:
    """A model that paints tiles as told; ``spoil`` changes the code behind its back."""

    schema = SCHEMA.with_discovered(DISCOVERED)

    def __init__(self, spoil=lambda code, style: code):
        self.spoil = spoil

    def codes(self, n, *, seed=0):
        rng = np.random.default_rng(seed)
        found = rng.uniform(-1, 1, (n, DISCOVERED))
        return torch.from_numpy(np.concatenate([codes(n, rng), found], 1).astype(np.float32))

    def styles(self, n, *, seed=0):
        return torch.randn(n, 1, generator=torch.Generator().manual_seed(seed))

    def draw(self, code, style):
        return paint(self.spoil(code, style), style)

    def read_code(self, images):
        """Reads every tile, and takes the secret for always on."""
        code = torch.ones(len(images), self.schema.columns)
        code[:, 0] = images[:, 0, 0, 0]
        code[:, 1:4] = images[:, :, 0, 12]
        code[:, 4] = images[:, 0, 12, 0]
        return code

    def code_of(self, images, labels=None):
        code = self.read_code(images)
        if labels is not None:
            code[:, : labels.shape[1]] = labels
        return code

    def decide(self, images, code):
        """Agreement on the lamp alone, and a residual three times the style's tile."""
        named = SCHEMA.columns
        agreement = torch.zeros(len(images), named)
        agreement[:, 0] = code[:, 0] * images[:, 0, 0, 0]
        return SimpleNamespace(
            agreement=agreement,
            realism=torch.zeros(len(images), self.schema.columns),
            residual=3 * images[:, 0, 12, 12],
        )
