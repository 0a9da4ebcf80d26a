"""What a step of a VAE learns from, and what its config refuses."""

import pytest
import torch

from interpretable_gan.errors import ConfigError, DataError
from interpretable_gan.models.vae.config import PRESETS, STRENGTHS, VAEConfig
from interpretable_gan.models.vae.learner import VAELearner
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.runtime import Runtime
from world import TINY_VAE


@pytest.fixture
def learner(world):
    def make(**settings):
        config = VAEConfig.of("tiny", **TINY_VAE | settings)
        return VAELearner(world.data, config, Runtime(config), Optimizer)

    return make


def test_nothing_can_be_hidden_under_a_name(learner, world):
    """Reconstruction moves how discovered attributes are read, and named ones not at all."""
    made = learner()
    images, labels, known = world.data.batch(world.data.rows("train")[:8])
    seen = made.networks.recogniser(images)
    z = made._drawn(seen.posterior, labels, known & False, step=0)
    code, style = z.tensor_split([made.schema.columns], dim=1)
    (made.networks.generator(code, style) - images).square().sum().backward()
    named = made.schema.named_columns
    slope = made.networks.recogniser.encoder.read.weight.grad
    assert not slope[:named].any()
    assert slope[named:].any()


def test_named_latents_are_drawn_around_labels_or_around_what_is_read(learner, world):
    made = learner()
    images, labels, known = world.data.batch(world.data.rows("train")[:16])
    posterior = made.networks.recogniser(images).posterior
    posterior.log_variance[:] = -20
    named = made.schema.named_columns
    for mask, wanted in ((known, labels), (known & False, posterior.mean[:, :named])):
        drawn = made._drawn(posterior, labels, mask, step=0)[:, :named]
        torch.testing.assert_close(drawn, wanted, rtol=0, atol=1e-3)


def test_steps_lower_what_they_should(learner, world):
    made = learner(images=10_000)
    rows = world.data.rows("train")[:16]
    reports = [made.step(world.data.batch(rows), step) for step in range(60, 78)]
    for name in ("reconstruction", "reading"):
        assert reports[-1][name] < 0.9 * reports[0][name], name


@pytest.mark.long
def test_a_stronger_objective_leaves_less_to_what_has_no_name(learner, world):
    rows = world.data.rows("train")[:16]

    def said(strength):
        made = learner(images=10_000, strength=strength)
        told = [made.step(world.data.batch(rows), step) for step in range(60, 70)]
        return told[-1]["unnamed_divergence"]

    assert said(50.0) < 0.7 * said(0.1)


def test_images_of_another_size_are_refused(learner):
    with pytest.raises(DataError, match="images of side 16, the config wants 32"):
        learner(size=32, generator_widths=(8, 8, 8, 8))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("objective", STRENGTHS)
def test_every_preset_and_objective_survives_json(preset, objective):
    config = VAEConfig.of(preset, objective=objective)
    assert VAEConfig.model_validate_json(config.model_dump_json()) == config
    assert config.weight == STRENGTHS[objective]
    assert VAEConfig.of(preset, objective=objective, strength=7.0).weight == 7


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"objective": "gamma"}, "objective: .*'beta', 'factor', 'tc'.*but got 'gamma'"),
        ({"strength": -1}, "strength: .*greater than or equal to 0, but got -1"),
        ({"noise": 0}, "noise: .*greater than 0, but got 0"),
        ({"recalled": 0.5}, "there is no setting 'recalled'"),
        ({"size": 48}, "size 48: images have a side of"),
    ],
)
def test_nonsense_gets_one_sentence(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        VAEConfig.of(**settings)


def test_the_capacity_of_annealed_grows_over_the_opening():
    config = VAEConfig.of(images=3000, batch=10, objective="annealed", opening=0.5)
    assert [config.opened(step) for step in (0, 75, 150, 299)] == [0, 0.5, 1, 1]
