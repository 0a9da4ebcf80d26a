"""A published network as trunk: what a place sees is bounded, and the decision is still a sum."""

import copy

import numpy as np
import pytest
import torch
from toy_learners import Alone

from interpretable_gan.data import portraits
from interpretable_gan.errors import DataError, MissingExtraError, RunError
from interpretable_gan.explain.reading import explain_reading
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.blocks import Convolution
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.discriminator import Discriminator
from interpretable_gan.models.gan.encoder import CHANNELS, PLACES, PretrainedTrunk
from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import build
from interpretable_gan.models.taught import Taught, Word
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.optimizer import Optimizer

SIZE = 64


@pytest.fixture(scope="module")
def discriminator():
    torch.manual_seed(0)
    shape = {"named": 3, "discovered": 2, "size": SIZE, "widths": (8, 12)}
    return Discriminator(**shape, trunk=pretrained.NAME).eval().requires_grad_(False)


def some_images(seed, n=2):
    return torch.rand(n, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def mixed(inside, outside, rows, columns):
    """Images that are ``inside`` within a patch and ``outside`` elsewhere."""
    images = outside.clone()
    images[:, :, rows, columns] = inside[:, :, rows, columns]
    return images


@pytest.mark.parametrize("place", [(0, 0), (3, 4), (7, 2)], ids=str)
def test_pixels_outside_its_patch_cannot_change_a_place_of_the_first_level(discriminator, place):
    trunk, code = discriminator.encoder.trunk, torch.ones(2, 5)
    rows, columns = (trunk.patch(side) for side in place)
    images = some_images(1)
    changed = mixed(images, some_images(2), rows, columns)

    def placed(images):
        return discriminator.placed(
            discriminator.encoder.evidence(discriminator.encoder.features(images)), code
        )

    for before, after in zip(placed(images), placed(changed), strict=True):
        here = (..., *place)
        assert torch.equal(before[:, :, 0][here], after[:, :, 0][here])
        assert not torch.equal(before[:, :, 1:][here], after[:, :, 1:][here])


def test_a_patch_is_less_than_a_third_of_the_side_and_no_larger_than_what_is_seen(discriminator):
    trunk = discriminator.encoder.trunk
    patches = [trunk.patch(place) for place in range(8)]
    assert max(patch.stop - patch.start for patch in patches) <= SIZE / 3
    images = some_images(3, 1).requires_grad_()
    evidence = discriminator.encoder.evidence(discriminator.encoder.features(images))
    evidence[:, :, :2, 4, 4].sum().backward()
    rows, columns = ((images.grad.abs().sum((0, 1, axis)) > 0).nonzero() for axis in (3, 2))
    for seen in (rows, columns):
        assert (seen.min().item(), seen.max().item() + 1) == (patches[4].start, patches[4].stop)


def test_places_of_a_level_have_an_equal_say(discriminator):
    """Where a face is in the picture is no part of the decision, only what is there."""
    code, images = torch.ones(2, 5), some_images(8)
    evidence = discriminator.encoder.evidence(discriminator.encoder.features(images))
    moved = evidence.flatten(3)[..., torch.randperm(64)].unflatten(3, (8, 8))
    features = discriminator.encoder.features(images)
    one, other = (discriminator.judge(features, each, code) for each in (evidence, moved))
    torch.testing.assert_close(one.logit, other.logit)
    torch.testing.assert_close(one.reading, other.reading)


def test_what_is_learned_on_published_features_is_no_steeper_than_they_are(discriminator):
    """Also after a long step: else the discriminator wins before the generator has learned."""
    network = copy.deepcopy(discriminator).train()
    with torch.no_grad():
        for each in network.parameters():
            each.mul_(30)
        for _ in range(100):  # power iteration
            network.decide(network.encoder.trunk.view(some_images(9)), torch.ones(2, 5))
    network.eval()
    kernels = [each.weight for each in network.modules() if isinstance(each, Convolution)]
    assert len(kernels) == 3 * 2 + 2 * 2 + 1 + 2
    for kernel in kernels:
        assert torch.linalg.matrix_norm(kernel, 2).item() == pytest.approx(1, rel=0.02)


def test_a_decision_does_not_depend_on_those_before_it():
    """Spectral norms are estimated in training only."""
    model, images = a_model(), some_images(10)
    code = torch.ones(2, model.schema.columns)
    first = model.decide(images, code).logit
    assert torch.equal(first, model.decide(images, code).logit)


def test_training_on_a_published_network_resumes_to_the_bit():
    data = portraits.dataset(size=16, count=40, seed=0)
    config = GANConfig.of(
        "photo", size=16, discovered=2, batch=8, discriminator_widths=(8, 8), images=10_000
    )
    real = data.batch(data.rows("train")[:8])
    one, other = (GANLearner(data, config, Alone(batch=8), Optimizer) for _ in range(2))
    one.step(real, 0)
    other.restore({name: each.clone() for name, each in one.state().items()})
    for learner in (one, other):
        learner.step(real, 1)
    state, again = one.state(), other.state()
    assert state.keys() == again.keys()
    assert not [name for name in state if not torch.equal(state[name], again[name])]


def a_model():
    """An untrained model, whose schema has one attribute that claims a place and one that does
    not."""
    attributes = (Attribute(name="smiling"), Attribute(name="young", scope="global"))
    schema = Schema(name="faces", attributes=attributes).with_discovered(2)
    config = GANConfig.of(
        "photo", discovered=2, generator_widths=(8,) * 5, discriminator_widths=(8, 8)
    )
    frequencies = torch.full((schema.named_columns,), 0.5)
    usual = torch.zeros(4, schema.columns)
    return InterpretableGAN(schema, config, build(schema, config, 3), usual, frequencies)


def test_the_logit_is_the_exact_sum_over_levels_attributes_and_places():
    terms = a_model().terms(some_images(4))
    assert terms.error() < 1e-6
    rows = {(part.kind, part.source, bool(part.places)): part.rows for part in terms.parts}
    assert rows["realism", "named", True] == ("smiling",), "young claims no place"
    assert rows["realism", "named", False] == ("smiling", "young"), "deep levels claim none"
    assert rows["agreement", "named", True] == ("smiling",)


def test_the_published_network_is_fixed_and_no_part_of_a_model_file():
    model = a_model()
    names = [name for name in model.tensors() if "trunk" in name]
    assert names
    assert not [name for name in names if "depthwise" in name or "stem" in name]
    assert not any(weight.requires_grad for weight in pretrained.lite0(model.device).parameters())


def test_images_that_are_alike_to_the_network_are_alike_in_every_term():
    """Mean and scale of the published features do not depend on the batch."""
    trunk = PretrainedTrunk(size=SIZE, widths=(4, 4))
    images = some_images(5, 3)
    torch.testing.assert_close(trunk.view(images)[1:2], trunk.view(images[1:2]))


def test_features_of_pictures_have_about_unit_variance():
    smooth = torch.nn.functional.interpolate(torch.randn(8, 3, 8, 8), SIZE, mode="bicubic")
    for level in pretrained.lite0(torch.device("cpu"))(smooth.clamp(-1, 1)):
        assert 0.2 < level.var() < 5


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"efficientnet-lite0 needs an extra.*pretrained"):
        pretrained.weights_file()


def test_other_weights_than_the_published_ones_are_refused(monkeypatch):
    monkeypatch.setattr(pretrained, "CHECKSUM", "0" * 64)
    with pytest.raises(RunError, match="not what efficientnet-lite0 published"):
        pretrained.weights_file()


def test_grey_images_are_refused_with_the_setting_that_takes_them():
    with pytest.raises(DataError, match="set trunk=own"):
        Discriminator(
            named=1, discovered=0, size=64, widths=(4, 4), image_channels=1, trunk=pretrained.NAME
        )


def test_a_taught_word_is_read_from_all_levels_and_mapped_in_the_first():
    model, images = a_model(), some_images(6)
    shape = (model.schema.columns, CHANNELS * PretrainedTrunk.levels, PLACES, PLACES)
    still = torch.zeros(model.schema.columns + model.config.style)
    attribute = Attribute(name="shadow", source="taught")
    word = Word(attribute, torch.randn(shape), 0.5, still, still, {}, "")
    read = explain_reading(Taught(model, [word]), images, "shadow")
    assert read.sum_error < 1e-5
    assert np.abs(read.unplaced).min() > 0, "deep levels speak too"
    assert read.offset.tolist() == [0.5]


def test_a_reading_claims_places_for_the_first_level_alone():
    model, images = a_model(), some_images(6)
    read = explain_reading(model, images, "smiling")
    assert read.sum_error < 1e-5
    assert np.abs(read.unplaced).min() > 0, "deep levels speak too"
    (top, bottom), (left, right) = read.patches[3], read.patches[4]
    changed = mixed(images, some_images(7), slice(top, bottom), slice(left, right))
    again = explain_reading(model, changed, "smiling")
    np.testing.assert_array_equal(read.evidence[..., 3, 4], again.evidence[..., 3, 4])
    assert not np.array_equal(read.unplaced, again.unplaced)
