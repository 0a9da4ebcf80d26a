"""The terms of the objective, each a function from tensors to one number (design §4)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.models.discriminator import Decision
from interpretable_gan.shapes import Code, Images, Scores

Scalar = Float[Tensor, ""]

NOISE = 0.05
"""σ of the finite differences, in pixels of [-1, 1]."""


def judged(decision: Decision, paired: Scores, residual: Scores) -> Scores:
    """The logit as the game sees it: agreement only where real and generated share a code, the
    residual only where it was not dropped (``paired`` and ``residual`` are 0 or 1).
    """
    return (
        decision.bias
        + paired * decision.agreement.sum(dim=1)
        + decision.realism.sum(dim=1)
        + residual * decision.residual
    )


def relativistic(winner: Scores, loser: Scores) -> Scalar:
    """``softplus(−(D(winner) − D(loser)))``, pair by pair (Jolicoeur-Martineau 2018)."""
    return F.softplus(loser - winner).mean()


def gradient_penalty(judge: Callable[[Images], Scores], images: Images, noise: Images) -> Scalar:
    """``E ‖∇_x D‖²`` along random directions, by central differences.

    Equals R1 on real and R2 on generated images (Roth et al. 2017, Mescheder et al. 2018) in
    expectation over unit normal ``noise``, without a second backward pass.
    """
    step = NOISE * noise
    ahead, behind = judge(torch.cat([images + step, images - step])).chunk(2)
    return ((ahead - behind) / (2 * NOISE)).square().mean()


def residual_share(real: Decision, fake: Decision) -> Scalar:
    """Share of the variance of ``D(real, s) − D(fake, s)`` that the residual's difference has."""
    residual = real.residual - fake.residual
    whole = real.logit - fake.logit
    return residual.var() / (whole.var() + 1e-6)


def separation(decision: Decision) -> Scalar:
    """Mean squared correlation between the realism terms of different columns; 0 when apart."""
    terms = decision.realism - decision.realism.mean(dim=0)
    terms = terms / (terms.norm(dim=0) + 1e-6)
    correlations = terms.T @ terms
    columns = len(correlations)
    return (correlations.square().sum() - columns) / max(columns * (columns - 1), 1)


def matching(decision: Decision) -> Scalar:
    """``softplus(−2·α_k)`` on real images: their own attributes fit better than the opposite."""
    return F.softplus(-2 * decision.agreement).mean()


def keeping(readings: Code, twins: Code, untouched: Float[Tensor, "edited columns"]) -> Scalar:
    """How far an edit moves the readings of attributes that nobody asked to change."""
    moved = (readings - twins).clamp(-8, 8) * untouched
    return moved.square().mean()
