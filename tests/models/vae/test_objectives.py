"""Each objective against a closed form or a computation of its own."""

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import norm
from torch.distributions import Normal, kl_divergence

from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.models.vae.objectives import (
    OBJECTIVES,
    Critic,
    Regularised,
    annealed,
    beta,
    dip1,
    dip2,
    divergence,
    factor,
    shuffled,
    tc,
    total_correlation,
)


def seen(rows=200, latents=3, *, seed=0, log_ratio=0.0, opened=1.0):
    """Latents that lean on each other, with variances of their own."""
    chance = torch.Generator().manual_seed(seed)
    mixing = torch.randn(latents, latents, generator=chance)
    mean = torch.randn(rows, latents, generator=chance) @ mixing
    posterior = Posterior(mean, torch.randn(rows, latents, generator=chance) - 2)
    sample = posterior.at(torch.randn(rows, latents, generator=chance))
    return Regularised(posterior, sample, torch.full((rows,), log_ratio), opened)


def test_the_divergence_is_that_of_two_normal_distributions():
    posterior = seen().posterior
    own = Normal(posterior.mean, posterior.log_variance.mul(0.5).exp())
    torch.testing.assert_close(divergence(posterior), kl_divergence(own, Normal(0.0, 1.0)))


def test_beta_weighs_the_divergence():
    batch = seen()
    whole = divergence(batch.posterior).sum(dim=1).mean()
    torch.testing.assert_close(beta(batch, 4.0), 4 * whole)


def test_factor_adds_the_log_ratio_that_the_critic_tells():
    batch = seen(log_ratio=0.5)
    torch.testing.assert_close(factor(batch, 6.0), batch.divergence + 3.0)


def test_the_total_correlation_is_that_of_the_mixture_of_posteriors():
    batch = seen(rows=40)
    sample, mean = batch.sample.double().numpy(), batch.posterior.mean.double().numpy()
    sigma = np.exp(batch.posterior.log_variance.double().numpy() / 2)
    gaps = []
    for z in sample:  # the densities of q(z) and of each q(z_j), image by image
        each = norm.logpdf(z, mean, sigma)
        joint = logsumexp(each.sum(axis=1)) - math.log(40)
        product = sum(logsumexp(column) - math.log(40) for column in each.T)
        gaps.append(joint - product)
    estimate = total_correlation(batch.sample, batch.posterior)
    assert estimate.item() == pytest.approx(np.mean(gaps), rel=1e-4)
    torch.testing.assert_close(tc(batch, 5.0), batch.divergence + 4 * estimate)
    torch.testing.assert_close(tc(batch, 1.0), batch.divergence)


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_the_total_correlation_of_normal_latents_is_that_of_the_formula(correlation):
    """To the scatter and the upward bias of a batch of 2,000."""
    chance = torch.Generator().manual_seed(0)
    first, other = torch.randn(2, 2000, generator=chance)
    second = correlation * first + math.sqrt(1 - correlation**2) * other
    means = math.sqrt(0.9) * torch.stack([first, second], dim=1)
    posterior = Posterior(means, torch.full_like(means, math.log(0.1)))
    sample = posterior.at(torch.randn(means.shape, generator=chance))
    exact = -math.log(1 - (0.9 * correlation) ** 2) / 2
    assert total_correlation(sample, posterior).item() == pytest.approx(exact, abs=0.05)


def test_dip_wants_the_covariance_to_be_the_identity():
    batch = seen()
    means = np.cov(batch.posterior.mean.double().numpy().T, bias=True)
    whole = means + np.diag(batch.posterior.log_variance.double().exp().mean(dim=0).numpy())

    def apart(matrix, diagonal):
        off = sum(matrix[i, j] ** 2 for i in range(3) for j in range(3) if i != j)
        return off + diagonal * sum((matrix[i, i] - 1) ** 2 for i in range(3))

    kl = batch.divergence.item()
    assert dip1(batch, 2.0).item() == pytest.approx(kl + 2 * apart(means, 10), rel=1e-4)
    assert dip2(batch, 2.0).item() == pytest.approx(kl + 2 * apart(whole, 1), rel=1e-4)


@pytest.mark.parametrize("opened", [0.0, 0.5, 1.0])
def test_annealed_holds_the_divergence_to_a_capacity_that_grows(opened):
    batch = seen(opened=opened)
    wanted = 1000 * abs(batch.divergence.item() - 25 * opened)
    assert annealed(batch, 25.0).item() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_passes_gradients_to_means_and_variances(name):
    batch = seen(rows=20)
    mean, log_variance = (
        each.clone().requires_grad_()
        for each in (batch.posterior.mean, batch.posterior.log_variance)
    )
    posterior = Posterior(mean, log_variance)
    again = Regularised(posterior, posterior.at(torch.ones_like(mean)), mean[:, 0], 1.0)
    OBJECTIVES[name](again, 2.0).backward()
    assert mean.grad.any()
    assert log_variance.grad.any()


def test_the_critic_learns_the_total_correlation():
    """Of two normal latents that correlate by 0.8: −log(1 − 0.64) / 2 = 0.51 nats."""
    chance = torch.Generator().manual_seed(0)
    critic = Critic(2, width=32)
    adam = torch.optim.Adam(critic.parameters(), lr=5e-3)

    def drawn(count):
        both = torch.randn(count, 2, generator=chance)
        return torch.stack([both[:, 0], 0.8 * both[:, 0] + 0.6 * both[:, 1]], dim=1)

    for _ in range(200):
        rows = drawn(128)
        loss = critic.loss(rows, shuffled(rows, chance))
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert critic(drawn(5000)).mean().item() == pytest.approx(0.51, abs=0.1)


def test_shuffling_keeps_every_latent_and_parts_them():
    rows = seen(rows=500).sample
    apart = shuffled(rows, torch.Generator().manual_seed(0))
    torch.testing.assert_close(apart.sort(dim=0).values, rows.sort(dim=0).values)
    assert torch.corrcoef(rows.T).triu(1).abs().max() > 0.5
    assert torch.corrcoef(apart.T).triu(1).abs().max() < 0.15
