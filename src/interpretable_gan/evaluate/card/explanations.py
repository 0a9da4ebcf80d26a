"""Do explanations name what the decision rests on?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.evaluate.card.claim import Findings, Measure, measure, withhold
from interpretable_gan.evaluate.card.exactness import NO_PARTS
from interpretable_gan.evaluate.card.samples import Material
from interpretable_gan.evaluate.faithfulness import Direction, Faithfulness, cell_faithfulness
from interpretable_gan.evaluate.result import plain
from interpretable_gan.evaluate.sanity import own_cells, sanity_check
from interpretable_gan.models.discriminator import OpaqueDiscriminator

if TYPE_CHECKING:
    from interpretable_gan.model import InterpretableGAN

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
        measures=(*deletion, *insertion, likeness),
        reason=(
            "The decision is a sum over cells, so by construction no ranking deletes them better "
            "than its own terms; the figures say how far the others are from it."
        ),
        details=plain({"curves": found.to_dict(), "shuffled": shuffled.to_rows()}),
    )


def _beats(found: Faithfulness, rival: str, direction: Direction) -> Measure:
    """By how many logits our ranking's curve is better than a rival's, mean over the curve."""
    images = len(found.deletion_area[rival])
    value, interval = found.advantage(rival, direction)
    name = f"{direction} against {RIVALS[rival]}"
    return measure(CLAIM, name, value, interval, samples={"images": images})
