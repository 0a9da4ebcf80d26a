"""The evidence bound is a bound, adds up, and says which attribute an image contradicts."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.models.vae.bound import against_claims, log_likelihood

NOISE = 0.5


def test_the_likelihood_is_that_of_normal_pixels_place_by_place():
    images, drawn = torch.rand(2, 3, 16, 16), torch.rand(2, 2, 3, 16, 16)
    places, bias = log_likelihood(images, drawn, NOISE)
    each = Normal(drawn, NOISE).log_prob(images).mean(dim=0)  # mean over draws
    torch.testing.assert_close(bias + places.sum(dim=1), each.sum(dim=(1, 2, 3)), rtol=1e-5, atol=0)
    corner = Normal(drawn, NOISE).log_prob(images).mean(dim=0)[:, :, :2, 14:].sum(dim=(1, 2, 3))
    torch.testing.assert_close(places[:, 7] + bias / 64, corner, rtol=1e-4, atol=1e-4)


def test_what_is_claimed_is_the_mean_of_the_prior():
    """One named latent, one discovered, one of style."""
    posterior = Posterior(
        torch.tensor([[0.8, 0.1, -0.5]] * 3), torch.tensor([[-2.0, -1.0, 0.3]] * 3)
    )
    claimed = torch.tensor([[1.0], [-1.0], [0.0]])
    found = against_claims(posterior, claimed, claimed != 0, columns=2)
    own = Normal(posterior.mean, posterior.log_variance.mul(0.5).exp())
    priors = Normal(
        torch.tensor([[1.0, 0, 0], [-1.0, 0, 0], [0.0, 0, 0]]),
        torch.tensor([[1 / 3, 1 / 3, 1], [1 / 3, 1 / 3, 1], [1, 1 / 3, 1]]),
    )
    torch.testing.assert_close(found, kl_divergence(own, priors))


def test_a_bound_is_below_the_evidence():
    """x = z + noise with q the exact posterior: the bound is log p(x) itself; with another it is
    less by KL(q ‖ p(z|x))."""
    x, noise = torch.tensor([[0.7]]), NOISE
    precision = 1 + 1 / noise**2
    exact = Posterior(x / noise**2 / precision, torch.log(torch.tensor([[1 / precision]])))
    evidence = Normal(0.0, math.sqrt(1 + noise**2)).log_prob(x).item()
    draws = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))

    def bound(posterior):
        likelihood = Normal(posterior.at(draws), noise).log_prob(x).mean()
        nothing = torch.zeros(1, 0)
        kl = against_claims(posterior, nothing, nothing.bool(), columns=0).sum()
        return (likelihood - kl).item()

    assert bound(exact) == pytest.approx(evidence, abs=2e-3)
    assert bound(Posterior(exact.mean + 0.3, exact.log_variance)) < evidence - 0.1


def test_a_claim_that_an_image_contradicts_costs_its_own_attribute(world, vae):
    model, data = vae.model(), world.data
    images = data.batch(data.rows("test")[:8])[0]
    read = model.encode(images)[0]
    before = model.terms(images, read).by_row()
    for attribute in data.schema.named:
        columns = data.schema.slices[attribute.name]
        claimed = read.clone()
        claimed[:, columns] = torch.where(read[:, columns] > 0, -1.0, 1.0)
        after = model.terms(images, claimed).by_row()
        for name in before:
            if name == attribute.name:
                assert (after[name] < before[name]).all(), f"{name} does not mind"
            else:
                torch.testing.assert_close(after[name], before[name])
