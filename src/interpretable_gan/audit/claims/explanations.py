"""Do explanations name what the decision rests on?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from interpretable_gan.audit.claims.base import Findings, Measure, measure, withhold
from interpretable_gan.audit.claims.exactness import NO_PARTS
from interpretable_gan.audit.faithfulness import (
    Direction,
    Faithfulness,
    blurred,
    cell_faithfulness,
    pixel_faithfulness,
)
from interpretable_gan.audit.material import Material
from interpretable_gan.audit.rankings import (
    attribute_terms,
    cell_contributions,
    gradient_times_input,
    usual_evidence,
)
from interpretable_gan.audit.sanity import own_cells, sanity_check
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.result import plain
from interpretable_gan.shapes import Code, Images

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

OWN_ORDER, FAITHFUL = "own order", "faithful"
RIVALS = {  # ranking → what a card calls it
    "random": "random order",
    "gradient_times_input": "gradient × input",
    "integrated_gradients": "integrated gradients",
}
STEPS = 8
"""Of integrated gradients: each costs a backward pass per attribute."""
REFERENCE = 256
"""Real images whose mean evidence stands in for what was deleted."""


@dataclass(frozen=True, eq=False)
class Explained:
    """Real images whose decisions are explained, each of another group, and the mean of others.

    images, reference: as the discriminator takes them; code: what the images are decided by
    """

    images: Images
    code: Code
    reference: Images

    @classmethod
    def of(cls, model: ImageModel, data: Dataset, material: Material, count: int) -> Explained:
        """The first ``count`` groups; where the data has none, images."""
        real = len(material.real)
        chosen = np.sort(np.unique(material.clusters[:real], return_index=True)[1])[:count]
        code = material.condition[chosen].clone()
        code[:, data.schema.named_columns :] = 0
        others = material.rows[:real][-REFERENCE:]
        return cls(
            model.checked(data.batch(material.rows[chosen])[0]),
            code,
            model.checked(data.batch(others)[0]),
        )


def own_order(
    model: ImageModel, data: Dataset, material: Material, count: int, seed: int
) -> Findings:
    """Delete and insert (attribute, place) cells of evidence of real images, by our terms and by
    rivals: how far the usual explanations are from the terms themselves."""
    if not model.explains or model.no_discriminator:
        return withhold(model.no_discriminator or NO_PARTS)
    discriminator = model.additive()
    some = Explained.of(model, data, material, count)
    found = cell_faithfulness(
        discriminator,
        model.schema,
        some.images,
        some.code,
        some.reference,
        steps=STEPS,
        seed=seed,
    )
    return Findings(
        measures=tuple(
            _beats(found, rival, direction, _each_its_own(material, len(some.images)))
            for direction in ("deletion", "insertion")
            for rival in RIVALS
        ),
        reason=(
            "The decision is a sum over cells, so no ranking deletes them better than its own "
            "terms; the figures say how far the others are from it."
        ),
        details=plain({"curves": found.to_dict()}),
    )


def faithful(
    model: ImageModel, data: Dataset, material: Material, count: int, seed: int
) -> Findings:
    """Delete the pixels of places, by our terms and by rivals; shuffle the discriminator's weights
    and see whether explanations notice."""
    if not model.explains or model.no_discriminator:
        return withhold(model.no_discriminator or NO_PARTS)
    discriminator = model.additive()
    some = Explained.of(model, data, material, count)
    images, code, reference = some.images, some.code, some.reference
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
    samples = _each_its_own(material, len(images))
    likeness = measure(
        FAITHFUL,
        "likeness after shuffling",
        float(shuffled.correlation[-1]),
        shuffled.intervals[-1].tolist(),
        samples=samples,
    )
    return Findings(
        measures=(*_on_pixels(pixels, samples), likeness),
        reason="Pixels are deleted place by place, which favours no ranking by construction.",
        details=plain({"pixels": pixels.to_dict(), "shuffled": shuffled.to_rows()}),
    )


def _on_pixels(found: Faithfulness, samples: dict[str, int]) -> list[Measure]:
    """By how many logits our ranking deletes pixels better than others, mean over the curve."""
    return [
        measure(
            FAITHFUL,
            f"pixels deleted against {RIVALS[rival]}",
            *found.advantage(rival),
            samples=samples,
        )
        for rival in ("random", "gradient_times_input")
    ]


def _beats(
    found: Faithfulness, rival: str, direction: Direction, samples: dict[str, int]
) -> Measure:
    """By how many logits our ranking's curve is better than a rival's, mean over the curve."""
    value, interval = found.advantage(rival, direction)
    name = f"{direction} against {RIVALS[rival]}"
    return measure(OWN_ORDER, name, value, interval, samples=samples)


def _each_its_own(material: Material, images: int) -> dict[str, int]:
    """Images of as many groups."""
    return {"images": images} | ({"groups": images} if material.grouped else {})
