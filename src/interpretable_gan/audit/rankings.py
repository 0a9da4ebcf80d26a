"""What moved a score most? Rankings of places, and of (attribute, place) cells, to be put to test.

A ranking is an array of relevances, larger = more responsible for a high score, whose last two axes
are the rows and columns of places. `cell_contributions` is the discriminator's own sum; the others
are the usual explanations of networks that have none, and need nothing but gradients.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.models.gan.discriminator import Decision, Discriminator
from interpretable_gan.models.gan.encoder import PLACES, Evidence
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images

STEPS = 20
"""Points between baseline and image at which integrated gradients look."""

Terms = Callable[[Images], Float[Tensor, "batch terms"]]
"""Images to the numbers that are to be explained, each of its own image."""

Relevance = NDArray[np.float64]
"""(image, term, row, column)."""


def cell_contributions(
    discriminator: Discriminator, schema: Schema, images: Images, code: Code, usual: Evidence
) -> Relevance:
    """What the evidence of each cell adds to the logit beyond usual evidence at the same place.

        c_k(i,j) = (s_k ψ_k(i,j) + w_k(i,j)) · (φ_k(i,j) − φ̄_k(i,j))

    To replace a cell's evidence by the usual lowers the logit by exactly its contribution, since
    the logit is a sum. A categorical attribute is one cell per place.

    Args:
        discriminator: the additive one.
        code: what the images are decided by, all columns.
        usual: from `usual_evidence`.

    Returns:
        (image, attribute, row, column).
    """
    with torch.no_grad():
        encoder = discriminator.encoder
        terms = discriminator.terms(encoder.evidence(encoder.features(images)) - usual, code)
    starts = [schema.slices[name].start for name in schema.names]
    return np.add.reduceat(terms.double().cpu().numpy(), starts, axis=1)


@torch.no_grad()
def usual_evidence(discriminator: Discriminator, images: Images) -> Evidence:
    """φ̄ (1, columns, channels, places, places): mean evidence over reference images."""
    encoder = discriminator.encoder
    return encoder.evidence(encoder.features(images)).mean(dim=0, keepdim=True)


def attribute_terms(discriminator: Discriminator, schema: Schema, code: Code) -> Terms:
    """Images to what each attribute adds to their logits, (batch, attributes)."""
    widths = [schema[name].width for name in schema.names]

    def terms(images: Images) -> Tensor:
        decision: Decision = discriminator(images, code)
        parts = torch.split(decision.contributions, widths, dim=1)
        return torch.stack([part.sum(dim=1) for part in parts], dim=1)

    return terms


def gradient_times_input(terms: Terms, images: Images, *, places: int = PLACES) -> Relevance:
    """Σ over a place's pixels of x · ∂term/∂x, per term (Shrikumar et al. 2016)."""
    return _over_places(images * gradients(terms, images), places)


def integrated_gradients(
    terms: Terms, images: Images, baseline: Images, *, places: int = PLACES, steps: int = STEPS
) -> Relevance:
    """Σ over a place's pixels of (x − x̄) · mean ∂term/∂x on the way from x̄ to x, per term
    (Sundararajan et al. 2017), by the midpoint rule.

    Args:
        baseline: x̄, one image or as many as there are images.
    """
    moved = images - baseline
    total = torch.zeros(())
    for step in range(steps):
        total = total + gradients(terms, baseline + moved * ((step + 0.5) / steps))
    return _over_places(moved * total / steps, places)


def gradients(terms: Terms, images: Images) -> Float[Tensor, "terms batch channels height width"]:
    """∂term/∂x of each term, one backward pass for each."""
    with torch.enable_grad():
        inputs = images.detach().requires_grad_()
        columns = terms(inputs).sum(dim=0).unbind()
        last = len(columns) - 1
        return torch.stack(
            [
                torch.autograd.grad(column, inputs, retain_graph=number < last)[0]
                for number, column in enumerate(columns)
            ]
        )


def _over_places(
    pixels: Float[Tensor, "terms batch channels height width"], places: int
) -> Relevance:
    """Pixels' relevances summed over channels and over the square of each place."""
    terms, batch, _, height, width = pixels.shape
    summed = pixels.sum(dim=2).view(terms, batch, places, height // places, places, width // places)
    return summed.sum(dim=(3, 5)).transpose(0, 1).double().cpu().numpy()
