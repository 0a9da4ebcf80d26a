"""The networks around a frozen generator, and how attributes enter it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from interpretable_gan.errors import DataError
from interpretable_gan.models.frozen.config import FrozenConfig
from interpretable_gan.models.frozen.program import Program
from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator
from interpretable_gan.models.gan.networks import judging
from interpretable_gan.models.gan.style import StyleEncoder
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, NamedCode, Style

RIDGE = 1e-3
"""Penalty of the fit of z on codes, in mean variances of a column."""

LEAST = 1e-4
"""Of the variance 1 that a direction of z has, what is at least left to style."""


class FrozenGenerator(nn.Module):
    """Draws by a `Program` from a code and a style.

    z is normal given a code s, as linear regression has it (InterFaceGAN's boundaries, Shen et al.
    2020, as a conditional distribution)::

        z = (s − E s) · A + R u        A = Cov(s)⁻¹ Cov(s, z)        R R = 1 − Cov(z, s) A

    with the style u ~ N(0, 1). Codes as usual as those of the training data make z ~ N(0, 1), which
    is what the generator was trained on. Before `fit`, codes do nothing.

    Shape: code (batch, columns), style (batch, width) to images (batch, channels, size, size).

    Args:
        program: the generator.
        schema: of the codes.
        label: the attribute that the generator takes beside z; empty where there is none.
    """

    centre: Tensor
    lift: Tensor
    rest: Tensor

    def __init__(self, program: Program, schema: Schema, label: str) -> None:
        super().__init__()
        self.program, self.columns, self.channels = program, schema.columns, program.channels
        self.label = schema.slices[label] if label else None
        self.register_buffer("centre", torch.zeros(schema.named_columns))
        self.register_buffer("lift", torch.zeros(schema.named_columns, program.width))
        self.register_buffer("rest", torch.eye(program.width))

    def forward(self, code: Code, style: Style) -> Images:
        return self.drawn(self.z(code, style), code)

    def z(self, code: Code, style: Style) -> Style:
        """What the program draws from, (batch, width)."""
        return (code[:, : len(self.centre)] - self.centre) @ self.lift + style @ self.rest

    def style_of(self, z: Style, code: Code) -> Style:
        """The style that makes this z of a code."""
        own = z - (code[:, : len(self.centre)] - self.centre) @ self.lift
        return torch.linalg.solve(self.rest, own, left=False)

    def drawn(self, z: Style, code: Code) -> Images:
        """Images of z and, where the program takes one, the level that a code asks for."""
        return self.program(z, None if self.label is None else code[:, self.label].argmax(dim=1))

    @torch.no_grad()
    def fit(self, code: NamedCode, z: Style) -> None:
        """Learn how z follows codes that were read in images of it, one row each."""
        self.centre.copy_(code.mean(dim=0))
        apart = (code - self.centre).double()
        if self.label is not None:  # it has a way of its own
            apart[:, self.label] = 0
        square = apart.T @ apart / len(apart)
        penalty = RIDGE * square.diagonal().mean().clamp(min=1e-9)
        square.diagonal().add_(penalty)
        along = apart.T @ z.double() / len(apart)  # Cov(s, z)
        lift = torch.linalg.solve(square, along)
        left, turned = torch.linalg.eigh(torch.eye(z.shape[1]).to(along) - along.T @ lift)
        self.lift.copy_(lift)
        self.rest.copy_((turned * left.clamp(min=LEAST).sqrt()) @ turned.T)


@dataclass(frozen=True)
class Networks:
    """``generator`` is somebody else's; the ``discriminator`` has the encoder of attributes, and
    ``style_encoder`` reads z."""

    generator: FrozenGenerator
    discriminator: Discriminator | OpaqueDiscriminator
    style_encoder: StyleEncoder

    def named(self) -> dict[str, nn.Module]:
        """All of them by the name under which they are saved."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "style_encoder": self.style_encoder,
        }


def build(schema: Schema, config: FrozenConfig, channels: int | None = None) -> Networks:
    """Fresh networks around the generator, equal for equal seeds.

    Raises:
        DataError: the data have images of other ``channels`` than it draws.
    """
    program = config.program()
    if channels not in (None, program.channels):
        raise DataError(
            f"{program.path} draws images of {program.channels} channels, the data have "
            f"{channels}: give images of as many."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        discriminator, style_encoder = judging(schema, config, program.channels)
    return Networks(FrozenGenerator(program, schema, config.label), discriminator, style_encoder)
