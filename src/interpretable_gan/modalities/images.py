"""Images as models take them: the one gate for bad input, and a picture to look at."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from interpretable_gan.data.decoding import seems_unit_range
from interpretable_gan.errors import DataError, InterpretableGANWarning
from interpretable_gan.modalities.pictures import Row, compose, to_pixels

TOLERANCE = 0.01
"""How far images may go beyond [-1, 1], as rounding and resizing do: about a grey level."""

COLUMNS, SIDE = 8, 128
"""Images side by side in a picture, and the least pixels that the side of one has there."""


@dataclass(frozen=True)
class ImageModality:
    """Square images of ``size`` pixels with 3 (RGB) or 1 (grey) ``channels``, in [-1, 1]."""

    size: int
    channels: int

    def check(self, examples: Any) -> Tensor:
        """The images as networks want them in memory, float32, where they were.

        Values of [0, 1] alone are taken as they are, with a warning: most often they were meant to
        be scaled, but bright images and parts of images lie there rightly.

        Args:
            examples: a tensor or a NumPy array ``(batch, channels, size, size)``, one or more, of
                any float type, in [-1, 1] to `TOLERANCE`.

        Raises:
            DataError: no images, images of another shape or type, or beyond [-1, 1].
        """
        images = _as_tensor(examples)
        self._check_shape(tuple(images.shape))
        if not images.is_floating_point():
            raise DataError(
                f"images are {images.dtype}, but this model reads floats in [-1, 1]: convert 0 to "
                "255 by images.float() / 127.5 - 1."
            )
        images = images.float()
        if not images.is_meta:  # which has shapes alone
            _check_range(images)
        return images.contiguous(memory_format=torch.channels_last)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        """Refuse all but ``(batch, channels, size, size)``."""
        size, channels = self.size, self.channels
        if len(shape) != 4 or not shape[0]:
            raise DataError(
                f"images of shape {shape}: give one or more as (batch, {channels}, "
                f"{size}, {size}); a single one is image[None]."
            )
        if shape[1:] == (size, size, channels) != (channels, size, size):
            raise DataError(
                f"images of shape {shape} have their channels last, but this model reads (batch, "
                f"{channels}, {size}, {size}): move them by torch.as_tensor(images).movedim(3, 1)."
            )
        if shape[2:] != (size, size):
            raise DataError(
                f"images have {shape[2]}×{shape[3]} pixels, but this model reads "
                f"{size}×{size}: resize them first."
            )
        if shape[1] != channels:
            raise DataError(
                f"images have {shape[1]} channels, but this model reads {channels} "
                f"({'grey' if channels == 1 else 'RGB'}): convert them first."
            )

    def show(self, examples: Any) -> Image.Image:
        """Images as one picture, `COLUMNS` in a row, in reading order.

        Args:
            examples: as `check` takes them.

        Raises:
            DataError: as `check` does.
        """
        pixels = to_pixels(self.check(examples))
        rows = [Row(pixels[first : first + COLUMNS]) for first in range(0, len(pixels), COLUMNS)]
        return compose(rows, scale=-(-SIDE // self.size))


def _check_range(images: Tensor) -> None:
    """Refuse values beyond [-1, 1], and doubt those of [0, 1] alone."""
    low, high = (float(end) for end in torch.aminmax(images.detach()))
    if not (low >= -1 - TOLERANCE and high <= 1 + TOLERANCE):
        raise DataError(
            f"images reach from {low:.3g} to {high:.3g}, but this model reads [-1, 1]: scale "
            "them first, 0 to 255 by images / 127.5 - 1."
        )
    if seems_unit_range(low, high):
        warnings.warn(
            f"images reach from {low:.3g} to {high:.3g}, and this model takes -1 for black: if "
            "yours have 0 for black, scale them by images * 2 - 1.",
            InterpretableGANWarning,
            stacklevel=3,
        )


def _as_tensor(examples: Any) -> Tensor:
    """A tensor as it is, and arrays of floats of any strides, byte order and precision.

    Raises:
        DataError: something else, or an array of other than floats.
    """
    if isinstance(examples, Tensor):
        return examples
    if not isinstance(examples, np.ndarray):
        raise DataError(
            f"images are {type(examples).__name__}: give one tensor or NumPy array (batch, "
            "channels, height, width)."
        )
    if examples.dtype.kind != "f" and examples.dtype.name != "bfloat16":  # which NumPy calls V
        raise DataError(
            f"images are an array of {examples.dtype}, but this model reads floats in [-1, 1]: "
            "convert 0 to 255 by images / 127.5 - 1."
        )
    return torch.from_numpy(np.array(examples, np.float32))
