"""Codes move z as the attributes go with it, and z stays what the generator was trained on."""

import pytest
import torch
from torch.testing import assert_close

from halves import WIDTH, freeze_halves
from interpretable_gan.models.frozen.networks import FrozenGenerator
from interpretable_gan.models.frozen.program import open_program
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(name="halves", attributes=(Attribute(name="left"), Attribute(name="right")))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A generator of halves, fitted on codes that say on which side of 0 z's first numbers are."""
    program = open_program(freeze_halves(tmp_path_factory.mktemp("halves")))
    generator = FrozenGenerator(program, SCHEMA, "")
    z = torch.randn(20_000, WIDTH, generator=torch.Generator().manual_seed(0))
    generator.fit(0.5 * z[:, :2].sign(), z)
    return generator


def test_codes_move_their_own_part_of_z(fitted):
    moved = fitted.z(0.5 * torch.eye(2), torch.zeros(2, WIDTH)) - fitted.z(
        torch.zeros(2, 2), torch.zeros(2, WIDTH)
    )
    mean = (2 / torch.pi) ** 0.5  # of |z|, which is what a side says of it
    assert_close(moved[:, :2], mean * torch.eye(2), rtol=0, atol=0.03)
    assert moved[:, 2:].abs().max() < 0.03


def test_usual_codes_leave_z_normal(fitted):
    code = 0.5 * torch.randn(20_000, 2).sign()
    z = fitted.z(code, torch.randn(20_000, WIDTH))
    assert_close(z.mean(dim=0), torch.zeros(WIDTH), rtol=0, atol=0.04)
    assert_close(torch.cov(z.T), torch.eye(WIDTH), rtol=0, atol=0.06)


def test_a_style_is_what_makes_z_of_a_code(fitted):
    code, style = 0.5 * torch.randn(5, 2).sign(), torch.randn(5, WIDTH)
    assert_close(fitted.style_of(fitted.z(code, style), code), style, rtol=1e-4, atol=1e-4)


def test_the_level_has_a_way_of_its_own(tmp_path):
    colour = Attribute(name="colour", kind="categorical", levels=("blue", "red"))
    schema = Schema(name="red", attributes=(Attribute(name="left"), colour))
    program = open_program(freeze_halves(tmp_path, levels=2), levels=2)
    generator = FrozenGenerator(program, schema, "colour")
    code, _ = schema.pack({"left": [0, 0], "colour": ["blue", "red"]})
    z = torch.randn(2_000, WIDTH)
    generator.fit(torch.from_numpy(code)[torch.arange(2_000) % 2], z)
    assert not generator.lift[1:].any()
    blue, red = generator(torch.from_numpy(code), torch.zeros(2, WIDTH)).detach()
    assert red[0].mean() - blue[0].mean() > 0.9
    assert_close(red[1:], blue[1:], rtol=0, atol=0.1)
