"""Somebody else's generator, read, explained and steered in the language of attributes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.frozen.config import FrozenConfig
from interpretable_gan.models.frozen.networks import FrozenGenerator, Networks, build
from interpretable_gan.models.gan.judged import JudgedModel
from interpretable_gan.models.images import load
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style


class FrozenModel(JudgedModel):
    """A generator from a file between an encoder and a discriminator that learned to explain it.

    Codes move z as the attributes that are read in its images go with z (`FrozenGenerator`). The
    generator's own weights stay in its file. Arguments are those of `JudgedModel`.
    """

    name = "frozen generator"
    KEPT = ("generator", "discriminator", "style_encoder")
    networks: Networks

    @property
    def generator(self) -> FrozenGenerator:
        """The generator, and how codes enter it."""
        return self.networks.generator

    @classmethod
    def of(cls, schema: Schema, config: FrozenConfig, tensors: Mapping[str, Tensor]) -> FrozenModel:
        """The model that has these tensors, around the generator of its config's file.

        Raises:
            RunError: they are not those of such a model.
            DataError, ConfigError: the generator's file is not there, or another one.
        """
        networks = build(schema, config)
        load({name: getattr(networks, name) for name in cls.KEPT}, schema, tensors)
        return cls(schema, config, networks, tensors["codes"], tensors["frequencies"])

    @torch.no_grad()
    def encode(self, images: Images) -> tuple[Code, Style]:
        """The code, as `code_of` gives it, and the likeliest style ``(batch, style)`` of images.

        Raises:
            DataError: images that cannot be read, see `ImageModality.check`.
        """
        readings, z = self.look(images)
        code = self.code_from(readings)
        return code, self.generator.style_of(z, code)

    def render(self, code: Code, style: Style) -> Images:
        """What `draw` draws of one batch, before it is cut to [-1, 1].

        Raises:
            ConfigError: gradients are asked for, which do not pass through ONNX.
        """
        wanted = torch.is_grad_enabled() and (code.requires_grad or style.requires_grad)
        if wanted and not self.generator.program.slopes:
            raise ConfigError(
                f"{self.generator.program.path} is an ONNX file, through which no gradients pass: "
                "images are read once and not refined (steps=0, --steps 0); TorchScript and "
                "torch.export allow more."
            )
        return super().render(code, style)
