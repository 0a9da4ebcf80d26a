"""The style encoder: what an image holds beside its attributes, as a distribution over styles."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from interpretable_gan.models.gan.blocks import SLOPE, Convolution
from interpretable_gan.models.gan.discriminator import GlobalTrunk
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.shapes import Features, Style


@dataclass(frozen=True)
class Posterior:
    """``q(u | x)``: independent normal numbers, (batch, style) each."""

    mean: Style
    log_variance: Style

    def at(self, noise: Style) -> Style:
        """The styles at standard normal ``noise``: reparameterised (Kingma & Welling 2014)."""
        return self.mean + (self.log_variance / 2).exp() * noise

    def surprise(self, style: Style) -> Tensor:
        """Negative log-likelihood of styles in nats a number, without its constant; mean, ()."""
        apart = (style - self.mean).square() / self.log_variance.exp()
        return ((apart + self.log_variance) / 2).mean()


class StyleEncoder(nn.Module):
    """Reads styles from what a trunk offers for that, over a global trunk of its own.

    Shape: features (batch, seen, 8, 8) to a `Posterior` of (batch, style). Where there are more or
    fewer than ``width``, which is where they are of a published network, a convolution enters.
    ``familiar`` says how strange the same features are.
    """

    def __init__(self, style: int, seen: int, width: int) -> None:
        super().__init__()
        enter = Convolution(seen, width, kernel=1), nn.LeakyReLU(SLOPE)
        self.enter = nn.Identity() if seen == width else nn.Sequential(*enter)
        self.trunk = GlobalTrunk(width)
        self.familiar = Familiar(seen)
        self.read = nn.Linear(width * 4 * 4, 2 * style)
        nn.init.normal_(self.read.weight, std=0.1)
        nn.init.zeros_(self.read.bias)

    def forward(self, features: Features) -> Posterior:
        mean, log_variance = self.read(self.trunk(self.enter(features))).chunk(2, dim=1)
        return Posterior(mean, log_variance.clamp(-8, 2))
