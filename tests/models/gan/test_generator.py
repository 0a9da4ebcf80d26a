"""Each column of the code is one additive term in every layer."""

import pytest
import torch

from interpretable_gan.errors import ConfigError
from interpretable_gan.models.gan.blocks import Modulation
from interpretable_gan.models.gan.generator import Generator


def test_effects_add_up_to_what_a_modulation_applies():
    torch.manual_seed(0)
    modulation = Modulation(columns=4, channels=8)
    features, z = torch.randn(2, 8, 5, 5), torch.randn(2, 4)
    scale, shift = (effect.sum(dim=1)[:, :, None, None] for effect in modulation.effects(z))
    torch.testing.assert_close(modulation(features, z), features * (1 + scale) + shift)


def test_a_generator_draws_images_of_its_size():
    generator = Generator(columns=5, style=3, size=16, widths=(8, 8, 4), image_channels=1)
    assert generator(torch.zeros(2, 5), torch.zeros(2, 3)).shape == (2, 1, 16, 16)


def test_widths_that_do_not_fit_the_size_are_refused():
    with pytest.raises(ConfigError, match="draws images of side 16, not 32"):
        Generator(columns=1, style=1, size=32, widths=(8, 8, 8))


def test_a_column_without_footprint_draws_nothing():
    torch.manual_seed(0)
    generator = Generator(columns=2, style=3, size=8, widths=(8, 4)).requires_grad_(False)
    generator.basis[1] = 0
    for layer in generator.modules():
        if isinstance(layer, Modulation):
            layer.scale[1], layer.shift[1] = 0, 0

    style = torch.randn(4, 3)
    off, on = torch.zeros(4, 2), torch.tensor([[0.0, 1.0]]).repeat(4, 1)
    assert torch.equal(generator(off, style), generator(on, style))
    assert not torch.equal(generator(off, style), generator(on.flip(1), style))


def test_every_layer_has_a_part_in_the_image():
    """A layer that is passed over gets no gradient."""
    torch.manual_seed(0)
    generator = Generator(columns=2, style=3, size=16, widths=(8, 8, 4))
    generator(torch.randn(4, 2), torch.randn(4, 3)).square().sum().backward()
    still = [n for n, each in generator.named_parameters() if not each.grad.abs().sum() > 0]
    assert not still
