"""Who carries the discriminator's decision: names, discoveries, or the residual?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.schema.schema import Schema

RESAMPLES = 200

PARTS = ("agreement", "realism", "discovered", "residual")
"""Agreement and realism of named attributes, realism of discovered ones, and what has no name."""

Parts = Mapping[str, NDArray[np.float64]]
"""Part → its difference D(real, s) − D(fake, s), (pairs,)."""


def decision_parts(terms: Any) -> dict[str, NDArray[np.float64]]:
    """The parts of ``Terms`` as tables call them, ``(batch,)`` each, 0 for those of `PARTS` that it
    lacks; the bias cancels in pairs."""
    found = {name: np.zeros(len(terms)) for name in PARTS}
    for part in terms.parts:
        added = part.values.detach().double().sum(dim=(1, 2)).cpu().numpy()
        found[part.label] = found.get(part.label, 0) + added
    return found


def by_attribute(schema: Schema, terms: Any) -> NDArray[np.float64]:
    """What each attribute adds in ``Terms``, over all parts and places, ``(batch, attributes)``."""
    found = terms.by_row()
    return np.stack([found[name].double().cpu().numpy() for name in schema.names], axis=1)


def decision_shares(differences: Parts) -> dict[str, float]:
    """Share of each part in the variance of the paired difference: Cov(part, whole) / Var(whole).

    The shares add up to 1. One is negative where a part works against the others; all are nan where
    the whole never varies.
    """
    stacked = np.stack([differences[name] for name in PARTS])
    whole = stacked.sum(axis=0)
    variance = whole.var()
    covariances = (stacked - stacked.mean(axis=1, keepdims=True)) @ (whole - whole.mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = covariances / len(whole) / np.float64(variance or np.nan)
    return dict(zip(PARTS, shares.tolist(), strict=True))


def share_intervals(differences: Parts, seed: int) -> dict[str, list[float]]:
    """95 % percentile intervals of the shares, by resampling pairs."""
    rng = np.random.default_rng(seed)
    count = len(differences["residual"])
    again = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, count, count)
        again.append(decision_shares({name: part[rows] for name, part in differences.items()}))
    return {
        name: np.percentile([shares[name] for shares in again], [2.5, 97.5]).tolist()
        for name in PARTS
    }


def paired_accuracy(differences: Parts) -> dict[str, float]:
    """Share of pairs in which the real image wins, with all parts and without some.

    0.5 is chance. If names carry the decision, deleting ``named`` (agreement, realism) costs much
    and deleting the residual little.
    """
    deleted: dict[str, tuple[str, ...]] = {
        "whole": (),
        "without_agreement": ("agreement",),
        "without_named": ("agreement", "realism"),
        "without_discovered": ("discovered",),
        "without_residual": ("residual",),
    }

    def wins(gone: tuple[str, ...]) -> float:
        kept = np.stack([differences[part] for part in PARTS if part not in gone])
        return float((kept.sum(axis=0) > 0).mean())

    return {name: wins(gone) for name, gone in deleted.items()}
