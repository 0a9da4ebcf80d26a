"""A model that is trained a little, and one whose evidence is planted by hand."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
import torch

from interpretable_gan.audit.evaluators import Evaluator
from interpretable_gan.explain import attribute, discovered, global_importance
from interpretable_gan.explain.bars import bar_picture
from interpretable_gan.metrics.readings import Reliability
from interpretable_gan.models.gan.discriminator import Decision, Discriminator, OpaqueDiscriminator
from interpretable_gan.models.gan.model import InterpretableGAN


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
    planted.networks = copy.deepcopy(model.networks)
    discriminator = planted.networks.discriminator
    assert isinstance(discriminator, Discriminator)
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter.zero_()
        encoder, smiling = discriminator.encoder, model.schema.slices["smiling"].start
        encoder.trunk.enter.kernel[0, :, 1, 1] = 1 / encoder.trunk.enter.in_channels
        encoder.trunk.enter.bias[0] = 1
        encoder.trunk.leave.weight[0, 0] = 1
        encoder.to_evidence.weight[2 * smiling, 0] = 1
        for read in (encoder.read, discriminator.agreement, discriminator.realism):
            read.weight[smiling, 0] = 1 / read.scale
    return planted


@pytest.fixture
def twin(model):
    """A model with a black-box discriminator."""
    twin = copy.copy(model)
    opaque = OpaqueDiscriminator(
        named=model.schema.named_columns, discovered=2, size=16, widths=(8, 12)
    )
    twin.networks = replace(model.networks, discriminator=opaque)
    return twin


@pytest.fixture(scope="session")
def spot():
    """Draws a black image of 16×16 with one white place of 2×2 pixels."""

    def draw(row, column):
        image = torch.full((1, 3, 16, 16), -1.0)
        image[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 1
        return image

    return draw


@pytest.fixture
def drawn_bars(monkeypatch):
    """Title → values and intervals of every picture of bars that is drawn."""
    found = {}

    def record(values, intervals=None, *, title="", **settings):
        found[title] = (dict(values), dict(intervals or {}))
        return bar_picture(values, intervals, title=title, **settings)

    for room in (attribute, discovered, global_importance):
        monkeypatch.setattr(room, "bar_picture", record)
    return found


class Painter(InterpretableGAN):
    """Draws a code as its first pixels, reads them back, and judges their weighted sum."""

    leaks: ClassVar = {}
    weights: ClassVar = {}

    def draw(self, code, style):
        pixels = torch.zeros(len(code), 3 * 16 * 16)
        pixels[:, : code.shape[1]] = code
        pixels[:, -2] = -1  # so that no picture lies in [0, 1] alone
        for source, to in self.leaks.items():
            slices = self.schema.slices
            pixels[:, slices[to]] = code[:, slices[source]]
        return pixels.view(-1, 3, 16, 16)

    def read_code(self, images):
        return images.flatten(1)[:, : self.schema.columns].clone()

    def encode(self, images):
        return self.read_code(images), torch.full((len(images), self.config.style), 0.5)

    def code_of(self, images, labels=None):
        code = self.read_code(images)  # what it reads is how strongly it was drawn
        if labels is not None:
            code[:, : labels.shape[1]] = labels
        return code

    def decide(self, images, code):
        weight = torch.zeros(self.schema.columns)
        for name, each in self.weights.items():
            weight[self.schema.slices[name]] = each
        nothing = torch.zeros(len(images))
        return Decision(
            agreement=torch.zeros(len(images), self.schema.named_columns),
            realism=self.read_code(images) * weight,
            residual=nothing,
            bias=torch.zeros(()),
            reading=self.read_code(images),
        )


@pytest.fixture
def painter(model):
    """Makes painters: what leaks into what, and what the discriminator likes how much."""

    def make(leaks=(), **weights):
        painter = copy.copy(model)
        painter.__class__ = Painter
        painter.leaks, painter.weights = dict(leaks), weights
        return painter

    return make


@pytest.fixture(scope="session")
def seeing(world):
    """An evaluator that reads what a painter draws, and cannot tell hats."""

    class Pixels(torch.nn.Module):
        def __init__(self, columns):
            super().__init__()
            self.columns = torch.nn.Parameter(torch.tensor(float(columns)))

        def forward(self, images):
            return images.flatten(1)[:, : int(self.columns)]

    schema = world.data.schema
    columns = schema.named_columns
    offset, scale = np.zeros(columns, np.float32), np.ones(columns, np.float32)
    sure = {attribute.name: Reliability(1.0, 1.0, None) for attribute in schema.named}
    sure["hat"] = Reliability(0.5, 0.5)
    return Evaluator(schema, "plain", Pixels(columns), offset, scale, sure, "0" * 64)
