"""A trained GAN that draws, reads and decides in the language of its attributes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.generator import Generator
from interpretable_gan.models.gan.judged import JudgedModel
from interpretable_gan.models.gan.networks import Networks, build, part
from interpretable_gan.models.images import image_channels, load
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style


class InterpretableGAN(JudgedModel):
    """A trained generator, discriminator and encoder that share one space of named attributes.

    Made by `interpretable_gan.train`, or read from a run with ``Run.open(folder).model()``. Its
    arguments are those of `JudgedModel`.
    """

    name = "gan"
    KEPT = ("average", "discriminator", "style_encoder")
    networks: Networks

    @property
    def generator(self) -> Generator:
        """The moving average of the generator that learned."""
        return self.networks.average

    @classmethod
    def of(
        cls, schema: Schema, config: GANConfig, tensors: Mapping[str, Tensor]
    ) -> InterpretableGAN:
        """The model that has these tensors.

        Raises:
            RunError: they are not those of such a model.
        """
        channels = image_channels(tensors, "average")
        if carried := part(tensors, pretrained.PUBLISHED):
            pretrained.adopt(carried)
        networks = build(schema, config, channels)
        load({name: getattr(networks, name) for name in cls.KEPT}, schema, tensors)
        networks.generator.load_state_dict(networks.average.state_dict())
        return cls(schema, config, networks, tensors["codes"], tensors["frequencies"])

    @torch.no_grad()
    def encode(self, images: Images) -> tuple[Code, Style]:
        """The code, as `code_of` gives it, and the likeliest style ``(batch, style)`` of images:
        what they hold beside their attributes, around 0 and seldom beyond ±2.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        readings, styles = self.look(images)
        return self.code_from(readings), self.generator.space.to_normal(styles)
