"""Fresh styles are spread as those that were read from images."""

import torch

from interpretable_gan.models.gan.style_space import StyleSpace


def dependent(n, seed):
    """Styles of three numbers that depend on each other and do not lie around 0."""
    chance = torch.Generator().manual_seed(seed)
    mixed = torch.tensor([[1.0, 0, 0], [0.9, 0.4, 0], [-0.5, 0.2, 0.3]])
    return torch.randn(n, 3, generator=chance) @ mixed.T + torch.tensor([0.5, -1, 0])


def fitted(steps=2000):
    space = StyleSpace(3)
    for step in range(steps):
        space.follow(dependent(16, step))
    return space


def test_fresh_styles_have_the_mean_and_the_covariance_of_those_read():
    fresh = fitted().from_normal(torch.randn(20_000, 3, generator=torch.Generator().manual_seed(1)))
    real = dependent(20_000, -1)
    torch.testing.assert_close(fresh.mean(dim=0), real.mean(dim=0), atol=0.1, rtol=0)
    torch.testing.assert_close(torch.cov(fresh.T), torch.cov(real.T), atol=0.12, rtol=0)


def test_a_style_comes_back_from_its_numbers():
    space, style = fitted(50), dependent(8, 3)
    torch.testing.assert_close(space.from_normal(space.to_normal(style)), style)


def test_weights_from_before_there_was_such_a_space_draw_styles_as_they_are():
    space = fitted(50)
    space.load_state_dict({})
    numbers = torch.randn(4, 3)
    assert torch.equal(space.from_normal(numbers), numbers)
