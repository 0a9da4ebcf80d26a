"""Inception score: are images recognisable one by one and varied together?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.measured import measured
from interpretable_gan.metrics.quality.features import (
    Extractor,
    describe_extractor,
    feature_rows,
)
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.uncertainty import checksum

ROWS_PER_CLASS = 10
"""Parts with fewer rows per class are biased down."""


@measured(1)
def inception_score(
    logits: ArrayLike,
    *,
    splits: int = 10,
    shuffle: bool | None = None,
    mode: Mode = "strict",
    seed: int = 2020,
    extractor: Extractor | None = None,
) -> Result:
    """exp of the mean KL(p(y|x) ‖ p(y)) within each part, averaged (Salimans et al. 2016).

    From 1 (all images read alike) to the number of classes, higher is better. It sees no real
    images and no variety within a class.

    Args:
        logits: class scores of generated images before the softmax, ``(n, classes)``.
        splits: parts in order of the rows; the value is their mean.
        shuffle: shuffle first; *strict* does, *reference* does not.
        mode: *reference* shuffles as the common packages do from this seed.
        seed: of the shuffle.
        extractor: the classifier; its description enters the result.
    """
    rows = feature_rows(logits, "class")
    if not 1 <= splits <= len(rows):
        raise MetricError(f"{len(rows)} rows cannot be split into {splits} parts.")
    shuffle = mode == "strict" if shuffle is None else shuffle
    order = np.arange(len(rows))
    if shuffle and mode == "reference":
        np.random.RandomState(seed).shuffle(order)
    elif shuffle:
        order = np.random.default_rng(seed).permutation(order)
    log_p: NDArray[np.float64] = log_softmax(rows[order].astype(np.float64), axis=1)
    edges = [index * len(rows) // splits for index in range(splits + 1)]
    scores = np.array([_score(log_p[start:stop]) for start, stop in pairwise(edges)])
    classes = rows.shape[1]
    return Result(
        metric="inception_score",
        value=float(scores.mean()),
        mode=mode,
        breakdown={
            "mean": float(scores.mean()),
            "std": float(scores.std()),
            "whole": _score(log_p),
        },
        parameters={"splits": splits, "shuffle": shuffle, **describe_extractor(extractor)},
        data={"fake_rows": len(rows), "classes": classes, "sha256": checksum(rows)},
        seed=seed,
        warnings=(
            (f"parts of {len(rows) // splits} rows for {classes} classes bias the score down.",)
            if len(rows) // splits < ROWS_PER_CLASS * classes
            else ()
        ),
    )


def _score(log_p: NDArray[np.float64]) -> float:
    p = np.exp(log_p)
    mean = p.mean(axis=0)
    log_mean = np.log(mean, out=np.zeros_like(mean), where=mean > 0)
    return float(np.exp(np.where(p > 0, p * (log_p - log_mean), 0).sum(axis=1).mean()))
