"""An image unlike the training images is noticed, and one like them is not."""

import torch

from interpretable_gan.models.gan.familiar import Familiar, flat


def features(n, seed, strange=False):
    """Features of 6 channels that hang on 3 numbers, and a little noise; strange ones do not."""
    chance = torch.Generator().manual_seed(seed)
    mixed = torch.randn(3, 6 * 64, generator=torch.Generator().manual_seed(0))
    said = torch.randn(n, 3, generator=chance) @ mixed
    noise = torch.randn(n, 6 * 64, generator=chance)
    return (noise * said.std() if strange else said + 0.1 * noise).view(n, 6, 8, 8)


def fitted():
    familiar = Familiar(6)
    familiar.fit(flat(features(1000, 1)))
    return familiar


def test_one_image_in_a_hundred_like_those_learned_from_is_taken_as_strange():
    share = (fitted()(features(4000, 2)) > 1).float().mean()
    assert 0.004 < share < 0.025


def test_an_image_that_is_put_together_otherwise_is_strange():
    assert (fitted()(features(50, 3, strange=True)) > 1).all()


def test_before_it_is_fitted_and_in_earlier_runs_nothing_is_strange():
    familiar = fitted()
    familiar.load_state_dict({})
    assert not familiar(features(5, 3, strange=True)).any()
    assert not Familiar(6)(features(5, 3)).any()
