"""The generator: from attributes to an image, each attribute one additive term per layer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.gan.blocks import Convolution, ModulatedBlock, ToImage
from interpretable_gan.models.gan.style_space import StyleSpace
from interpretable_gan.shapes import Code, Features, Images, Reshaped, Style

START = 4
"""Side of the learned basis from which every image grows."""


class Generator(nn.Module):
    """Draws images from a code and a style (design: ``z = (s, v, u)``).

    A learned 4×4 basis times z, then stages that double the side. Each convolution's input is
    modulated by z (`Modulation`), so the influence of a column on a layer is one additive term.

    Shape: code (batch, columns), style (batch, style) to images (batch, image_channels, size,
    size), in [-1, 1] up to what training leaves.

    Args:
        columns: columns of the code, named and discovered.
        style: how many numbers carry what has no name.
        size: side of the images, 4 times a power of two.
        widths: channels per stage, from 4×4 upwards.
        image_channels: 3 for colour, 1 for grey.

    Raises:
        ConfigError: when the number of widths does not fit the size.
    """

    def __init__(
        self, *, columns: int, style: int, size: int, widths: Sequence[int], image_channels: int = 3
    ) -> None:
        super().__init__()
        if size != START * 2 ** (len(widths) - 1):
            raise ConfigError(
                f"a generator with {len(widths)} widths draws images of side "
                f"{START * 2 ** (len(widths) - 1)}, not {size}: give one width per side from "
                f"{START} to {size}."
            )
        self.columns, self.style, self.size = columns, style, size
        self.channels = image_channels
        self.space = StyleSpace(style)
        z = columns + style
        self.basis = nn.Parameter(torch.randn(z, widths[0], START, START))
        self.start = nn.Parameter(torch.randn(widths[0], START, START))
        self.widenings = nn.ModuleList(
            Convolution(before, after, kernel=1, gain=1.0)
            for before, after in itertools.pairwise(widths)
        )
        self.stages = nn.ModuleList(ModulatedBlock(z, width) for width in widths[1:])
        self.to_image = ToImage(z, widths[-1], image_channels)

    def forward(self, code: Code, style: Style) -> Images:
        z = torch.cat([code, self.space.from_normal(style)], dim=1)
        z = z / math.sqrt(self.columns + self.style)
        features = self._begin(z)
        for widen, stage in zip(self.widenings, self.stages, strict=True):
            features = stage(double(widen(features)), z)
        return self.to_image(features, z)

    def _begin(self, z: Code) -> Features:
        grown = self.start + (z @ self.basis.flatten(1)).view(len(z), *self.start.shape)
        return grown.contiguous(memory_format=torch.channels_last)


def double(features: Features) -> Reshaped:
    """Twice the side by bilinear interpolation: no checkerboard can come from here."""
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
