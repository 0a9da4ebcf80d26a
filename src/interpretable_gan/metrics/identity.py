"""Is it still the same person? Similarity on a feature network, with a scale to read it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError
from interpretable_gan.metrics.calibration import best_threshold
from interpretable_gan.metrics.extractors import FeatureExtractor
from interpretable_gan.metrics.uncertainty import seed_interval

PAIRS = 500
"""Most pairs of either kind behind a scale."""


@dataclass(frozen=True)
class IdentityScale:
    """What similarity two real photographs have, as a scale for edited ones.

    same, different: mean similarity of two photographs of one person, and of two people, with 95 %
        intervals of the mean over pairs
    pairs: of the same person, and as many of different people
    threshold: above it two photographs rather show the same person
    accuracy: share of these pairs that the threshold tells right, 0.5 to 1
    extractor: name of the feature network
    """

    same: float
    same_interval: tuple[float, float] | None
    different: float
    different_interval: tuple[float, float] | None
    pairs: int
    threshold: float
    accuracy: float
    extractor: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def similarity(extractor: FeatureExtractor, first: Any, second: Any) -> NDArray[np.float64]:
    """Cosine similarity of two images' features, pair by pair: −1 to 1, and 1 for equal images.

    Args:
        first, second: as the extractor takes them, ``n`` each.

    Returns:
        ``(n,)``; 0 where an image has no features at all.
    """
    return cosine(extractor(first), extractor(second))


def cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same of features ``(n, d)``."""
    return np.einsum("nd,nd->n", _unit(first), _unit(second))


def identity_scale(
    data: Dataset,
    extractor: FeatureExtractor,
    *,
    splits: Sequence[str] = ("test",),
    seed: int = 0,
) -> IdentityScale:
    """Measure the scale on photographs of the data.

    Args:
        splits: where to look for people who are there twice; never rows that the feature network
            was trained on.

    Raises:
        DataError: the data does not say who is who, or no person is there twice.
    """
    if data.groups is None:
        raise DataError(f"data set {data.name!r} does not say which images show the same person.")
    rows = np.concatenate([data.rows(split) for split in splits])
    rng = np.random.default_rng([seed, 0])
    same = _pairs_of_one(data.groups[rows], rng)
    if not len(same):
        raise DataError(f"no person is twice in {', '.join(splits)} of {data.name!r}.")
    different = _pairs_of_two(data.groups[rows], len(same), rng)
    alike, apart = (
        similarity(extractor, *(data.images[rows[places]] for places in pairs.T))
        for pairs in (same, different)
    )
    threshold, accuracy = best_threshold(alike, apart)
    return IdentityScale(
        same=float(alike.mean()),
        same_interval=seed_interval(alike.tolist()),
        different=float(apart.mean()),
        different_interval=seed_interval(apart.tolist()),
        pairs=len(same),
        threshold=threshold,
        accuracy=accuracy,
        extractor=extractor.name,
    )


def _unit(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows of length 1; rows of nothing stay nothing."""
    rows = features.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _pairs_of_one(people: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Pairs of places at which the same person stands, ``(pairs, 2)``; a person counts once."""
    order = rng.permutation(len(people))
    order = order[np.argsort(people[order], kind="stable")]
    first = np.flatnonzero(np.r_[True, np.diff(people[order]) != 0])
    first = first[np.diff(np.r_[first, len(order)]) > 1]
    return rng.permutation(np.stack([order[first], order[first + 1]], axis=1))[:PAIRS]


def _pairs_of_two(
    people: NDArray[np.int64], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """As many pairs of places at which different people stand, ``(pairs, 2)``.

    Raises:
        DataError: there is one person only.
    """
    if len(np.unique(people)) < 2:
        raise DataError("all images show the same person.")
    pairs = np.empty((0, 2), np.int64)
    while len(pairs) < count:
        drawn = rng.integers(0, len(people), (2 * count, 2))
        pairs = np.concatenate([pairs, drawn[people[drawn[:, 0]] != people[drawn[:, 1]]]])
    return pairs[:count]
