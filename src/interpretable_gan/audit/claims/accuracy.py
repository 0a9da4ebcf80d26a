"""How well the model's own encoder reads real images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, Measure, measure
from interpretable_gan.audit.claims.steering import nanmean
from interpretable_gan.audit.material import Material
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.metrics.readings import agreement, value
from interpretable_gan.metrics.result import plain

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

CLAIM = "accurate"


def accurate(
    model: ImageModel, material: Material, data: Dataset, resamples: int, seed: int
) -> Findings:
    """Share of labels of test images that the encoder reads right, mean over attributes; an
    attribute is off or on, a level, or a third of its range. Beside it, how many test images the
    model takes as unlike those it learned from."""
    rows = material.rows[: len(material.real)]
    scores = material.real.read[:, : data.schema.named_columns]
    found = agreement(data.schema, scores, data.codes[rows], data.known[rows])
    balanced = [each.balanced_accuracy for each in found.values()]
    samples = material.behind(slice(len(rows)), images=len(rows))
    return Findings(
        measures=(
            encoder_accuracy(CLAIM, material, data, resamples, seed),
            measure(
                CLAIM,
                "balanced accuracy",
                float(nanmean(np.array(balanced)[:, None])[0]),
                share=True,
                samples=samples,
            ),
            false_alarms(CLAIM, model, material, data, resamples, seed),
        ),
        details=plain(
            {
                name: {"accuracy": each.accuracy, "balanced_accuracy": each.balanced_accuracy}
                for name, each in found.items()
            }
        ),
    )


def encoder_accuracy(
    claim: str, material: Material, data: Dataset, resamples: int, seed: int
) -> Measure:
    """The share read right, with its interval."""
    rows = material.rows[: len(material.real)]
    weights = intervals.draws(material.cluster_count, resamples, seed)
    mine = weights[:, material.clusters[: len(rows)]]
    once, again = [], []
    for attribute in data.schema.named:
        columns = data.schema.slices[attribute.name]
        known = np.all(data.known[rows][:, columns], axis=1)
        said, true = (
            value(attribute, each[:, columns]) for each in (material.real.read, data.codes[rows])
        )
        right = known & (said == true)
        once.append(_share(np.ones((1, len(rows))), right, known))
        again.append(_share(mine, right, known))
    return measure(
        claim,
        "encoder accuracy",
        float(nanmean(np.stack(once))[0]),
        intervals.percentiles(nanmean(np.stack(again)), material.cluster_count),
        share=True,
        samples=material.behind(slice(len(rows)), images=len(rows), attributes=len(once)),
    )


def false_alarms(
    claim: str,
    model: ImageModel,
    material: Material,
    data: Dataset,
    resamples: int,
    seed: int,
) -> Measure:
    """Share of test images that are taken as unlike the training images, with its interval."""
    rows = material.rows[: len(material.real)]
    strange = np.concatenate(
        [model.strangeness(data.batch(rows[part])[0]).cpu() > 1 for part in slices(len(rows))]
    )
    every = np.ones(len(rows), dtype=bool)
    weights = intervals.draws(material.cluster_count, resamples, seed)
    again = _share(weights[:, material.clusters[: len(rows)]], strange, every)
    return measure(
        claim,
        "test images taken as unlike the training images",
        float(strange.mean()),
        intervals.percentiles(again, material.cluster_count),
        share=True,
        samples=material.behind(slice(len(rows)), images=len(rows)),
    )


def _share(weights: NDArray[Any], right: NDArray[Any], known: NDArray[Any]) -> NDArray[np.float64]:
    """Of the known rows those read right, ``(resample,)``; nan where none is known."""
    total = weights @ known.astype(float)
    return weights @ right.astype(float) / np.where(total > 0, total, np.nan)
