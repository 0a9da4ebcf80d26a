"""The GAN keeps what every model of any family promises."""

import pytest
from promises import OF_EXPLANATIONS, OF_MODELS


@pytest.mark.parametrize("promise", [*OF_MODELS, *OF_EXPLANATIONS])
def test_the_gan_keeps(promise, world):
    promise(world.run.model())
