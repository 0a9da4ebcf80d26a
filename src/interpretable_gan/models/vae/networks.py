"""The networks of a VAE: a recogniser from images to a posterior, a generator back, a critic."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from interpretable_gan.models.gan.discriminator import GlobalTrunk
from interpretable_gan.models.gan.encoder import Encoder, LocalTrunk
from interpretable_gan.models.gan.familiar import Familiar
from interpretable_gan.models.gan.generator import Generator
from interpretable_gan.models.gan.reading import SPREAD, Reading
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.models.vae.config import VAEConfig
from interpretable_gan.models.vae.objectives import Critic
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Reshaped


@dataclass(frozen=True)
class Seen:
    """What the recogniser makes of images: features of the trunk, raw readings (batch, columns),
    and q(z|x), z = (code, style)."""

    features: Reshaped
    reading: Code
    posterior: Posterior


class Recogniser(nn.Module):
    """Reads q(z|x) from images, z = (named, discovered, style).

    The encoder reads attributes as that of a GAN does, each a sum over places. The mean of a named
    latent is what is read as a code in [-1, 1], and learns from labels alone: no gradient of the
    reconstruction passes, so that nothing can be hidden under a name. Discovered means are the
    readings themselves. All variances, and style, come from a trunk that sees the whole image.
    """

    def __init__(self, schema: Schema, style: int, trunk: LocalTrunk) -> None:
        super().__init__()
        self.named, self.columns = schema.named_columns, schema.columns
        self.reading = Reading(schema)
        self.encoder = Encoder(columns=self.columns, trunk=trunk)
        self.global_trunk = GlobalTrunk(trunk.width)
        self.familiar = Familiar(trunk.style_width)
        self.read = nn.Linear(trunk.width * 4 * 4, self.columns + 2 * style)
        nn.init.normal_(self.read.weight, std=0.1)
        nn.init.zeros_(self.read.bias)

    def forward(self, images: Images) -> Seen:
        features = self.encoder.features(images)
        reading = self.encoder.reading(self.encoder.evidence(features)).float()
        rest = self.read(self.global_trunk(features)).float()
        spread, style, style_spread = rest.split(
            [self.columns, *[(rest.shape[1] - self.columns) // 2] * 2], dim=1
        )
        code = self.reading.as_code(reading.detach())[:, : self.named]
        mean = torch.cat([code, reading[:, self.named :], style], dim=1)
        log_variance = torch.cat([spread, style_spread], dim=1).clamp(-8, 2)
        return Seen(features, reading, Posterior(mean, log_variance))


@dataclass(frozen=True)
class Networks:
    """``critic`` is there for FactorVAE alone."""

    generator: Generator
    recogniser: Recogniser
    critic: Critic | None

    def named(self) -> dict[str, nn.Module]:
        """The networks that training changes, by the name under which they are saved."""
        found: dict[str, nn.Module] = {"generator": self.generator, "recogniser": self.recogniser}
        return found if self.critic is None else found | {"critic": self.critic}


def build(schema: Schema, config: VAEConfig, channels: int) -> Networks:
    """Fresh networks, equal for equal seeds. ``schema`` has its discovered attributes already."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        generator = Generator(
            columns=schema.columns,
            style=config.style,
            size=config.size,
            widths=config.generator_widths,
            image_channels=channels,
        )
        trunk = LocalTrunk(size=config.size, widths=config.encoder_widths, image_channels=channels)
        recogniser = Recogniser(schema, config.style, trunk)
        unnamed = config.discovered + config.style
        critic = Critic(unnamed) if config.objective == "factor" else None
    return Networks(generator, recogniser, critic)


def prior_scale(columns: int, style: int) -> Tensor:
    """σ of the prior of each latent (columns + style,): a third for those of the code, whose range
    of [-1, 1] is then that of three σ, and 1 for those of style."""
    return torch.cat([torch.full((columns,), SPREAD), torch.ones(style)])


def in_units(posterior: Posterior, mean: Tensor, scale: Tensor) -> Posterior:
    """A posterior in units of a normal prior of this mean and σ."""
    return Posterior((posterior.mean - mean) / scale, posterior.log_variance - 2 * scale.log())
