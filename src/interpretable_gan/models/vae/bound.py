"""The evidence bound of a VAE as terms: divergence by attribute, reconstruction by place."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.models.gan.parts import CELLS
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.models.terms import Part, Terms
from interpretable_gan.models.vae.networks import in_units, prior_scale
from interpretable_gan.models.vae.objectives import divergence
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images, Known, NamedCode

Divergences = Float[Tensor, "batch latents"]


def against_claims(
    posterior: Posterior, claimed: NamedCode, known: Known, columns: int
) -> Divergences:
    """KL(q(z|x) ‖ p(z|s)) in nats, latent by latent, z = (named, discovered, style).

    What is claimed of a named latent is its prior's mean, N(s_k, ⅓²). One of which nothing is
    claimed has the prior N(0, 1), as wide as all claims together; what has no name has N(0, ⅓²) in
    the code and N(0, 1) in the style.
    """
    latents, named = posterior.mean.shape[1], claimed.shape[1]
    scale = prior_scale(columns, latents - columns).to(claimed).repeat(len(claimed), 1)
    scale[:, :named] = torch.where(known, scale[:, :named], 1.0)
    mean = F.pad(claimed * known, (0, latents - named))
    return divergence(in_units(posterior, mean, scale))


def log_likelihood(
    images: Images, drawn: Float[Tensor, "draws batch channels height width"], noise: float
) -> tuple[Float[Tensor, "batch places"], Float[Tensor, ""]]:
    """log p(x|z) in nats, mean over draws of z: what each of 8×8 places adds, row by row, and the
    constant. p is normal around what is drawn, with σ ``noise``."""
    misfit = (drawn - images).square().mean(dim=0) / (2 * noise**2)
    side = images.shape[-1] // PLACES
    cells = F.avg_pool2d(misfit.sum(dim=1, keepdim=True), side) * side**2
    constant = -images[0].numel() * math.log(noise * math.sqrt(2 * math.pi))
    return -cells.flatten(1), misfit.new_full((), constant)


def bound_of(
    schema: Schema, divergences: Divergences, places: Float[Tensor, "batch places"], bias: Tensor
) -> Terms:
    """Terms of the bound on log p(x|s); a categorical attribute's columns are one row."""
    total = bias + places.double().sum(dim=1) - divergences.double().sum(dim=1)
    named, found, style = torch.tensor_split(
        -divergences, [schema.named_columns, schema.columns], dim=1
    )
    widths = [attribute.width for attribute in schema.named]
    by_name = torch.stack([each.sum(dim=1) for each in torch.split(named, widths, dim=1)], dim=1)
    parts = [
        Part("divergence", "named", by_name[..., None], tuple(a.name for a in schema.named)),
        Part("divergence", "residual", style.sum(dim=1)[:, None, None], ("style",)),
        Part("reconstruction", "residual", places[:, None], ("reconstruction",), CELLS),
    ]
    if found.shape[1]:
        names = tuple(attribute.name for attribute in schema.discovered)
        parts.insert(1, Part("divergence", "discovered", found[..., None], names))
    return Terms(tuple(parts), bias, total.to(places))
