"""The exact claims hold on networks as they are, and fail on networks that break the promise."""

import pytest
import torch

from interpretable_gan.audit.claims.exactness import NO_PATCHES, decomposition, locality
from interpretable_gan.audit.claims.explanations import faithful, own_order
from interpretable_gan.models.gan.encoder import LinearRead, LocalTrunk
from interpretable_gan.models.gan.networks import build
from interpretable_gan.progress import silent


@pytest.fixture
def model(world):
    return world.run.model()


def test_a_sum_is_a_sum_on_every_test_image(model, world):
    found = decomposition(model, world.data, silent)
    assert found.verdict == "pass"
    assert found.measures[0].samples == {"images": len(world.data.rows("test"))}


def test_a_decision_that_is_no_sum_of_its_parts_is_found_out(model, world, monkeypatch):
    honest = LinearRead.by_level
    monkeypatch.setattr(LinearRead, "by_level", lambda self, e: 1.01 * honest(self, e))
    assert decomposition(model, world.data, silent).verdict == "fail"


def test_a_place_sees_its_patch_and_nothing_else(model, world):
    found = locality(model, world.data, 2, 0, silent)
    assert found.measures[0].value == 0
    assert found.measures[1].value > 0.1  # there was something outside to replace


def test_a_place_that_peeks_at_the_rest_is_found_out(model, world, monkeypatch):
    honest = LocalTrunk.forward

    def peek(self, images):
        return honest(self, images) + 1e-3 * images.mean()

    monkeypatch.setattr(LocalTrunk, "forward", peek)
    assert locality(model, world.data, 1, 0, silent).verdict == "fail"


def test_a_vae_adds_up_and_claims_no_patch_and_no_decision(vae, world):
    model = vae.model()
    with torch.no_grad():
        assert decomposition(model, world.data, silent).verdict == "pass"
        assert locality(model, world.data, 1, 0, silent).reason == NO_PATCHES
        for claim in (own_order, faithful):
            found = claim(model, world.data, None, 4, 0)
            assert found.verdict == "withheld"
            assert "no discriminator" in found.reason


def test_of_a_black_box_nothing_is_claimed(model, world):
    config = model.config.model_copy(update={"discriminator": "black-box"})
    model.networks = build(model.schema, config, 3)
    with torch.no_grad():
        found = decomposition(model, world.data, silent), locality(model, world.data, 1, 0, silent)
    assert [each.verdict for each in found] == ["withheld", "withheld"]
    assert "black-box" in found[0].reason
