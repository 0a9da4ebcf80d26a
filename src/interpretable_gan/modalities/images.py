"""Images of one size: the only code that knows their shape, type and range."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from interpretable_gan.errors import DataError
from interpretable_gan.modalities.pictures import Row, compose
from interpretable_gan.shapes import Images

TOLERANCE = 0.01
"""How far images may go beyond [-1, 1], as rounding and resizing do: about a grey level."""
COLUMNS = 8
"""Images side by side where they are shown."""


@dataclass(frozen=True)
class ImageModality:
    """Square images of one size, in [-1, 1].

    Args:
        size: height and width in pixels.
        channels: 3 for RGB, 1 for grey.
    """

    size: int
    channels: int

    def check(self, examples: Tensor) -> Images:
        """The images as float32.

        Args:
            examples: ``(batch, channels, size, size)``, one or more, of any float type, in [-1, 1]
                to `TOLERANCE`.

        Raises:
            DataError: no images, images of another shape or type, or beyond [-1, 1].
        """
        images, size, channels = examples, self.size, self.channels
        if images.ndim != 4 or not len(images):
            raise DataError(
                f"images of shape {tuple(images.shape)}: give one or more as (batch, {channels}, "
                f"{size}, {size}); a single one is image[None]."
            )
        if images.shape[2:] != (size, size):
            raise DataError(
                f"images have {images.shape[2]}×{images.shape[3]} pixels, but this model reads "
                f"{size}×{size}: resize them first."
            )
        if images.shape[1] != channels:
            raise DataError(
                f"images have {images.shape[1]} channels, but this model reads {channels} "
                f"({'grey' if channels == 1 else 'RGB'}): convert them first."
            )
        if not images.is_floating_point():
            raise DataError(
                f"images are {images.dtype}, but this model reads floats in [-1, 1]: convert 0 to "
                "255 by images.float() / 127.5 - 1."
            )
        if not images.is_meta:
            low, high = (float(end) for end in torch.aminmax(images.detach()))
            if not (low >= -1 - TOLERANCE and high <= 1 + TOLERANCE):
                raise DataError(
                    f"images reach from {low:.3g} to {high:.3g}, but this model reads [-1, 1]: "
                    "scale them first, 0 to 255 by images / 127.5 - 1."
                )
        return images.float()

    def show(self, examples: Images) -> Image.Image:
        """A grid of the images, `COLUMNS` in a row."""
        return compose([Row(some) for some in torch.split(examples, COLUMNS)])
