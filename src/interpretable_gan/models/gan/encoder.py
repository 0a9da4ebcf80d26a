"""The encoder: from an image to evidence at places, and from evidence to attributes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.models.gan.blocks import Convolution, ResidualBlock, activate_
from interpretable_gan.shapes import Code, Features, Images, Reshaped

Evidence = Float[Tensor, "batch columns channels places places"]
"""φ: what each place shows of each code column."""

CHANNELS = 2
"""Evidence channels per code column."""

PLACES = 8
"""Side of the grid of places where evidence is read."""


class LocalTrunk(nn.Module):
    """Images to features at 8×8 places; a place sees its patch of the image and nothing else.

    Pixels are folded into channels, so all convolutions run on a grid of 16×16.

    Shape: (batch, image_channels, size, size) to (batch, widths[1], 8, 8).
    """

    def __init__(self, *, size: int, widths: tuple[int, int], image_channels: int = 3) -> None:
        super().__init__()
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

    def forward(self, images: Images) -> Reshaped:
        features = self.enter(F.pixel_unshuffle(images, self.fold))
        features = F.avg_pool2d(activate_(self.block(features)), 2)
        return activate_(self.leave(features))


class LinearRead(nn.Module):
    """A weighted sum of evidence over channels and places, one number per column.

    Nothing follows the sum, so `contributions` add up to what ``forward`` returns. The weights are
    kept at about 1 and scaled on use by 1 / √terms, so that they move as fast as others do.
    """

    def __init__(self, columns: int, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(columns, CHANNELS, PLACES, PLACES) * gain)
        self.scale = 1 / math.sqrt(CHANNELS * PLACES * PLACES)

    def contributions(self, evidence: Evidence) -> Float[Tensor, "batch columns places places"]:
        """What each place adds to each column's number."""
        return (evidence * (self.weight * self.scale)).sum(dim=2)

    def forward(self, evidence: Evidence) -> Code:
        (read,) = read_together(evidence, self)
        return read


def read_together(evidence: Evidence, *reads: LinearRead) -> tuple[Tensor, ...]:
    """What each read says, (batch, columns), in one pass over the evidence: it is memory that a
    read waits for. A read of the first columns alone gives no more than these.
    """
    columns = evidence.shape[1]
    weights = torch.stack(
        [F.pad(r.weight * r.scale, (0,) * 7 + (columns - len(r.weight),)) for r in reads], dim=1
    )
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

    def __init__(
        self, *, columns: int, size: int, widths: tuple[int, int], image_channels: int = 3
    ) -> None:
        super().__init__()
        self.columns = columns
        self.trunk = LocalTrunk(size=size, widths=widths, image_channels=image_channels)
        self.to_evidence = Convolution(widths[1], columns * CHANNELS, kernel=1, gain=1.0)
        self.read = LinearRead(columns)
        self.offset = nn.Parameter(torch.zeros(columns))

    def evidence(self, features: Features) -> Evidence:
        """φ from the trunk's features, column by column in memory, where reading it is several
        times faster."""
        return self.to_evidence(features).contiguous().unflatten(1, (self.columns, CHANNELS))

    def reading(self, evidence: Evidence) -> Code:
        """ŝ from evidence."""
        return self.offset + self.read(evidence)

    def forward(self, images: Images) -> Code:
        return self.reading(self.evidence(self.trunk(images)))
