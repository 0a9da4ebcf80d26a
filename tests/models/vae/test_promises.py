"""The VAE keeps what every model and every learner of any family promises, by each objective."""

import pytest
from promises import OF_EXPLANATIONS, OF_LEARNERS, OF_MODELS, goes_on_bit_for_bit

from interpretable_gan.models.vae.config import STRENGTHS, VAEConfig
from interpretable_gan.models.vae.learner import VAELearner
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.runtime import Runtime
from world import TINY_VAE


@pytest.mark.parametrize("promise", [*OF_MODELS, *OF_EXPLANATIONS])
def test_the_vae_keeps(promise, vae):
    promise(vae.model())


@pytest.mark.parametrize(
    ("objective", "promise"),
    [("factor", promise) for promise in OF_LEARNERS]
    + [(each, goes_on_bit_for_bit) for each in STRENGTHS if each != "factor"],
)
def test_the_vae_learns_as_every_family_does(objective, promise, world):
    config = VAEConfig.of("tiny", **TINY_VAE, objective=objective)
    rows = world.data.rows("train")
    batches = [world.data.batch(rows[n * 16 : n * 16 + 16]) for n in range(4)]
    promise(lambda: VAELearner(world.data, config, Runtime(config), Optimizer), batches)
