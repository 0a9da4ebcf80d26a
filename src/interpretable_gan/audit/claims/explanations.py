"""Do explanations name what the decision rests on?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interpretable_gan.audit.claim import Findings, Measure, measure, withhold
from interpretable_gan.audit.claims.exactness import NO_PARTS
from interpretable_gan.audit.faithfulness import (
    Direction,
    Faithfulness,
    blurred,
    cell_faithfulness,
    pixel_faithfulness,
)
from interpretable_gan.audit.rankings import (
    attribute_terms,
    cell_contributions,
    gradient_times_input,
    usual_evidence,
)
from interpretable_gan.audit.samples import Material
from interpretable_gan.audit.sanity import own_cells, sanity_check
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.result import plain
from interpretable_gan.models.gan.discriminator import OpaqueDiscriminator

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN

CLAIM = "faithful"
RIVALS = {  # ranking → what a card calls it
    "random": "random order",
    "gradient_times_input": "gradient × input",
    "integrated_gradients": "integrated gradients",
}
STEPS = 8
"""Of integrated gradients: each costs a backward pass per attribute."""
REFERENCE = 256
"""Real images whose mean evidence stands in for what was deleted."""


def faithful(
    model: InterpretableGAN, data: Dataset, material: Material, count: int, seed: int
) -> Findings:
    """Delete and insert (attribute, place) cells of evidence of real images, by our terms and by
    rivals; shuffle the discriminator's weights and see whether explanations notice."""
    discriminator = model.networks.discriminator
    if isinstance(discriminator, OpaqueDiscriminator):
        return withhold(NO_PARTS)
    rows = material.rows[: min(count, len(material.real))]
    images = model.checked(data.batch(rows)[0])
    code = material.claimed[: len(rows)].clone()
    code[:, data.schema.named_columns :] = 0
    others = material.rows[: len(material.real)][-REFERENCE:]
    reference = model.checked(data.batch(others)[0])
    found = cell_faithfulness(
        discriminator, model.schema, images, code, reference, steps=STEPS, seed=seed
    )
    cells = cell_contributions(
        discriminator, model.schema, images, code, usual_evidence(discriminator, reference)
    )
    terms = attribute_terms(discriminator, model.schema, code)
    pixels = pixel_faithfulness(
        lambda some: discriminator(some, code).logit,
        images,
        {
            "ours": cells.sum(axis=1),
            "gradient_times_input": gradient_times_input(terms, images).sum(axis=1),
        },
        blurred(images),
        described="the blurred image",
        seed=seed,
    )
    explain = partial(own_cells, schema=model.schema, images=images, code=code, reference=reference)
    shuffled = sanity_check(discriminator, explain, images, code, seed=seed)
    deletion = [_beats(found, rival, "deletion") for rival in RIVALS]
    insertion = [_beats(found, rival, "insertion") for rival in RIVALS]
    likeness = measure(
        CLAIM,
        "likeness after shuffling",
        float(shuffled.correlation[-1]),
        shuffled.intervals[-1].tolist(),
        samples={"images": len(rows)},
    )
    return Findings(
        measures=(*deletion, *insertion, likeness, *_on_pixels(pixels)),
        reason=(
            "The decision is a sum over cells, so by construction no ranking deletes them better "
            "than its own terms; the figures say how far the others are from it. Deleting the "
            "pixels of places favours nobody."
        ),
        details=plain(
            {
                "curves": found.to_dict(),
                "pixels": pixels.to_dict(),
                "shuffled": shuffled.to_rows(),
            }
        ),
    )


def _on_pixels(found: Faithfulness) -> list[Measure]:
    """The same where the pixels of places are deleted, without a threshold."""
    return [
        measure(
            CLAIM,
            f"pixels deleted against {RIVALS[rival]}",
            *found.advantage(rival),
            samples={"images": len(found.deletion_area[rival])},
        )
        for rival in ("random", "gradient_times_input")
    ]


def _beats(found: Faithfulness, rival: str, direction: Direction) -> Measure:
    """By how many logits our ranking's curve is better than a rival's, mean over the curve."""
    images = len(found.deletion_area[rival])
    value, interval = found.advantage(rival, direction)
    name = f"{direction} against {RIVALS[rival]}"
    return measure(CLAIM, name, value, interval, samples={"images": images})
