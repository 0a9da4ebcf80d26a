"""Headline figures of further splits, such as the official test images of a published data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from interpretable_gan.audit.card import Apart
from interpretable_gan.audit.claims.accuracy import encoder_accuracy
from interpretable_gan.audit.claims.base import without_verdict
from interpretable_gan.audit.claims.reliance import not_vacuous
from interpretable_gan.audit.claims.steering import steerable
from interpretable_gan.audit.material import gather
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.data.dataset import SPLITS, Dataset
from interpretable_gan.metrics.quality.features import Extractor
from interpretable_gan.metrics.readings import Judge
from interpretable_gan.progress import Progress

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

FEWEST = 20
"""Of a split with fewer images nothing is measured: statistics of sets take as many."""
EDITS = 25
"""Edits for every value of every attribute: enough to stand beside the card's own."""


def reported_apart(
    model: ImageModel,
    data: Dataset,
    judges: Sequence[Judge],
    extractor: Extractor,
    sizes: Sizes,
    seed: int,
    report: Progress,
) -> tuple[Apart, ...]:
    """Accuracy of the encoder, pairs won by the real image, and steerability, for each split of the
    data beside training, validation and test."""
    found = []
    for split in data.splits:
        rows = np.random.default_rng([seed, 0]).permutation(data.rows(split))[: sizes.pictures]
        if split in SPLITS or len(rows) < FEWEST:
            continue
        small = sizes.model_copy(update={"samples": len(rows), "edits": min(EDITS, sizes.edits)})
        material = gather(model, data, rows, judges[:1], extractor, small, seed, report)
        judge = judges[0]
        pairs = () if model.no_discriminator else not_vacuous(material).measures
        measures = [
            encoder_accuracy("", material, data, sizes.resamples, seed),
            *(each for each in pairs if each.name == "pairs won by the real image"),
            *steerable(material, judge, sizes.resamples, seed).measures[:1],
        ]
        groups = None if data.groups is None else len(np.unique(data.groups[data.rows(split)]))
        found.append(
            Apart(
                split=split,
                images=len(rows),
                groups=groups,
                measures=tuple(without_verdict(measures)),
            )
        )
    return tuple(found)
