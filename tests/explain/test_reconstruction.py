"""Refining code and style: it finds what the generator drew, and minds its limits."""

import pytest
import torch

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.explain import reconstruct
from interpretable_gan.models.base import sample


def test_refining_comes_much_closer_than_the_first_reading(model):
    drawn = sample(model, 8, seed=5)
    first = reconstruct(model, drawn, steps=0).error(drawn)
    refined = reconstruct(model, drawn).error(drawn)
    assert (refined < first / 2).all()


def test_what_is_told_is_what_is_drawn(model, images):
    found = reconstruct(model, images, steps=10)
    torch.testing.assert_close(found.images, model.draw(found.code, found.style))
    gap = (found.images - images).square().mean(dim=(1, 2, 3)).sqrt() / 2
    assert found.error(images) == pytest.approx(gap.numpy())
    assert found.code.abs().max() <= 1


def test_an_image_does_not_depend_on_its_neighbours(model, images):
    together = reconstruct(model, images[:4], steps=20)
    alone = reconstruct(model, images[2:3], steps=20)
    torch.testing.assert_close(together.images[2:3], alone.images, atol=1e-3, rtol=0)


def test_named_values_are_held_near_what_the_encoder_read(model, images, monkeypatch):
    def strayed():
        read = model.read_code(images[:8])
        refined = reconstruct(model, images[:8], steps=40).code
        return (refined - read)[:, : model.schema.named_columns].square().mean()

    held = strayed()
    monkeypatch.setattr("interpretable_gan.explain.reconstruction.FAITHFUL", 0.0)
    assert held < 0.8 * strayed()


def test_styles_are_held_where_training_drew_them(model, images, monkeypatch):
    held = reconstruct(model, images[:8], steps=40).style.square().mean()
    monkeypatch.setattr("interpretable_gan.explain.reconstruction.LIKELY", 0.0)
    assert held < 0.95 * reconstruct(model, images[:8], steps=40).style.square().mean()


def test_the_networks_are_left_as_they_were(model, images):
    before = [weight.clone() for weight in model.networks.average.parameters()]
    reconstruct(model, images[:2], steps=3)
    after = list(model.networks.average.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert all(weight.grad is None for weight in after)


def test_progress_rises_to_all_images(model, images, monkeypatch):
    monkeypatch.setattr("interpretable_gan.explain.reconstruction.BATCH", 3)
    told = []
    reconstruct(model, images[:8], steps=4, progress=told.append)
    done = [each.done for each in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 8)
    assert {(each.total, each.remark) for each in told} == {(8, "refining images")}


def test_bad_input_gets_one_sentence(model, images):
    with pytest.raises(DataError, match="8×8 pixels, but this model reads 16×16"):
        reconstruct(model, images[:, :, :8, :8])
    with pytest.raises(DataError, match="1 channels, but this model reads 3"):
        reconstruct(model, images[:, :1])
    with pytest.raises(DataError, match="no image"):
        reconstruct(model, images[:0])
    with pytest.raises(ConfigError, match="-1 steps"):
        reconstruct(model, images, steps=-1)
