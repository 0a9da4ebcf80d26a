"""A model that is trained a little, and one whose evidence is planted by hand."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from interpretable_gan.models.discriminator import Discriminator, OpaqueDiscriminator


@pytest.fixture(scope="session")
def model(world):
    return world.run.model()


@pytest.fixture(scope="session")
def images(world):
    """Twenty real images."""
    return world.data.batch(world.data.rows("test")[:20])[0]


@pytest.fixture(scope="session")
def code(world):
    """Their named codes."""
    return world.data.batch(world.data.rows("test")[:20])[1]


@pytest.fixture
def planted(model):
    """A model whose discriminator sees brightness as evidence for smiling, and nothing else.

    Each place's evidence is the mean of its own pixels above -1; realism, agreement and reading all
    weigh it by 1.
    """
    planted = copy.copy(model)
    planted._networks = copy.deepcopy(model.networks)
    discriminator = planted.networks.discriminator
    assert isinstance(discriminator, Discriminator)
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter.zero_()
        encoder, smiling = discriminator.encoder, model.schema.slices["smiling"].start
        encoder.trunk.enter.weight[0, :, 1, 1] = 1 / encoder.trunk.enter.in_channels
        encoder.trunk.enter.bias[0] = 1
        encoder.trunk.leave.weight[0, 0] = 1
        encoder.to_evidence.weight[2 * smiling, 0] = 1
        for read in (encoder.read, discriminator.agreement, discriminator.realism):
            read.weight[smiling, 0] = 1
    return planted


@pytest.fixture
def twin(model):
    """A model with a black-box discriminator."""
    twin = copy.copy(model)
    opaque = OpaqueDiscriminator(
        named=model.schema.named_columns, discovered=2, size=16, widths=(8, 12)
    )
    twin._networks = replace(model.networks, discriminator=opaque)
    return twin


@pytest.fixture(scope="session")
def spot():
    """Draws a black image of 16×16 with one white place of 2×2 pixels."""

    def draw(row, column):
        image = torch.full((1, 3, 16, 16), -1.0)
        image[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 1
        return image

    return draw
