"""Changes to the picture that change no named attribute, alike for real and generated images."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

JITTER = 0.2
"""How far contrast and saturation may go from 1, and light from 0; images lie in [−1, 1]."""


class Augmentation:
    """One draw, applied to every image it is given: a mirror, a shift of up to size / 16 and a
    mild change of colours, of which the schema has what is safe. Then Gaussian noise with
    σ = ``noise``, fresh for each.

    Pixels that come in from outside repeat the edge.
    """

    def __init__(self, schema: Schema, size: int, noise: float, chance: torch.Generator) -> None:
        self.noise, self.chance = noise, chance
        furthest = size // 16 if "translate" in schema.augmentations else 0
        mirror, down, right = torch.rand(3, generator=chance).tolist()
        self.mirrored = "flip" in schema.augmentations and mirror < 0.5
        self.down, self.right = (int(x * (2 * furthest + 1)) for x in (down, right))
        self.furthest, self.size = furthest, size
        self.coloured = "color" in schema.augmentations
        if self.coloured:  # drawn last and only here, so that other schemas see the same chance
            jitter = JITTER * (2 * torch.rand(3, generator=chance) - 1)
            self.light, self.contrast, self.saturation = jitter.tolist()

    def __call__(self, images: Images) -> Images:
        if self.mirrored:
            images = images.flip(3)
        if self.coloured:
            images = self._recolour(images)
        padded = F.pad(images, (self.furthest,) * 4, mode="replicate")
        rows = slice(self.down, self.down + self.size)
        columns = slice(self.right, self.right + self.size)
        seen = padded[:, :, rows, columns].contiguous(memory_format=torch.channels_last)
        return seen + self.noise * torch.randn(seen.shape, generator=self.chance).to(seen)

    def _recolour(self, images: Images) -> Images:
        """Change each pixel alike: its distance from its own grey, from middle grey, its light."""
        grey = images.mean(dim=1, keepdim=True)
        images = grey + (1 + self.saturation) * (images - grey)
        return (1 + self.contrast) * images + self.light
