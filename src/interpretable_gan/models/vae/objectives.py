"""How the latents of a VAE are regularised, each a function from tensors to one number.

All latents here are in units of their prior, which is standard normal.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.shapes import Scores

Scalar = Float[Tensor, ""]
Latents = Float[Tensor, "batch latents"]

GAMMA = 1000.0
"""How strongly AnnealedVAE holds the divergence to its capacity (Locatello et al. 2019)."""

DIAGONAL = 10.0
"""λ_d / λ_od of DIP-VAE I (Kumar et al. 2018, §4)."""


@dataclass(frozen=True)
class Regularised:
    """What an objective sees of a batch.

    posterior: q(z|x); sample: z drawn from it, each (batch, latents)
    log_ratio: a critic's estimate of log q(z) / Π_j q(z_j), (batch,); 0 without a critic
    opened: how far the opening of the run has come, 0 to 1
    """

    posterior: Posterior
    sample: Latents
    log_ratio: Scores
    opened: float

    @property
    def divergence(self) -> Scalar:
        """KL(q(z|x) ‖ N(0, 1)) in nats an image."""
        return divergence(self.posterior).sum(dim=1).mean()


def divergence(posterior: Posterior) -> Latents:
    """KL(q(z_j|x) ‖ N(0, 1)) in nats, latent by latent (Kingma & Welling 2014, appendix B)."""
    mean, log_variance = posterior.mean, posterior.log_variance
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2


def beta(seen: Regularised, strength: float) -> Scalar:
    """β · KL (Higgins et al. 2017, eq. 4)."""
    return strength * seen.divergence


def factor(seen: Regularised, strength: float) -> Scalar:
    """KL + γ · TC(z), whose log-ratio a critic tells (FactorVAE, Kim & Mnih 2018, eq. 2 and 3)."""
    return seen.divergence + strength * seen.log_ratio.mean()


def tc(seen: Regularised, strength: float) -> Scalar:
    """KL + (β − 1) · TC(z): β weighs the total correlation alone (β-TCVAE, Chen et al. 2018,
    eq. 4 with α = γ = 1)."""
    return seen.divergence + (strength - 1) * total_correlation(seen.sample, seen.posterior)


def dip1(seen: Regularised, strength: float) -> Scalar:
    """KL + λ_od · Σ_{i≠j} C_ij² + λ_d · Σ_i (C_ii − 1)², C = Cov(μ(x)) (DIP-VAE-I, Kumar et al.
    2018, eq. 6)."""
    means = covariance(seen.posterior.mean)
    return seen.divergence + strength * apart_from_identity(means, DIAGONAL)


def dip2(seen: Regularised, strength: float) -> Scalar:
    """The same of C = Cov(μ(x)) + E[σ²(x)], with λ_d = λ_od (DIP-VAE-II, eq. 7)."""
    spread = seen.posterior.log_variance.exp().mean(dim=0)
    whole = covariance(seen.posterior.mean) + torch.diag(spread)
    return seen.divergence + strength * apart_from_identity(whole, 1.0)


def annealed(seen: Regularised, strength: float) -> Scalar:
    """1000 · |KL − C|, where the capacity C grows to its end (AnnealedVAE, Burgess et al. 2018,
    eq. 8)."""
    return GAMMA * (seen.divergence - seen.opened * strength).abs()


OBJECTIVES: dict[str, Callable[[Regularised, float], Scalar]] = {
    "beta": beta,
    "factor": factor,
    "tc": tc,
    "dip1": dip1,
    "dip2": dip2,
    "annealed": annealed,
}


def total_correlation(sample: Latents, posterior: Posterior) -> Scalar:
    """KL(q(z) ‖ Π_j q(z_j)) in nats, estimated within a batch: q(z) is taken as the mixture of the
    posteriors of its images (Chen et al. 2018, appendix C.1, without the constants of the size of
    the data). It is biased upwards, and 0 at best."""
    mean, log_variance = posterior.mean, posterior.log_variance
    gap = sample[:, None] - mean[None]  # (draws, images, latents)
    each = -(gap.square() / log_variance.exp() + log_variance + math.log(2 * math.pi)) / 2
    images = math.log(len(sample))
    joint = each.sum(dim=2).logsumexp(dim=1) - images
    product = (each.logsumexp(dim=1) - images).sum(dim=1)
    return (joint - product).mean()


def covariance(rows: Latents) -> Float[Tensor, "latents latents"]:
    """Of the latents over a batch."""
    apart = rows - rows.mean(dim=0)
    return apart.T @ apart / len(rows)


def apart_from_identity(matrix: Float[Tensor, "latents latents"], diagonal: float) -> Scalar:
    """Sum of squares off the diagonal, and of what the diagonal is apart from 1 times a factor."""
    squares = (matrix - torch.eye(len(matrix), device=matrix.device)).square()
    own = squares.diagonal().sum()
    return squares.sum() - own + diagonal * own


class Critic(nn.Module):
    """Tells latents of images from the same latents shuffled apart: its logit estimates
    log q(z) / Π_j q(z_j) (Kim & Mnih 2018, §4, with fewer and narrower layers).

    Shape: (batch, latents) to (batch,).
    """

    def __init__(self, latents: int, width: int = 256) -> None:
        super().__init__()
        widths = [latents, width, width, width]
        layers: list[nn.Module] = []
        for inputs, outputs in itertools.pairwise(widths):
            layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, latents: Latents) -> Scores:
        told: Tensor = self.layers(latents)
        return told[:, 0]

    def loss(self, latents: Latents, shuffled: Latents) -> Scalar:
        """Cross-entropy of telling both apart, log 2 for a guess."""
        return (F.softplus(-self(latents)).mean() + F.softplus(self(shuffled)).mean()) / 2


def shuffled(latents: Latents, chance: torch.Generator) -> Latents:
    """Each latent of another row: draws from Π_j q(z_j) (Kim & Mnih 2018, algorithm 1). Random
    numbers are drawn on the CPU, so that every device gives the same."""
    order = torch.rand(latents.shape, generator=chance).argsort(dim=0).to(latents.device)
    return latents.gather(0, order)
