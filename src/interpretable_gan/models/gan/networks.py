"""The networks of a run, built from its schema and config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from interpretable_gan.models.gan.config import GANConfig, JudgingConfig
from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator
from interpretable_gan.models.gan.generator import Generator
from interpretable_gan.models.gan.style import StyleEncoder
from interpretable_gan.schema.schema import Schema

DISCRIMINATORS: dict[str, type[Discriminator] | type[OpaqueDiscriminator]] = {
    "additive": Discriminator,
    "black-box": OpaqueDiscriminator,
}


@dataclass(frozen=True)
class Networks:
    """``generator`` learns, ``average`` follows it and draws; ``discriminator`` has the encoder of
    attributes, ``style_encoder`` reads what else an image holds."""

    generator: Generator
    average: Generator
    discriminator: Discriminator | OpaqueDiscriminator
    style_encoder: StyleEncoder

    def named(self) -> dict[str, nn.Module]:
        """The networks that training changes, by the name under which they are saved."""
        return {
            "generator": self.generator,
            "average": self.average,
            "discriminator": self.discriminator,
            "style_encoder": self.style_encoder,
        }


def build(schema: Schema, config: GANConfig, channels: int) -> Networks:
    """Fresh networks, equal for equal seeds. ``schema`` has its discovered attributes already."""

    def generator() -> Generator:
        return Generator(
            columns=schema.columns,
            style=config.style,
            size=config.size,
            widths=config.generator_widths,
            image_channels=channels,
        )

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        learning, average = generator(), generator()
        average.load_state_dict(learning.state_dict())
        discriminator, style_encoder = judging(schema, config, channels)
    return Networks(learning, average.requires_grad_(False), discriminator, style_encoder)


def judging(
    schema: Schema, config: JudgingConfig, channels: int
) -> tuple[Discriminator | OpaqueDiscriminator, StyleEncoder]:
    """Fresh networks that judge and read images."""
    discriminator = DISCRIMINATORS[config.discriminator](
        named=schema.named_columns,
        discovered=config.discovered,
        size=config.size,
        widths=config.discriminator_widths,
        image_channels=channels,
        trunk=config.trunk,
    )
    trunk = discriminator.encoder.trunk
    return discriminator, StyleEncoder(config.style, trunk.style_width, trunk.width)


def part(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors whose names begin with ``name`` and a dot, without these."""
    prefix = f"{name}."
    return {
        key.removeprefix(prefix): tensor
        for key, tensor in tensors.items()
        if key.startswith(prefix)
    }
