"""The encoder: from an image to evidence at places, and from evidence to attributes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.errors import DataError
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.blocks import Convolution, ResidualBlock, activate_, bounded
from interpretable_gan.shapes import Code, Features, Images, Reshaped

Evidence = Float[Tensor, "batch columns channels places places"]
"""φ: what each place shows of each code column."""

View = Tensor
"""What of images a trunk learns from: pixels (batch, channels, size, size), or the features of a
published network in a row (batch, seen)."""

CHANNELS = 2
"""Evidence channels per code column and level."""

GAIN = 4.0
"""Brings features from bounded kernels to about the size of others."""

PLACES = 8
"""Side of the grid of places where evidence is read."""


class LocalTrunk(nn.Module):
    """Images to features at 8×8 places; a place sees its patch of the image and nothing else.

    Pixels are folded into channels, so all convolutions run on a grid of 16×16.

    Shape: (batch, image_channels, size, size) to (batch, widths[1], 8, 8).
    """

    levels = 1

    def __init__(self, *, size: int, widths: tuple[int, int], image_channels: int = 3) -> None:
        super().__init__()
        self.width = self.style_width = widths[1]
        self.fold = size // (2 * PLACES)
        self.enter = Convolution(image_channels * self.fold**2, widths[0], gain=1.0)
        self.block = ResidualBlock(widths[0])
        self.leave = Convolution(widths[0], widths[1], kernel=1)

    @property
    def reach(self) -> int:
        """How many pixels a place sees beyond its own square, on every side.

        Three 3×3 convolutions on the folded grid reach three folds.
        """
        return 3 * self.fold

    def patch(self, place: int) -> slice:
        """The rows (or columns) of pixels that a row (or column) of places can see."""
        side = 2 * self.fold
        return slice(max(place * side - self.reach, 0), (place + 1) * side + self.reach)

    def view(self, images: Images) -> View:
        """What of an image the trunk learns from: its pixels."""
        return images

    def for_style(self, view: View, features: Features) -> Tensor:
        """What a style is read from: the features that the trunk made of the view."""
        return features

    def forward(self, view: View) -> Reshaped:
        features = self.enter(F.pixel_unshuffle(view, self.fold))
        features = F.avg_pool2d(activate_(self.block(features)), 2)
        return activate_(self.leave(features))


class PretrainedTrunk(nn.Module):
    """Images to features at 8×8 places, from three depths of a published network (`Lite0`).

    Its early features are bounded: a place sees its patch, less than a third of the image's side,
    and nothing else. Those of the two deeper levels see all of the image, wherever they stand. The
    published network is fixed and no part of the trunk's weights; each level learns a head.

    Shape: a view (batch, seen) to (batch, 3 · widths[1], 8, 8), level by level.
    """

    levels = len(pretrained.TAPS)

    def __init__(self, *, size: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.width = self.levels * widths[1]
        self.style_width = sum(tap.channels for tap in pretrained.TAPS)
        self.shapes = [
            (tap.channels, *(pretrained.ENLARGED * size // tap.stride,) * 2)
            for tap in pretrained.TAPS
        ]
        self.heads = nn.ModuleList(
            bounded(Head(tap.channels, widths, deep=level > 0))
            for level, tap in enumerate(pretrained.TAPS)
        )

    def patch(self, place: int) -> slice:
        """The rows (or columns) of pixels that a row (or column) of places can see at the first
        level."""
        side = self.shapes[0][1] // PLACES  # features under a place
        first, last = place * side - Head.reach, (place + 1) * side - 1 + Head.reach
        network = pretrained.lite0(next(self.parameters()).device)
        seen = network.patch(pretrained.TAPS[0], first, last)
        return slice(max(seen.start, 0), seen.stop)

    def view(self, images: Images) -> View:
        """What of an image the trunk learns from: the published network's features."""
        network = pretrained.lite0(images.device)
        return torch.cat([each.flatten(1) for each in network(images)], dim=1)

    def by_level(self, view: View) -> list[Tensor]:
        """The published network's features of each level, (batch, channels, height, width)."""
        levels = torch.split(view, [math.prod(shape) for shape in self.shapes], dim=1)
        return [level.view(-1, *shape) for level, shape in zip(levels, self.shapes, strict=True)]

    def for_style(self, view: View, features: Features) -> Tensor:
        """What a style is read from: the published network's features at 8×8 places. The heads'
        hold what tells real from generated, and change with that."""
        return torch.cat([F.adaptive_avg_pool2d(e, PLACES) for e in self.by_level(view)], dim=1)

    def forward(self, view: View) -> Reshaped:
        seen = [
            head(level.contiguous(memory_format=torch.channels_last))
            for head, level in zip(self.heads, self.by_level(view), strict=True)
        ]
        return torch.cat(seen, dim=1)


class Head(nn.Module):
    """What is learned on one level of a published network. Its kernels are `bounded`: features that
    tell all are there from the start, and a discriminator that may be as steep as it likes on them
    wins before the generator has learned anything.

    Shape: (batch, channels, height, width) to (batch, widths[1], 8, 8).
    """

    reach = 1
    """Features that a place sees beyond its own on every side, by the one 3×3 convolution of a head
    that is not ``deep``."""

    def __init__(self, channels: int, widths: tuple[int, int], *, deep: bool) -> None:
        super().__init__()
        self.enter = Convolution(channels, widths[0], gain=1.0)
        self.block = ResidualBlock(widths[0]) if deep else nn.Identity()
        self.leave = Convolution(widths[0], widths[1], kernel=1)

    def forward(self, features: Features) -> Reshaped:
        features = activate_(self.leave(activate_(self.block(self.enter(features)))))
        return GAIN * F.adaptive_avg_pool2d(features, PLACES)


Trunk = LocalTrunk | PretrainedTrunk


class LinearRead(nn.Module):
    """A weighted sum of evidence over channels and places, one number per column.

    Nothing follows the sum, so `contributions` add up to what ``forward`` returns. The weights are
    kept at about 1 and scaled on use, so that they move as fast as others do: by 1 / √terms where
    every place has its own. With several ``levels`` all places of a level share theirs: a sum over
    places alone, as in a patch discriminator (Isola et al. 2017).
    """

    weight: Tensor

    def __init__(self, columns: int, gain: float = 1.0, *, levels: int = 1) -> None:
        super().__init__()
        channels, side = levels * CHANNELS, PLACES if levels == 1 else 1
        self.weight = nn.Parameter(torch.randn(columns, channels, side, side) * gain)
        self.scale = 1 / (math.sqrt(channels) * PLACES if levels == 1 else PLACES)

    @property
    def weights(self) -> Float[Tensor, "columns channels side side"]:
        """What evidence is multiplied by; ``side`` is 8, or 1 where places share weights."""
        return self.weight * self.scale

    def by_level(self, evidence: Evidence) -> Float[Tensor, "batch columns levels places places"]:
        """What each place of each level adds to each column's number."""
        terms = evidence * self.weights
        return torch.stack([each.sum(dim=2) for each in torch.split(terms, CHANNELS, dim=2)], dim=2)

    def contributions(self, evidence: Evidence) -> Float[Tensor, "batch columns places places"]:
        """What each place adds to each column's number, over all levels."""
        return self.by_level(evidence).sum(dim=2)

    def forward(self, evidence: Evidence) -> Code:
        (read,) = read_together(evidence, self)
        return read


class ChannelRead(LinearRead):
    """One channel of the evidence, at every level, averaged over places and summed over levels,
    times ``gain``. It has nothing to learn: where evidence comes from `bounded` kernels, what is
    read of it is bounded too.
    """

    def __init__(self, columns: int, channel: int, *, levels: int, gain: float) -> None:
        nn.Module.__init__(self)
        chosen = torch.zeros(columns, levels * CHANNELS, 1, 1)
        chosen[:, channel::CHANNELS] = gain
        self.register_buffer("weight", chosen, persistent=False)
        self.scale = 1 / PLACES**2


def read_together(evidence: Evidence, *reads: LinearRead) -> tuple[Tensor, ...]:
    """What each read says, (batch, columns), in one pass over the evidence: it is memory that a
    read waits for. A read of the first columns alone gives no more than these.
    """
    columns = evidence.shape[1]
    weights = torch.stack(
        [F.pad(r.weights, (0,) * 7 + (columns - len(r.weight),)) for r in reads], dim=1
    )
    if weights.shape[-1] == 1:  # all places share theirs
        evidence = evidence.sum(dim=(3, 4), keepdim=True)
    numbers = torch.einsum("bkchw,krchw->kbr", evidence, weights)
    return tuple(
        each.T[:, : len(r.weight)] for each, r in zip(numbers.unbind(2), reads, strict=True)
    )


class Encoder(nn.Module):
    """Reads attributes from images: ``ŝ_k(x) = c_k + Σ_ij e_k(i,j)·φ_k(i,j)``.

    Readings are linear: a log-odds for a binary attribute or a level, a value for a continuous
    or discovered one.

    Shape: (batch, image_channels, size, size) to (batch, columns).
    """

    def __init__(self, *, columns: int, trunk: Trunk) -> None:
        super().__init__()
        self.columns, self.trunk = columns, trunk
        to_evidence = Convolution(
            trunk.width,
            trunk.levels * columns * CHANNELS,
            kernel=1,
            gain=1.0,
            groups=trunk.levels,
        )
        self.to_evidence = to_evidence if trunk.levels == 1 else bounded(to_evidence)
        self.read = LinearRead(columns, levels=trunk.levels)
        self.offset = nn.Parameter(torch.zeros(columns))

    def features(self, images: Images) -> Reshaped:
        """What the trunk sees of images."""
        return self.trunk(self.trunk.view(images))

    def evidence(self, features: Features) -> Evidence:
        """φ from the trunk's features, column by column in memory, where reading it is several
        times faster."""
        evidence = self.to_evidence(features)
        if self.trunk.levels > 1:  # from level by level to column by column
            levels = evidence.contiguous().chunk(self.trunk.levels, dim=1)
            split = [level.unflatten(1, (self.columns, CHANNELS)) for level in levels]
            return torch.cat(split, dim=2)
        return evidence.contiguous().unflatten(1, (self.columns, CHANNELS))

    def reading(self, evidence: Evidence) -> Code:
        """ŝ from evidence."""
        return self.offset + self.read(evidence)

    def seen(self, images: Images) -> tuple[Code, Tensor]:
        """ŝ of images, and the features that their style is read from."""
        view = self.trunk.view(images)
        features = self.trunk(view)
        return self.reading(self.evidence(features)), self.trunk.for_style(view, features)

    def forward(self, images: Images) -> Code:
        return self.reading(self.evidence(self.features(images)))


def trunk_of(name: str, *, size: int, widths: tuple[int, int], image_channels: int) -> Trunk:
    """A fresh trunk: ``own``, or on a published network.

    Raises:
        DataError: grey images for a network that was trained on colours.
        MissingExtraError: the published network is not installed.
    """
    if name == "own":
        return LocalTrunk(size=size, widths=widths, image_channels=image_channels)
    if image_channels != 3:
        raise DataError(f"a trunk of {name} takes images in colour: set trunk=own for grey ones.")
    pretrained.weights()
    return PretrainedTrunk(size=size, widths=widths)
