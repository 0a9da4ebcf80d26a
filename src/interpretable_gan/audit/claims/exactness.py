"""Do the parts add up to the decision, and does a place's term depend on its patch alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from interpretable_gan.audit.claims.base import Findings, measure, withhold
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.discriminator import Discriminator, OpaqueDiscriminator
from interpretable_gan.models.gan.encoder import PLACES
from interpretable_gan.progress import Progress, Status
from interpretable_gan.shapes import Code, Images

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN

NO_PARTS = "The black-box discriminator's decision has no parts."


@torch.no_grad()
def decomposition(model: InterpretableGAN, data: Dataset, report: Progress) -> Findings:
    """Worst gap between the sum of all terms, places and all, and the logit that the network
    computes, relative to the logit where that is larger than 1; over the whole test split."""
    discriminator = model.networks.discriminator
    if isinstance(discriminator, OpaqueDiscriminator):
        return withhold(NO_PARTS)
    rows = data.rows("test")
    worst, total = 0.0, 0.0
    for part in slices(len(rows)):
        images, labels, _ = data.batch(rows[part])
        condition = model.code_of(images, labels)
        images = model.checked(images)
        decision = discriminator(images, condition)
        terms = place_terms(discriminator, images, condition).double().sum(dim=(1, 2, 3))
        whole = terms + decision.residual.double() + decision.bias.double()
        logit = decision.logit.double()
        gap = (whole - logit).abs() / logit.abs().clamp(min=1)
        worst, total = max(worst, float(gap.max())), total + float(gap.sum())
        report(Status(part.stop, len(rows), "adding up decisions"))
    samples = {"images": len(rows)}
    return Findings(
        measures=(
            measure("decomposition", "worst relative gap", worst, samples=samples),
            measure("decomposition", "mean relative gap", total / len(rows), samples=samples),
        ),
        reason="Each decision is an exact sum only to the rounding of float32.",
        details={"precision": "float32"},
    )


@torch.no_grad()
def locality(
    model: InterpretableGAN, data: Dataset, count: int, seed: int, report: Progress
) -> Findings:
    """Replace all pixels outside a place's patch by those of another image: largest change of the
    place's terms, over all places and attributes of ``count`` images."""
    discriminator = model.networks.discriminator
    if isinstance(discriminator, OpaqueDiscriminator):
        return withhold(NO_PARTS)
    rng = np.random.default_rng([seed, 1])
    rows = rng.permutation(data.rows("test"))
    patches = [discriminator.encoder.trunk.patch(place) for place in range(PLACES)]
    windows = [(row, column) for row in patches for column in patches]
    here = torch.arange(PLACES**2)
    largest, replaced = 0.0, 0.0
    for number in range(count):
        image, labels, _ = data.batch(rows[[number % len(rows)]])
        others = data.batch(rng.choice(rows, len(windows)))[0]
        same = image.expand(len(windows), -1, -1, -1)
        mixed = others.clone()
        for place, (row, column) in enumerate(windows):
            mixed[place, :, row, column] = image[0, :, row, column]
        condition = model.code_of(image, labels).expand(len(windows), -1)
        before, after = (
            placed_terms(discriminator, model.checked(batch), condition).flatten(2)[here, :, here]
            for batch in (same, mixed)
        )
        largest = max(largest, float((after - before).abs().max()))
        replaced += float((mixed != same).any(dim=1).double().mean()) / count
        report(Status(number + 1, count, "replacing far pixels"))
    samples = {"images": count, "places": len(windows)}
    return Findings(
        measures=(
            measure("locality", "largest change", largest, samples=samples),
            measure("locality", "pixels replaced", replaced, share=True, samples=samples),
        )
    )


def place_terms(
    discriminator: Discriminator, images: Images, code: Code
) -> Float[Tensor, "batch columns places places"]:
    """What each place adds to the logit by each column, agreement and realism together, over all
    levels of the trunk."""
    encoder = discriminator.encoder
    return discriminator.terms(encoder.evidence(encoder.features(images)), code)


def placed_terms(
    discriminator: Discriminator, images: Images, code: Code
) -> Float[Tensor, "batch terms places places"]:
    """What each place adds at the level that claims places, by agreement and by realism of each
    column."""
    encoder = discriminator.encoder
    levels = discriminator.placed(encoder.evidence(encoder.features(images)), code)
    return torch.cat([each[:, :, 0] for each in levels], dim=1)
