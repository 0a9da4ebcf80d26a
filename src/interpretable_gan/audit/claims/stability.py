"""Do runs with other seeds rely on the same attributes?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.claims.base import Findings, measure, withhold
from interpretable_gan.audit.material import Material
from interpretable_gan.data.batches import slices
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.decision_shares import by_attribute

if TYPE_CHECKING:
    from interpretable_gan.models.images import ImageModel

CLAIM = "stable"
ALONE = "It takes runs of other seeds: igan audit RUN --also RUN2 --also RUN3."


def stable(
    model: ImageModel,
    others: Sequence[ImageModel],
    data: Dataset,
    material: Material,
    resamples: int,
    seed: int,
) -> Findings:
    """Spearman's correlation of the global importance of named attributes, mean over pairs of runs.

    Raises:
        DataError: another run has another schema.
    """
    named = data.schema.names
    if not others:
        return withhold(ALONE)
    if len(named) < 3:
        return withhold("It takes three named attributes to rank.")
    for other in others:
        if other.schema.named != model.schema.named:
            raise DataError("a run given to compare with has another schema than the run itself.")
    deviations = [_own(material, len(named))]
    deviations += [_of(other, data, material, len(named)) for other in others]
    once = np.ones((1, len(material.real)))
    clusters = material.clusters[: len(material.real)]
    weights = intervals.draws(material.cluster_count, resamples, seed)[:, clusters]
    value = _agreement(deviations, once)[0]
    interval = intervals.percentiles(_agreement(deviations, weights), material.cluster_count)
    return Findings(
        measures=(
            measure(
                CLAIM,
                "rank correlation",
                float(value),
                interval,
                samples=material.behind(runs=len(deviations), images=len(material.real)),
            ),
        ),
        details={
            "attributes": list(named),
            "importance": [importance(each, once)[0].tolist() for each in deviations],
        },
    )


def importance(deviations: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float64]:
    """Mean absolute contribution of each attribute, ``(resample, attribute)``.

    Args:
        deviations: of contributions to real images from their mean over generated ones, absolute
            ``(image, attribute)``.
        weights: how often each image counts ``(resample, image)``.
    """
    return weights @ deviations / weights.sum(axis=1, keepdims=True)


def _own(material: Material, named: int) -> NDArray[np.float64]:
    real, fake = material.real.contributions, material.samples.contributions[: len(material.real)]
    return np.abs(real - fake.mean(axis=0))[:, :named]


def _of(model: ImageModel, data: Dataset, material: Material, named: int) -> NDArray[np.float64]:
    """The same of another run, on the same real images, with samples of the same labels."""
    columns, count = data.schema.named_columns, len(material.real)
    code = model.codes(count).clone()
    code[:, :columns] = material.code[:count, :columns]
    condition = code.clone()
    condition[:, :columns] = material.condition[:count, :columns]
    style = model.styles(count)
    real: list[NDArray[np.float64]] = []
    fake: list[NDArray[np.float64]] = []
    for part in slices(count):
        images = data.batch(material.rows[part])[0]
        drawn = model.draw(code[part], style[part])
        for some, found in ((images, real), (drawn, fake)):
            terms = model.scored(some, condition[part])[0]
            found.append(by_attribute(model.schema, terms))
    return np.abs(np.concatenate(real) - np.concatenate(fake).mean(axis=0))[:, :named]


def _agreement(deviations: Sequence[NDArray[Any]], weights: NDArray[Any]) -> NDArray[np.float64]:
    """Mean rank correlation over pairs of runs, ``(resample,)``; the runs share their images."""
    from scipy.stats import rankdata

    ranks = [rankdata(importance(each, weights), axis=1) for each in deviations]
    centred = [each - each.mean(axis=1, keepdims=True) for each in ranks]
    with np.errstate(invalid="ignore"):  # nan where all attributes are equally important
        pairs = [
            (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
            for a, b in combinations(centred, 2)
        ]
    return np.mean(pairs, axis=0)
