"""A linear read learned from a few examples, and how far it can be trusted.

Ridge regression on ±1, both sides weighed alike: a linear discriminant with a shrunken covariance
(Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2009, 4.3 and 18.3.1). Two
things make few examples go far. The covariance is that of unlabelled examples, of which there are
many (`Whitening`). And features come in groups, one for each place of an image: a group counts as
much as it tells the examples apart by itself (`trust`), since most words lie somewhere.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray
from scipy.optimize import minimize

from interpretable_gan.metrics.uncertainty import wilson

Array = NDArray[np.float64]
Sides = NDArray[np.bool_]
"""Which examples show the word, ``(example,)``."""

SHRINKAGE = 1e-2
"""Ridge penalty as a share of the variance of all features together."""

DISTRUST = 4
"""Power of a group's accuracy beyond chance: of two groups the better counts far more."""

ISOTROPIC = 3e-3
"""Variance that every direction is given beyond its own, as a share of all variance."""

FOLDS = 10
REPEATS = 3
"""Of cross-validation, with examples dealt anew."""

Z = 1.96
"""Standard normal quantile of a 95 % interval."""


Features = Float64[np.ndarray, "example group feature"]

Grams = Float64[np.ndarray, "group example example"]
"""Inner products of the features of a group."""


class Line(NamedTuple):
    """``score = offset + Σ features · weights``; above 0 the word is seen. Weights are
    ``(group, feature)``, or one number for a line through scores."""

    weights: Array
    offset: float


class Whitening(NamedTuple):
    """Makes all directions in which examples usually vary about alike, so that what varies much is
    not taken for the word: features times (Σ / κ + 1)^-½, with Σ their covariance in unlabelled
    examples. Directions in which these do not vary stay as they are.

    directions: orthonormal  (feature, direction)
    scale: what they are multiplied by, in (0, 1]  (direction,)
    """

    directions: Array
    scale: Array

    @classmethod
    def of(cls, unlabelled: Array) -> Whitening:
        """From examples ``(example, feature)`` of all kinds."""
        centred = unlabelled - unlabelled.mean(axis=0)
        _, spread, directions = np.linalg.svd(centred, full_matrices=False)
        variance = np.square(spread) / len(unlabelled)
        isotropic = ISOTROPIC * variance.sum() or 1.0
        return cls(directions.T, np.sqrt(isotropic / (variance + isotropic)))

    def __call__(self, features: Array) -> Array:
        """Features ``(…, feature)``, whitened. It is symmetric: weights of whitened features become
        weights of features in the same way."""
        along = (features @ self.directions) * (1 - self.scale)
        return features - along @ self.directions.T


class Recall(NamedTuple):
    """Shares of examples with and without the word that are told rightly, of ``yes`` and ``no``
    examples."""

    on: float
    off: float
    yes: int
    no: int

    @property
    def accuracy(self) -> float:
        """Balanced accuracy: 0.5 is chance, 1 is best."""
        return (self.on + self.off) / 2

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the balanced accuracy, from Wilson's of both shares (MOVER, Zou & Donner
        2008). Folds share examples, which it does not know."""
        ends = [wilson(share * n, n) for share, n in ((self.on, self.yes), (self.off, self.no))]
        (low, high), (lower, higher) = ends
        down = math.hypot(self.on - low, self.off - lower) / 2
        up = math.hypot(high - self.on, higher - self.off) / 2
        return self.accuracy - down, min(self.accuracy + up, 1.0)

    def needed(self) -> int:
        """Examples on either side with which an accuracy such as this one would be told from
        chance; it must be above chance."""
        variance = (self.on * (1 - self.on) + self.off * (1 - self.off)) / 4
        return math.ceil(Z**2 * max(variance, 1 / 16) / (self.accuracy - 0.5) ** 2)


class Checked(NamedTuple):
    """What cross-validation found.

    scores: of each example by lines that have not seen it  (repeat, example)
    curve: examples on either side that a line learned from → its balanced accuracy
    """

    scores: Array
    recall: Recall
    curve: dict[int, float]


def fit(features: Features, yes: Sides) -> Line:
    """The line through examples."""
    counts, dual, offset = _solved(grams(features), yes)
    weights = np.einsum("e,egf->gf", dual, features) * counts[:, None]
    return Line(weights, offset)


def grams(features: Features) -> Grams:
    """Inner products of all examples, group by group."""
    groups = np.ascontiguousarray(features.transpose(1, 0, 2))
    return groups @ groups.transpose(0, 2, 1)


def trust(gram: Grams, yes: Sides) -> Array:
    """How much each group counts, ``(group,)``, 0 to 1: by how far the balanced accuracy of a line
    through it alone, on examples left out one at a time, is above what a guess would easily reach;
    1 for all where none is."""
    target = np.where(yes, 1.0, -1.0)
    right = (left_out(gram, yes) * target > 0) @ _share(yes)
    above = np.maximum(2 * right - 1 - 1 / math.sqrt(len(yes)), 0)
    return (above / above.max()) ** DISTRUST if above.any() else np.ones(len(gram))


def left_out(gram: Grams, yes: Sides) -> Float64[np.ndarray, "group example"]:
    """What a line through each group alone says of each example if that weighs nothing, by the
    diagonal of its hat matrix (Hastie, Tibshirani & Friedman 2009, 7.10)."""
    share = _share(yes)
    root, centring = np.sqrt(share), np.eye(len(yes)) - share  # takes the weighted mean off
    centred = centring @ gram @ centring.T
    inner = centred * root * root[:, None]
    penalty = SHRINKAGE * np.trace(inner, axis1=1, axis2=2) + np.finfo(float).tiny
    solved = np.linalg.inv(inner + penalty[:, None, None] * np.eye(len(yes)))
    hat = share + (centred * root) @ solved @ (root[:, None] * centring)
    target = np.where(yes, 1.0, -1.0)
    own = np.diagonal(hat, axis1=1, axis2=2)
    return (hat @ target - own * target) / (1 - own)


def _solved(gram: Grams, yes: Sides) -> tuple[Array, Array, float]:
    """How much each group counts, the weight of each example in a line, which adds up to 0, and the
    offset that lies in the middle of both sides' means."""
    counts, share = trust(gram, yes), _share(yes)
    whole = np.tensordot(counts, gram, axes=1)
    root, centring = np.sqrt(share), np.eye(len(yes)) - share
    inner = centring @ whole @ centring.T * root * root[:, None]
    penalty = SHRINKAGE * np.trace(inner) + np.finfo(float).tiny
    target = np.where(yes, 1.0, -1.0) * root
    dual = root * np.linalg.solve(inner + penalty * np.eye(len(yes)), target)
    dual = dual @ centring
    scores = whole @ dual
    return counts, dual, -float(scores @ share)


def _share(yes: Sides) -> Array:
    """The weight of each example: both sides weigh a half."""
    return np.where(yes, 0.5 / yes.sum(), 0.5 / (~yes).sum())


def cross_validate(gram: Grams, yes: Sides, seed: int) -> Checked:
    """Repeated stratified cross-validation, and the learning curve: lines that learned from a half,
    a quarter, … of as many examples, judged on the same ones."""
    rng = np.random.default_rng([seed, 40])
    fewest = int(min(yes.sum(), (~yes).sum()))
    folds = min(FOLDS, fewest)
    sizes = _sizes(fewest - math.ceil(fewest / folds))
    scores = np.zeros((len(sizes) + 1, REPEATS, len(yes)))  # the last with all examples
    for repeat in range(REPEATS):
        fold = _dealt(yes, folds, rng)
        for number in range(folds):
            held = np.flatnonzero(fold == number)
            learned = rng.permutation(np.flatnonzero(fold != number))
            for place, size in enumerate([*sizes, len(yes)]):
                rows = np.concatenate(
                    [learned[yes[learned] == side][:size] for side in (True, False)]
                )
                counts, dual, offset = _solved(gram[:, rows[:, None], rows], yes[rows])
                across = np.tensordot(counts, gram[:, held[:, None], rows], axes=1)
                scores[place, repeat, held] = offset + across @ dual
    curve = {size: recall(scores[place], yes).accuracy for place, size in enumerate(sizes)}
    return Checked(scores[-1], recall(scores[-1], yes), curve)


def recall(scores: Array, yes: Sides) -> Recall:
    """How often scores ``(repeat, example)`` fall on the right side."""
    on, off = (scores[:, yes] > 0).mean(), (scores[:, ~yes] < 0).mean()
    return Recall(float(on), float(off), int(yes.sum()), int((~yes).sum()))


def alone(readings: Array, yes: Sides, seed: int) -> Array:
    """Scores ``(column, repeat, example)`` of each column of ``readings`` (example, column) by
    itself, cross-validated: above 0 where the mean of the examples with the word is nearer."""
    rng = np.random.default_rng([seed, 41])
    folds = min(FOLDS, int(yes.sum()), int((~yes).sum()))
    scores = np.zeros((readings.shape[1], REPEATS, len(yes)))
    for repeat in range(REPEATS):
        fold = _dealt(yes, folds, rng)
        for number in range(folds):
            held = fold == number
            on, off = (readings[~held & side].mean(axis=0) for side in (yes, ~yes))
            scores[:, repeat, held] = ((readings[held] - (on + off) / 2) * (on - off)).T
    return scores


def platt(scores: Array, yes: Sides) -> Line:
    """From the score of a line to log-odds among as many examples with the word as without: one
    weight and an offset, fitted to scores ``(example,)`` of lines that had not seen the example
    (Platt 1999, with his targets)."""
    scale = np.abs(scores).mean() or 1.0
    share = _share(yes)
    target = np.where(yes, (yes.sum() + 1) / (yes.sum() + 2), 1 / ((~yes).sum() + 2))

    def loss(at: Array) -> float:
        odds = np.exp(at[0]) * scores / scale + at[1]
        return float(share @ (np.logaddexp(0, odds) - target * odds))

    slope, offset = minimize(loss, np.zeros(2)).x
    return Line(np.array([math.exp(slope) / scale]), float(offset))


def _sizes(most: int) -> list[int]:
    """Examples on either side of a learning curve: all of a fold, a half, …, in ascending order."""
    sizes = [most]
    while sizes[0] >= 4:
        sizes.insert(0, sizes[0] // 2)
    return sizes


def _dealt(yes: Sides, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A fold for each example, both sides dealt evenly."""
    fold = np.zeros(len(yes), np.int64)
    for side in (yes, ~yes):
        fold[side] = rng.permutation(np.arange(side.sum()) % folds)
    return fold
