"""The two networks behind evaluators. They share no kind of layer but the convolution, so that an
image which fools one of them need not fool the other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.shapes import Code, Features, Images

Vector = Float[Tensor, "batch features"]


class ResidualStage(nn.Module):
    """Halve by max pooling, then two normalised convolutions beside a skip (He et al. 2016).

    Shape: (batch, inputs, height, width) to (batch, outputs, height // 2, width // 2).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, features: Features) -> Features:
        features = F.max_pool2d(features, 2)
        inner = F.relu(self.first_norm(self.first(features)))
        return F.relu(self.skip(features) + self.second_norm(self.second(inner)))


class ResidualNetwork(nn.Module):
    """Residual, with batch normalisation, max pooling and dropout; reads places apart.

    Shape: images (batch, channels, size, size) to readings (batch, columns).
    """

    def __init__(self, columns: int, channels: int, size: int) -> None:
        super().__init__()
        self.stem = _stem(channels, 24, kernel=3, stride=max(1, size // 32))
        self.stages = nn.Sequential(
            ResidualStage(24, 32), ResidualStage(32, 64), ResidualStage(64, 96)
        )
        self.hidden = nn.Linear(96 * 4 * 4, 128)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(128, columns)

    def features(self, images: Images) -> Vector:
        """What the last layer sees, (batch, 128)."""
        places = F.adaptive_avg_pool2d(self.stages(F.relu(self.stem(images))), 4)
        return F.relu(self.hidden(places.flatten(1)))

    def forward(self, images: Images) -> Code:
        return self.head(self.dropout(self.features(images)))


class PlainNetwork(nn.Module):
    """No skips: a large first kernel, strides, group normalisation, coarse global averages.

    Shape: images (batch, channels, size, size) to readings (batch, columns).
    """

    def __init__(self, columns: int, channels: int, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _stem(channels, 32, kernel=7, stride=max(1, size // 16)),
            nn.GroupNorm(8, 32), nn.SiLU(),
            nn.Conv2d(32, 64, 3, 1, 1), nn.GroupNorm(8, 64), nn.SiLU(),
            nn.Conv2d(64, 96, 3, 2, 1), nn.GroupNorm(8, 96), nn.SiLU(),
            nn.Conv2d(96, 128, 3, 2, 1), nn.GroupNorm(8, 128), nn.SiLU(),
        )  # fmt: skip
        self.head = nn.Linear(128, columns)

    def features(self, images: Images) -> Vector:
        """What the last layer sees, (batch, 128)."""
        return self.layers(images).mean(dim=(2, 3))

    def forward(self, images: Images) -> Code:
        return self.head(self.features(images))


class Panel(nn.Module):
    """Networks of one architecture, and the mean of what they read in an image and, where that
    means the same, in its mirror image (Lakshminarayanan et al. 2017).

    It is right more often than each of them, and changes its mind less by chance.

    Shape: images (batch, channels, size, size) to readings (batch, columns).
    """

    def __init__(self, members: Sequence[nn.Module], *, mirrored: bool) -> None:
        super().__init__()
        self.members, self.mirrored = nn.ModuleList(members), mirrored

    def features(self, images: Images) -> Vector:
        """What the last layer of the first member sees, (batch, 128)."""
        seen: Vector = self.members[0].features(images)  # type: ignore[operator]
        return seen

    def forward(self, images: Images) -> Code:
        views = [images, images.flip(3)] if self.mirrored else [images]
        return torch.stack([member(view) for member in self.members for view in views]).mean(dim=0)


def _stem(inputs: int, outputs: int, *, kernel: int, stride: int) -> nn.Conv2d:
    """A first layer whose stride makes large pictures cost what small ones do."""
    kernel = max(kernel, 2 * stride + 1)
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


ARCHITECTURES = {"residual": ResidualNetwork, "plain": PlainNetwork}
"""Name → network class; all take (columns, channels, size)."""
