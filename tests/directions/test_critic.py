"""What edits have and plain images do not is told, and what both have is not."""

import math

import pytest
import torch

from interpretable_gan.directions.critic import Critic


@pytest.fixture
def faces():
    return torch.rand(64, 3, 16, 16, generator=torch.Generator().manual_seed(0)) - 0.5


def marked(images):
    """With a bright bar across."""
    marked = images.clone()
    marked[:, :, 6:8] = 1
    return marked


def test_a_critic_learns_what_edits_have(faces):
    critic = Critic(3, 16, seed=0)
    losses = [critic.learn(faces, marked(faces)) for _ in range(60)]
    assert losses[0] == pytest.approx(2 * math.log(2), abs=0.3)
    assert losses[-1] < 0.2
    assert critic(marked(faces)).mean() > 2 > 0.2 > critic(faces).mean()


def test_what_both_have_tells_nothing(faces):
    critic = Critic(3, 16, seed=0)
    for _ in range(20):
        loss = critic.learn(marked(faces), marked(faces))
    assert loss == pytest.approx(2 * math.log(2), abs=0.05)


def test_gradients_reach_images_and_leave_the_critic_alone(faces):
    critic = Critic(3, 16, seed=0)
    critic.learn(faces, marked(faces))
    before = [weight.clone() for weight in critic.network.parameters()]
    edited = marked(faces).requires_grad_()
    critic(edited).mean().backward()
    assert edited.grad.abs().sum() > 0
    for weight, was in zip(critic.network.parameters(), before, strict=True):
        assert torch.equal(weight, was)
        assert not weight.requires_grad


def test_the_weights_come_from_the_seed_and_cost_no_randomness(faces):
    state = torch.get_rng_state()
    same, other = Critic(3, 16, seed=1), Critic(3, 16, seed=2)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(same(faces), Critic(3, 16, seed=1)(faces))
    assert not torch.equal(same(faces), other(faces))
