"""Changes to the picture that change no named attribute, alike for real and generated images."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from interpretable_gan.semantics.schema import Schema
from interpretable_gan.shapes import Images


class Augmentation:
    """One draw, applied to every image it is given: a mirror and a shift of up to size / 16, of
    which the schema has what is safe. Then Gaussian noise with σ = ``noise``, fresh for each.

    Pixels that come in from outside repeat the edge.
    """

    def __init__(self, schema: Schema, size: int, noise: float, chance: torch.Generator) -> None:
        self.noise, self.chance = noise, chance
        furthest = size // 16 if "translate" in schema.augmentations else 0
        mirror, down, right = torch.rand(3, generator=chance).tolist()
        self.mirrored = "flip" in schema.augmentations and mirror < 0.5
        self.down, self.right = (int(x * (2 * furthest + 1)) for x in (down, right))
        self.furthest, self.size = furthest, size

    def __call__(self, images: Images) -> Images:
        if self.mirrored:
            images = images.flip(3)
        padded = F.pad(images, (self.furthest,) * 4, mode="replicate")
        rows = slice(self.down, self.down + self.size)
        columns = slice(self.right, self.right + self.size)
        seen = padded[:, :, rows, columns].contiguous(memory_format=torch.channels_last)
        return seen + self.noise * torch.randn(seen.shape, generator=self.chance).to(seen)
