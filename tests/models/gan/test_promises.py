"""The GAN keeps what every model and every learner of any family promises."""

import pytest
from promises import OF_EXPLANATIONS, OF_LEARNERS, OF_MODELS

from interpretable_gan.models.gan.learner import GANLearner
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.runtime import Runtime


@pytest.mark.parametrize("promise", [*OF_MODELS, *OF_EXPLANATIONS])
def test_the_gan_keeps(promise, world):
    promise(world.run.model())


@pytest.mark.parametrize("promise", OF_LEARNERS)
def test_the_gan_learns_as_every_family_does(promise, world):
    data, config = world.data, world.run.config
    rows = data.rows("train")
    batches = [data.batch(rows[n * 16 : n * 16 + 16]) for n in range(4)]
    promise(lambda: GANLearner(data, config, Runtime(config), Optimizer), batches)
