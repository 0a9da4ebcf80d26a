"""What is done to the picture is what the schema allows, alike for real and for generated."""

from __future__ import annotations

import pytest
import torch

from interpretable_gan.models.gan.augment import JITTER, Augmentation
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SIZE = 16
SEEDS = range(40)


def drawn(*allowed, seed=0, noise=0.0):
    """One draw of the augmentations that a schema allows."""
    schema = Schema(name="x", attributes=(Attribute(name="hat"),), augmentations=allowed)
    return Augmentation(schema, SIZE, noise, torch.Generator().manual_seed(seed))


@pytest.fixture
def images():
    return torch.rand(3, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(7)) * 2 - 1


def test_nothing_allowed_is_nothing_done(images):
    for seed in SEEDS:
        torch.testing.assert_close(drawn(seed=seed)(images), images, rtol=0, atol=0)


def test_a_flip_is_a_mirror_every_other_time(images):
    seen = [drawn("flip", seed=seed)(images) for seed in SEEDS]
    mirrored = [torch.equal(each, images.flip(3)) for each in seen]
    assert all(m or torch.equal(each, images) for m, each in zip(mirrored, seen, strict=True))
    assert 10 < sum(mirrored) < 30


def test_a_shift_repeats_the_edge(images):
    shifts = {(each.down, each.right) for each in (drawn("translate", seed=s) for s in SEEDS)}
    assert shifts == {(down, right) for down in range(3) for right in range(3)}
    moved = next(each for each in (drawn("translate", seed=s) for s in SEEDS) if each.down == 2)
    torch.testing.assert_close(moved(images)[:, :, -1], moved(images)[:, :, -2])


def test_colour_changes_are_mild_and_independent():
    draws = [drawn("color", seed=seed) for seed in SEEDS]
    each = torch.tensor([[draw.light, draw.contrast, draw.saturation] for draw in draws])
    assert each.abs().max() <= JITTER
    assert each.amax(dim=0).min() > JITTER / 2
    assert each.amin(dim=0).max() < -JITTER / 2
    assert torch.corrcoef(each.T).triu(1).abs().max() < 0.5


def test_colours_keep_their_hue(images):
    augment = drawn("color")
    before, seen = (each - each.mean(dim=1, keepdim=True) for each in (images, augment(images)))
    more = (1 + augment.contrast) * (1 + augment.saturation)
    torch.testing.assert_close(seen, more * before)
    assert abs(more - 1) > 0.01


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_stays_grey_in_another_light(images, channels):
    grey, augment = images[:, :1].expand(-1, channels, -1, -1), drawn("color")
    expected = (1 + augment.contrast) * grey + augment.light
    torch.testing.assert_close(augment(grey), expected)
    assert (expected - grey).abs().max() > 0.01


def test_real_and_generated_images_are_changed_alike(images):
    augment = drawn("flip", "translate", "color")
    torch.testing.assert_close(augment(images), augment(images), rtol=0, atol=0)
    torch.testing.assert_close(augment(images[:1]), augment(images)[:1], rtol=0, atol=0)


def test_the_generator_is_reached_through_it(images):
    images.requires_grad_()
    drawn("flip", "translate", "color")(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_the_seed_decides(images):
    first, same, other = (drawn("color", seed=seed)(images) for seed in (0, 0, 1))
    torch.testing.assert_close(first, same, rtol=0, atol=0)
    assert not torch.equal(first, other)


def test_a_schema_without_colour_sees_the_chance_it_always_saw(images):
    luck = torch.Generator().manual_seed(3)
    torch.rand(3, generator=luck)  # mirror, down, right
    noise = torch.randn(images.shape, generator=luck)
    seen = drawn(seed=3, noise=0.5)(images)
    torch.testing.assert_close(seen, images + 0.5 * noise)
