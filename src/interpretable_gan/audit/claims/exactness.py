"""Do the parts add up to the score, and does a place's term depend on its patch alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from interpretable_gan.audit.claims.base import Findings, measure, withhold
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.terms import Part
from interpretable_gan.progress import Progress, Status
from interpretable_gan.shapes import Code, Images

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

NO_PARTS = "The black-box discriminator's decision has no parts."
NO_PATCHES = "No term claims to depend on a part of the image alone."


@torch.no_grad()
def decomposition(model: ImageModel, data: Dataset, report: Progress) -> Findings:
    """Worst gap between the sum of all terms, places and all, and the score that the network
    computes, relative to the score where that is larger than 1; over the whole test split."""
    if not model.explains:
        return withhold(NO_PARTS)
    rows = data.rows("test")
    worst, total = 0.0, 0.0
    for part in slices(len(rows)):
        images, labels, _ = data.batch(rows[part])
        gaps = model.terms(images, model.code_of(images, labels)).gaps()
        worst, total = max(worst, float(gaps.max())), total + float(gaps.sum())
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
def locality(model: ImageModel, data: Dataset, count: int, seed: int, report: Progress) -> Findings:
    """Replace all pixels outside a place's patch by those of another image: largest change of the
    place's terms, over all places and attributes of ``count`` images."""
    if not model.explains:
        return withhold(NO_PARTS)
    rng = np.random.default_rng([seed, 1])
    rows = rng.permutation(data.rows("test"))
    image, labels, _ = data.batch(rows[:1])
    patches = _patches(model, image, model.code_of(image, labels))
    if patches is None:
        return withhold(NO_PATCHES)
    largest, replaced = 0.0, 0.0
    for number in range(count):
        image, labels, _ = data.batch(rows[[number % len(rows)]])
        others = data.batch(rng.choice(rows, len(patches)))[0]
        same = image.expand(len(patches), -1, -1, -1)
        mixed = torch.where(patches, same, others)
        condition = model.code_of(image, labels).expand(len(patches), -1)
        before, after = (_own_places(model, batch, condition) for batch in (same, mixed))
        largest = max(largest, float((after - before).abs().max()))
        replaced += float((mixed != same).any(dim=1).double().mean()) / count
        report(Status(number + 1, count, "replacing far pixels"))
    samples = {"images": count, "places": len(patches)}
    return Findings(
        measures=(
            measure("locality", "largest change", largest, samples=samples),
            measure("locality", "pixels replaced", replaced, share=True, samples=samples),
        )
    )


def _placed(model: ImageModel, images: Images, code: Code) -> list[Part]:
    """The terms that claim to depend on a patch alone."""
    parts = [part for part in model.terms(images, code).parts if part.places]
    return [part for part in parts if not model.patches(part).all()]


def _patches(model: ImageModel, image: Images, code: Code) -> Tensor | None:
    """Which pixels each place can see, (places, 1, height, width); None where no term claims it."""
    placed = _placed(model, image, code)
    return model.patches(placed[0])[0].cpu() if placed else None


def _own_places(model: ImageModel, images: Images, code: Code) -> Tensor:
    """Of image number i the terms of place number i, (places, terms)."""
    here = torch.arange(len(images))
    parts = _placed(model, images, code)
    return torch.cat([part.values[here, :, here] for part in parts], dim=1)
