"""Every way to find directions finds the one that a generator is known to have."""

import pytest
import torch

from halves import SIDE, WIDTH, freeze_halves, onnx
from interpretable_gan.errors import ConfigError
from interpretable_gan.models.frozen.networks import FrozenGenerator
from interpretable_gan.models.frozen.program import open_program
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.steer.directions import DIRECTIONS
from interpretable_gan.steer.readers import Readers
from interpretable_gan.steer.trial import Trial

SCHEMA = Schema(name="halves", attributes=(Attribute(name="left"), Attribute(name="right")))


class Drawing:
    """As much of a model as directions are found by."""

    schema, name, typical = SCHEMA, "halves", 0.5

    def __init__(self, program):
        self.generator = FrozenGenerator(program, SCHEMA, "")

    def codes(self, n, *, seed=0):
        return torch.zeros(n, 2)

    def styles(self, n, *, seed=0):
        return torch.randn(n, WIDTH, generator=torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def draw(self, code, style):
        return self.generator(code, style)


def brightness(images):
    """Log-odds that the left and the right half are bright."""
    return 4 * torch.stack([each.mean(dim=(1, 2, 3)) for each in images.split(SIDE // 2, 3)], 1)


READERS = Readers(brightness, ("left", "right"), "of brightness")


@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_known_direction_is_found(name, tmp_path):
    model = Drawing(open_program(freeze_halves(tmp_path, gain=2.0)))
    trial = Trial(model, READERS, seed=0)
    found = DIRECTIONS[name](trial, model)
    assert [value.label for value in trial.values] == ["on", "off", "on", "off"]
    truth = torch.tensor([1.0, -1.0, 1.0, -1.0]).double()
    own = torch.stack([found[n, 2 + n // 2] for n in range(4)]).double()
    assert (own * truth).min() > 0.95


def test_closed_form_needs_the_first_layer(tmp_path):
    model = Drawing(open_program(onnx(tmp_path / "halves.onnx")))
    with pytest.raises(ConfigError, match="which halves does not tell: take boundaries or"):
        DIRECTIONS["closed-form"](Trial(model, READERS, seed=0), model)
