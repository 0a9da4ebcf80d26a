"""The parts that the networks are built from. No normalisation layers anywhere."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import is_parametrized

from interpretable_gan.shapes import Code, Features, Images, Reshaped

SLOPE = 0.2
ACTIVATION_GAIN = math.sqrt(2 / (1 + SLOPE**2))  # keeps the variance through the leaky ReLU


def activate(features: Features) -> Features:
    """Leaky ReLU, the only non-linearity of the project."""
    return F.leaky_relu(features, SLOPE)


def activate_(features: Features) -> Features:
    """The same in place, for features that nobody else looks at."""
    return F.leaky_relu_(features, SLOPE)


class Convolution(nn.Conv2d):
    """A same-size convolution, started so that ``gain`` = √2 keeps the variance of its input.

    Its kernel is kept as a matrix, (outputs, kernel² · inputs): that is what its optimiser turns.
    With ``groups``, each share of the outputs sees its own share of the inputs.

    Shape: (batch, inputs, height, width) to (batch, outputs, height, width).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        gain: float = ACTIVATION_GAIN,
        groups: int = 1,
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, groups=groups)
        terms = kernel**2 * inputs // groups
        self.weight = nn.Parameter(torch.randn(outputs, terms) * gain / math.sqrt(terms))
        nn.init.zeros_(self.bias)  # type: ignore[arg-type]

    @property
    def kernel(self) -> Tensor:
        """The matrix as convolutions take it, (outputs, inputs, kernel, kernel); a view."""
        rows = self.weight.view(self.out_channels, *self.kernel_size, -1)
        return rows.permute(0, 3, 1, 2)

    def forward(self, features: Features) -> Reshaped:
        return self._conv_forward(features, self.kernel, self.bias)


def kernels(network: nn.Module) -> list[nn.Parameter]:
    """The kernels of a network's convolutions, each a matrix, but for those that are `bounded`."""
    convolutions = [each for each in network.modules() if isinstance(each, Convolution)]
    return [each.weight for each in convolutions if not is_parametrized(each)]  # type: ignore[misc]


Network = TypeVar("Network", bound=nn.Module)


def bounded(network: Network) -> Network:
    """The same network, each of whose kernels is divided by its largest singular value on use:
    spectral normalisation (Miyato et al. 2018). So what it returns moves no further than a fixed
    number of times as far as what it is given.
    """
    for each in list(network.modules()):
        if isinstance(each, Convolution):
            spectral_norm(each)
    return network


class Modulation(nn.Module):
    """Scale and shift features by what the code says, one additive term per code column.

    Channel c is scaled by ``1 + Σ_k z_k a[k, c]`` and shifted by ``Σ_k z_k b[k, c]``. The terms
    only add, so `effects` is exact: their sum is what ``forward`` applies. ``‖a[k]‖`` and
    ``‖b[k]‖`` are the footprint of column k in this layer, known before any image is drawn.

    Shape: features and output are (batch, channels, height, width); z is (batch, columns),
    the code and the style side by side, at unit length.
    """

    def __init__(self, columns: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randn(columns, channels) * 0.5)
        self.shift = nn.Parameter(torch.randn(columns, channels) * 0.5)

    def effects(
        self, z: Code
    ) -> tuple[Float[Tensor, "batch columns channels"], Float[Tensor, "batch columns channels"]]:
        """How far each column moves the scale and the shift of each channel."""
        return z[:, :, None] * self.scale, z[:, :, None] * self.shift

    def forward(self, features: Features, z: Code) -> Features:
        scale, shift = 1 + z @ self.scale, z @ self.shift  # (batch, channels)
        return torch.addcmul(
            shift[:, :, None, None].to(features.dtype),
            features,
            scale[:, :, None, None].to(features.dtype),
        )


class ModulatedBlock(nn.Module):
    """Two modulated convolutions beside a skip: a stage of the generator.

    Shape: (batch, channels, height, width) in and out.
    """

    def __init__(self, columns: int, channels: int) -> None:
        super().__init__()
        self.modulations = nn.ModuleList(Modulation(columns, channels) for _ in range(2))
        self.convolutions = nn.ModuleList(
            [Convolution(channels, channels), Convolution(channels, channels, gain=0.3)]
        )

    def forward(self, features: Features, z: Code) -> Features:
        residual = features
        for modulate, convolve in zip(self.modulations, self.convolutions, strict=True):
            residual = convolve(activate_(modulate(residual, z)))
        return features + residual


class ResidualBlock(nn.Module):
    """Two convolutions beside a skip: a stage of the discriminator.

    Shape: (batch, channels, height, width) in and out. Each kernel of 3 lets a place see
    one more neighbour on every side.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Convolution(channels, channels)
        self.second = Convolution(channels, channels, gain=0.3)

    def forward(self, features: Features) -> Features:
        return features + self.second(activate_(self.first(activate(features))))


class ToImage(nn.Module):
    """The last reading of the generator: features to pixels.

    Shape: (batch, channels, height, width) to (batch, image channels, height, width).
    """

    def __init__(self, columns: int, channels: int, image_channels: int) -> None:
        super().__init__()
        self.modulation = Modulation(columns, channels)
        self.convolution = Convolution(channels, image_channels, gain=0.5)

    def forward(self, features: Features, z: Code) -> Images:
        return self.convolution(activate_(self.modulation(features, z)))
