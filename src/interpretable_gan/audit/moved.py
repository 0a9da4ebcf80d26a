"""What else moves in the discriminator's decision when one attribute is edited, beside what moves
between two real images that differ in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit import intervals
from interpretable_gan.audit.cooccurrence import differs
from interpretable_gan.audit.material import Material
from interpretable_gan.audit.thresholds import ERROR_RATE
from interpretable_gan.data.dataset import Dataset

Floats = NDArray[np.float64]
Matrix = NDArray[np.float64]
"""(edited attribute, attribute)."""


def moved_matrices(
    edits: Sequence[tuple[Floats, NDArray[np.int64]]],
    names: Sequence[str],
    own: Sequence[int],
    data: Dataset,
    material: Material,
) -> dict[str, Matrix]:
    """How far each contribution to the logit moves when an attribute is edited, on average.

    ``contributions_moved`` with its 95 % interval, ``contributions_low`` and ``_high``;
    ``contributions_in_data`` between two real images which differ in the attribute, decided by the
    same code; ``above_in_decision`` where the former is larger by more than chance (one-sided
    tests, corrected).

    Args:
        edits: of each attribute in ``names``, how far its successful edits moved all contributions
            ``(edits, contributions)``, and which labels each edited sample has, ``(edits,)``.
        own: the places of ``names`` among the contributions.
    """
    from scipy.stats import norm

    moved = [_mean(gaps[:, own], labels) for gaps, labels in edits]
    real = [_mean(gaps[:, own], rows) for gaps, rows in _between_real(names, data, material)]
    (mean, error), (usual, usual_error) = (np.stack(each, axis=1) for each in (moved, real))
    p = norm.sf((mean - usual) / np.hypot(error, usual_error).clip(1e-12))
    np.fill_diagonal(p, np.nan)
    half = norm.ppf(0.975) * error
    return {
        "contributions_moved": mean,
        "contributions_low": np.maximum(mean - half, 0),
        "contributions_high": mean + half,
        "contributions_in_data": usual,
        "above_in_decision": intervals.corrected(p) < ERROR_RATE,
    }


def _between_real(
    names: Sequence[str], data: Dataset, material: Material
) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """How far contributions move where another real image, which differs in an attribute, takes the
    place of a real image and the code to decide by stays; as ``edits`` have it."""
    gaps = np.abs(material.exchanged - material.real.contributions)
    rows = material.rows[: len(gaps)]
    others = np.roll(rows, 1)
    for name in names:
        columns = data.schema.slices[name]
        known = (data.known[rows] & data.known[others])[:, columns].all(axis=1)
        some, other = (data.codes[each][:, columns] for each in (rows, others))
        apart = np.flatnonzero(known & differs(data.schema[name], some, other))
        yield gaps[apart], material.clusters[apart]


def _mean(values: Floats, clusters: NDArray[Any]) -> tuple[Floats, Floats]:
    """Mean ``(columns,)`` of rows that go together in clusters, and its standard error (Liang and
    Zeger 1986), as much larger as Student's interval over the clusters is than the normal one; nan
    where there are fewer than two clusters."""
    from scipy.stats import norm, t

    number, sizes = np.unique(clusters, return_inverse=True, return_counts=True)[1:]
    if len(sizes) < 2:
        unknown = np.full(values.shape[1], np.nan)
        return unknown, unknown
    mean = values.mean(axis=0)
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, number, values - mean)
    count = len(sizes)
    error = np.sqrt(count / (count - 1) * (sums**2).sum(axis=0)) / len(values)
    return mean, error * t.ppf(0.975, count - 1) / norm.ppf(0.975)
