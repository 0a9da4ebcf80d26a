"""The decision is the sum of its parts, and each part stays in its place."""

import pytest
import torch

from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator


@pytest.fixture
def discriminator():
    torch.manual_seed(0)
    return Discriminator(named=3, discovered=2, size=32, widths=(8, 12)).requires_grad_(False)


def a_batch(n=4):
    chance = torch.Generator().manual_seed(1)
    images = torch.rand(n, 3, 32, 32, generator=chance) * 2 - 1
    return images, torch.rand(n, 5, generator=chance) * 2 - 1


def test_the_logit_is_the_sum_of_attribute_times_place(discriminator):
    images, code = a_batch()
    features = discriminator.encoder.features(images)
    evidence = discriminator.encoder.evidence(features)
    realism = discriminator.realism.contributions(evidence)
    agreement = code[:, :3, None, None] * discriminator.agreement.contributions(evidence[:, :3])
    residual = discriminator.residual(discriminator.global_trunk(features))[:, 0]
    parts = agreement.sum((1, 2, 3)) + realism.sum((1, 2, 3)) + residual + discriminator.bias
    torch.testing.assert_close(discriminator(images, code).logit, parts, rtol=1e-5, atol=1e-6)


def test_a_reading_is_its_offset_and_the_sum_over_places(discriminator):
    images, _ = a_batch()
    encoder = discriminator.encoder
    torch.nn.init.normal_(encoder.offset)
    evidence = encoder.evidence(encoder.features(images))
    parts = encoder.read.contributions(evidence).sum((2, 3)) + encoder.offset
    torch.testing.assert_close(encoder(images), parts, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("place", [(0, 0), (3, 4), (7, 2)], ids=str)
def test_pixels_outside_its_patch_cannot_change_a_place_by_a_single_bit(discriminator, place):
    images, _ = a_batch()
    trunk = discriminator.encoder.trunk
    rows, columns = (trunk.patch(side) for side in place)
    elsewhere = torch.ones_like(images, dtype=torch.bool)
    elsewhere[:, :, rows, columns] = False
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(2)) * 2 - 1
    changed = torch.where(elsewhere, noise, images)

    before, after = (discriminator.encoder.evidence(trunk(x)) for x in (images, changed))
    assert torch.equal(before[..., place[0], place[1]], after[..., place[0], place[1]])
    assert not torch.equal(before, after)


def test_a_patch_is_no_larger_than_what_a_place_really_sees(discriminator):
    images = a_batch(1)[0].requires_grad_()
    evidence = discriminator.encoder.evidence(discriminator.encoder.features(images))
    evidence[:, :, :, 4, 4].sum().backward()
    seen = images.grad.abs().sum((0, 1)) > 0
    rows = discriminator.encoder.trunk.patch(4)
    assert seen[rows, rows].all()
    assert seen.sum() == (rows.stop - rows.start) ** 2


@pytest.mark.parametrize("part", ["agreement", "realism", "residual"])
def test_every_part_of_the_decision_teaches_the_trunk_and_the_generator(discriminator, part):
    images, code = a_batch()
    kernel = discriminator.encoder.trunk.enter.weight.requires_grad_()
    said = getattr(discriminator(images.requires_grad_(), code), part)
    said.square().sum().backward()
    assert images.grad.abs().sum() > 0
    assert kernel.grad.abs().sum() > 0


def test_agreement_changes_sign_with_the_claim_and_ignores_what_is_not_known(discriminator):
    images, code = a_batch()
    flipped = code.clone()
    flipped[:, 1] *= -1
    flipped[:, 2] = 0
    before, after = discriminator(images, code), discriminator(images, flipped)
    torch.testing.assert_close(after.agreement[:, 1], -before.agreement[:, 1])
    assert (after.agreement[:, 2] == 0).all()
    torch.testing.assert_close(after.realism, before.realism)


def test_the_black_box_twin_has_the_same_trunks_and_no_parts():
    shape = {"named": 3, "discovered": 2, "size": 32, "widths": (8, 12)}
    ours, twin = Discriminator(**shape), OpaqueDiscriminator(**shape)
    trunks = ("encoder", "global_trunk")
    assert {n: p.shape for n, p in twin.named_parameters() if n.startswith(trunks)} == {
        n: p.shape for n, p in ours.named_parameters() if n.startswith(trunks)
    }
    decision = twin(*a_batch())
    torch.testing.assert_close(decision.logit, decision.residual + decision.bias)
