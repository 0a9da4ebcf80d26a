"""The terms of the objective, each a function from tensors to one number (design §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.encoder import View
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.shapes import Code, Scores

Scalar = Float[Tensor, ""]

LEAD = 1.5
"""How many times as far as any other contribution that of an edited attribute should move."""


def judged(decision: Decision, paired: Scores, nameless: Scores) -> Scores:
    """The logit as the game sees it: agreement only where real and generated share a code, what
    was discovered and the residual only where names do not decide alone (``paired`` and
    ``nameless`` are 0 or 1).
    """
    named = decision.agreement.shape[1]
    return (
        decision.bias
        + paired * decision.agreement.sum(dim=1)
        + decision.realism[:, :named].sum(dim=1)
        + nameless * (decision.realism[:, named:].sum(dim=1) + decision.residual)
    )


def relativistic(winner: Scores, loser: Scores) -> Scalar:
    """``softplus(−(D(winner) − D(loser)))``, pair by pair (Jolicoeur-Martineau 2018)."""
    return F.softplus(loser - winner).mean()


def gradient_penalty(judge: Callable[[View], Scores], views: View) -> Scalar:
    """``E ‖∇_x D‖²``: R1 on real images, R2 on generated ones (Mescheder et al. 2018). The slope is
    against what the trunk learns from: pixels, or the features of a published network.

    By a second backward pass. Finite differences along random directions are cheaper and have the
    same expectation, but their scatter drowns what the encoder has to learn.
    """
    views = views.detach().requires_grad_()
    (slope,) = torch.autograd.grad(judge(views).sum(), views, create_graph=True)
    return slope.float().square().flatten(1).sum(dim=1).mean()


def residual_share(real: Decision, fake: Decision) -> Scalar:
    """Share of the variance of ``D(real, s) − D(fake, s)`` that the residual's difference has."""
    residual = real.residual - fake.residual
    whole = real.logit - fake.logit
    return residual.var() / (whole.var() + 1e-6)


@torch.no_grad()
def spread(views: View) -> Scalar:
    """How far images are from their mean, root mean square over pixels, or over features."""
    return (views - views.mean(dim=0)).square().mean().sqrt()


@torch.no_grad()
def importance(
    real: Decision, fake: Decision, owners: Float[Tensor, "columns attributes"]
) -> Float[Tensor, " attributes"]:
    """Mean absolute contribution of each attribute to decisions on real images, beside its mean on
    generated ones. ``owners`` is 1 where a column belongs to an attribute.
    """
    usual = fake.contributions.mean(dim=0)
    return ((real.contributions - usual) @ owners).abs().mean(dim=0)


def impartiality(real: Decision, fake: Decision) -> Scalar:
    """Mean square of what realism says of both images of a pair alike, summed over columns.

    A pair shares its code, so in the game all that depends on the code alone cancels. Left free,
    one run has glasses look real and the next one doubtful, and their explanations tell of it.
    """
    alike = (real.realism + fake.realism) / 2
    return alike.square().sum(dim=1).mean()


def sharing(real: Decision, fake: Decision) -> Scalar:
    """Mean square of what a contribution says of one of a pair and not of the other, summed over
    columns (ridge, Hoerl & Kennard 1970).

    What several attributes could tell they share. Left free, one of them has it, and in the next
    run another.
    """
    apart = real.contributions - fake.contributions
    return apart.square().sum(dim=1).mean()


def separation(decision: Decision) -> Scalar:
    """Mean squared correlation between the realism terms of different columns; 0 when apart."""
    terms = decision.realism - decision.realism.mean(dim=0)
    terms = terms / (terms.norm(dim=0) + 1e-6)
    correlations = terms.T @ terms
    columns = len(correlations)
    return (correlations.square().sum() - columns) / max(columns * (columns - 1), 1)


def matching(decision: Decision, typical: float) -> Scalar:
    """``softplus(−2·α_k)`` on real images, α claimed in full: their own attributes fit better than
    the opposite. ``typical`` is the most strength of a claim."""
    return F.softplus(-2 / typical * decision.agreement).mean()


def crediting(
    fake: Decision, orders: Orders, owners: Float[Tensor, "columns attributes"]
) -> Scalar:
    """``max(0, log(LEAD · m_j / m_k))``, k the changed attribute, j of all others the one whose
    contribution moves most, m how far: from a generated image to its edited twin, while the claim
    is held. Nothing once k leads by ``LEAD``, so that crediting takes no more than it needs.
    """
    edited, named = slice(orders.kept, None), fake.agreement.shape[1]
    claimed, asked = orders.code[orders.twin_of, :named], orders.code[edited, :named]
    held = torch.where(asked == 0, 1.0, claimed / asked)  # of attributes that were not changed: 1
    before, after = fake.contributions[orders.twin_of], fake.contributions[edited].clone()
    after[:, :named] += fake.agreement[edited] * (held - 1)
    moved = ((after - before) @ owners).abs() + 1e-3
    own = moved.gather(1, orders.changed[:, None])
    other = moved.scatter(1, orders.changed[:, None], 0).amax(dim=1, keepdim=True)
    return F.relu((LEAD * other / own).log()).mean()


def divergence(posterior: Posterior) -> Scalar:
    """``KL(q(u | x) ‖ N(0, 1))`` in nats an image: what a style says of the image it was read from
    (Kingma & Welling 2014).
    """
    mean, log_variance = posterior.mean, posterior.log_variance
    each = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
    return each.sum(dim=1).mean()


def resembling(drawn: Sequence[Tensor], images: Sequence[Tensor]) -> Scalar:
    """Mean absolute difference of features, summed over levels: each counts alike, the deepest,
    which has the fewest numbers, too (perceptual loss, Johnson et al. 2016).
    """
    pairs = zip(drawn, images, strict=True)
    return torch.stack([F.l1_loss(one, other) for one, other in pairs]).sum()


def keeping(readings: Code, twins: Code, untouched: Float[Tensor, "edited columns"]) -> Scalar:
    """How far an edit moves the readings of attributes that nobody asked to change."""
    moved = (readings - twins).clamp(-8, 8) * untouched
    return moved.square().mean()
