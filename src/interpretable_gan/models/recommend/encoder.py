"""From past items and attributes of a user to a code, and from the code to scores: all linear.

What a past item says of another is first fitted as a whole, in closed form: a linear autoencoder
that may not use an item to predict itself (Steck 2019, EASE), with users' attributes as further
inputs and items' attributes as further examples (Jeunen et al. 2020), and a ridge penalty that
equals forgetting a share of each history (Steck 2020). The matrix is then taken apart, and nothing
of it is lost: what named attributes of items explain, then what few discovered tastes explain, then
a residual.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interpretable_gan.models.recommend.columns import Columns
from interpretable_gan.models.recommend.config import RecommendConfig
from interpretable_gan.models.recommend.people import People

Array = NDArray[np.float64]

MOST = 6000
"""Items, the most used ones, among which relations are fitted; the others have their attributes
alone."""

RIDGE = 1e-4
"""Of the fit of item attributes, relative to their mean square."""

TURNS = 60
"""Most turns of the rotation that makes traits few and large."""


@dataclass(frozen=True)
class Parts:
    """What a user's past items and attributes (inputs) say of items, taken apart.

    The score of a user x and an item i is

        popularity_i + (x − mean) · (named · columns_i + tastes · traits_i + residual_i)

    where the mean counts less for users of whom little is known, see `scorer.compared`.

    Args:
        named: (inputs, columns of items): what an input says of the taste for each column.
        columns: (items, columns): of item attributes; smaller the less an item was used, so that
            one that nobody used yet is scored by its attributes, but carefully.
        tastes: (inputs, tastes): what it says of each discovered taste.
        traits: (items, tastes): how much of each taste an item meets.
        residual: (inputs, items), sparse: what nothing with a name explains.
        popularity: (items,): the score for a user like the mean.
        mean: of the inputs over users.
    """

    named: Array
    columns: Array
    tastes: Array
    traits: Array
    residual: sp.csc_array
    popularity: Array
    mean: Array


def fit_parts(
    people: People, items: Columns, singles: NDArray[np.bool_], config: RecommendConfig
) -> Parts:
    """Fit the autoencoder on users and take it apart.

    Args:
        people: to learn from.
        items: columns of item attributes and of pairs of them.
        singles: which of these columns are of one attribute, (columns,).
        config: settings.
    """
    counts = np.asarray((people.history != 0).sum(axis=0)).reshape(-1).astype(np.float64)
    used = np.flatnonzero(counts)
    used = np.sort(used[np.argsort(-counts[used], kind="stable")[:MOST]])
    gram, mean = _gram(people, used)
    whole = _autoencoder(gram, items.values[used][:, singles], len(used), config)
    answer = (counts + 1) / (counts + 1 + config.known)
    columns = items.values * answer[:, None]
    named = _explained(whole, columns[used], counts[used])
    rest = whole - named @ columns[used].T
    covariance = gram - len(people) * np.outer(mean, mean)
    tastes, traits = _few(rest, covariance, config.tastes)
    left = rest - tastes @ traits.T
    kept = _strongest(left, np.sqrt(np.diag(gram)), config.neighbours)
    inputs = np.concatenate([used, people.history.shape[1] + np.arange(people.columns.shape[1])])
    popularity = np.zeros(people.history.shape[1])
    popularity[used] = mean @ whole
    return _spread(named, columns, tastes, traits, kept, popularity, mean, inputs, used)


def _gram(people: People, used: NDArray[np.int64]) -> tuple[Array, Array]:
    """Inner products of the inputs over users, and their means; inputs are used items, then
    attributes."""
    history = sp.csr_array(people.history[:, used])
    past = (history.T @ history).toarray()
    across = history.T @ people.columns
    own = people.columns.T @ people.columns
    mean = np.concatenate([np.asarray(history.mean(axis=0)), people.columns.mean(axis=0)])
    return np.block([[past, across], [across.T, own]]), mean


def _autoencoder(gram: Array, columns: Array, items: int, config: RecommendConfig) -> Array:
    """What each input says of each item, (inputs, items), with 0 of an item for itself."""
    scale = np.ones(len(gram))
    scale[items:] = config.people
    found = gram * np.outer(scale, scale)
    if columns.shape[1]:
        found[:items, :items] += config.kinship**2 * (columns @ columns.T)
    again = config.forgetting / (1 - config.forgetting) * np.diag(found)
    found[np.diag_indices(len(found))] += config.damping + np.where(
        np.arange(len(found)) < items, again, 0
    )
    inverse = np.linalg.inv(found)
    whole: Array = -inverse / np.diag(inverse)
    whole[np.diag_indices(len(whole))] = 0
    return scale[:, None] * whole[:, :items]


def _explained(whole: Array, columns: Array, weight: Array) -> Array:
    """The part of each row of a matrix (inputs, items) that columns of items explain, as weights
    (inputs, columns); much used items count more."""
    if not columns.shape[1]:
        return np.zeros((len(whole), 0))
    heavy = columns * weight[:, None]
    square = columns.T @ heavy
    square[np.diag_indices(len(square))] += RIDGE * max(np.trace(square) / len(square), 1e-12)
    return np.asarray(np.linalg.solve(square, heavy.T @ whole.T).T, np.float64)


def _few(rest: Array, covariance: Array, most: int) -> tuple[Array, Array]:
    """Few tastes and traits that explain most of what the rest scores over users; the traits are
    turned so that each item has few large ones (varimax, Kaiser 1958), strongest taste first."""
    spread = rest.T @ covariance @ rest
    values, vectors = np.linalg.eigh((spread + spread.T) / 2)
    traits = vectors[:, ::-1][:, :most] * np.sqrt(np.maximum(values[::-1][:most], 0))
    kept = np.flatnonzero(np.linalg.norm(traits, axis=0) > 1e-9)
    lost = most - len(kept)  # so many tastes are empty
    basis = vectors[:, ::-1][:, kept]
    turn = _varimax(traits[:, kept]) if len(kept) else np.eye(0)
    turned = basis @ turn
    tastes = rest @ turned
    power = np.einsum("im,ij,jm->m", tastes, covariance, tastes)
    order = np.argsort(-power, kind="stable")
    sign = np.sign((turned**3).sum(axis=0))
    sign[sign == 0] = 1
    traits, tastes = (turned * sign)[:, order], (tastes * sign)[:, order]
    size = np.sqrt(np.maximum(power[order], 1e-18))
    tastes, traits = tastes / size, traits * size
    if lost:
        traits = np.pad(traits, ((0, 0), (0, lost)))
        tastes = np.pad(tastes, ((0, 0), (0, lost)))
    return tastes, traits


def _varimax(loadings: Array) -> Array:
    """The rotation (tastes, tastes) after which squares of loadings vary most."""
    turn, before = np.eye(loadings.shape[1]), 0.0
    for _ in range(TURNS):
        turned = loadings @ turn
        slope = loadings.T @ (turned**3 - turned * (turned**2).mean(axis=0))
        left, sizes, right = np.linalg.svd(slope)
        turn = left @ right
        if sizes.sum() < before * (1 + 1e-6):
            break
        before = float(sizes.sum())
    return turn


def _strongest(left: Array, sizes: Array, neighbours: int) -> sp.csc_array:
    """Of each item's residual the inputs that count most; the others are 0."""
    if not neighbours:
        return sp.csc_array(left.shape)
    if neighbours < len(left):
        weight = np.abs(left) * sizes[:, None]
        least = np.partition(weight, len(left) - neighbours, axis=0)[len(left) - neighbours]
        left = np.where(weight >= least, left, 0.0)
    return sp.csc_array(left)


def _spread(
    named: Array,
    columns: Array,
    tastes: Array,
    traits: Array,
    residual: sp.csc_array,
    popularity: Array,
    mean: Array,
    inputs: NDArray[np.int64],
    used: NDArray[np.int64],
) -> Parts:
    """The same for all items, those that were left out with 0."""
    items = len(popularity)
    count = items + len(inputs) - len(used)

    def rows(part: Array, at: NDArray[np.int64], whole: int) -> Array:
        found = np.zeros((whole, *part.shape[1:]))
        found[at] = part
        return found

    place = residual.tocoo()
    wide = sp.csc_array((place.data, (inputs[place.row], used[place.col])), shape=(count, items))
    return Parts(
        rows(named, inputs, count),
        columns,
        rows(tastes, inputs, count),
        rows(traits, used, items),
        wide,
        popularity,
        rows(mean, inputs, count),
    )
