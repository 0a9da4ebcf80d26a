"""People whose pixels are their attributes, and readers of pixels."""

from types import SimpleNamespace

import numpy as np
import torch

from interpretable_gan.audit.evaluators import Evaluator
from interpretable_gan.directions.jury import Jury
from interpretable_gan.models.gan.directions import Directions
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.schema import Attribute, Schema

SCHEMA = Schema(
    name="people",
    attributes=[
        Attribute(name="goatee"),
        Attribute(name="male"),
        Attribute(name="hair", kind="categorical", levels=("dark", "fair", "red")),
        Attribute(name="age", kind="continuous", range=(0, 100)),
    ],
)
COLUMNS = SCHEMA.columns


class Pixels(torch.nn.Module):
    """The first pixels are columns."""

    def __init__(self):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(COLUMNS))

    def forward(self, images):
        return images.flatten(1)[:, :COLUMNS] + self.bias


def reader():
    """Reads pixels as they are: a goatee above 0.2, all else above 0."""
    offset = np.array([0.2, 0, 0, 0, 0, 0], np.float32)
    return Evaluator(SCHEMA, "plain", Pixels(), offset, np.full(COLUMNS, 5, np.float32), {}, "")


def jury(readers=1, legible=None):
    """So many equal readers; all that they read can be read, unless said otherwise."""
    return Jury([reader()] * readers, torch.ones(COLUMNS) if legible is None else legible)


def tangled(code, style):
    """The first pixels are columns, but a goatee shows faintly and brings what is male with it."""
    pixels = torch.nn.functional.pad(code, (0, 64 - COLUMNS))
    pixels[:, 0] = 0.4 * code[:, 0]
    pixels[:, 1] = code[:, 1] + 0.8 * code[:, 0]
    return pixels.view(-1, 1, 8, 8)


def literal(images, code):
    """Finds each column as real as its pixel is bright."""
    pixels, nothing = images.flatten(1)[:, :COLUMNS], images.new_zeros(len(images))
    return Decision(torch.zeros_like(pixels), pixels, nothing, torch.zeros(()), pixels)


class Tangled:
    """A model whose generator is `tangled`, or another; as `InterpretableGAN` is fitted with
    directions."""

    schema, config, channels = SCHEMA, SimpleNamespace(seed=0, size=8, precision="float32"), 1

    def __init__(self, drawn=tangled):
        directions = Directions(Reading(SCHEMA).measured, columns=COLUMNS, style=2, typical=0.5)
        self.networks = SimpleNamespace(average=drawn, discriminator=literal, directions=directions)
        women = torch.tensor([-0.3, -0.5, 0.4, -0.4, -0.4, 0.9])
        self.codes_of_training = women.repeat(40, 1)

    def styles(self, n, *, seed):
        return torch.zeros(n, 2)

    def draw(self, code, style):
        return self.networks.average(*self.networks.directions(code, style))
