"""What binned codes say about factors: the table that MIG, modularity and their kin read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interpretable_gan.metrics.discretise import Binning, discretise, squeezed
from interpretable_gan.metrics.mutual_information import entropy, mutual_information_matrix
from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import (
    FloatArray,
    Note,
    Rows,
    check_rows,
    named,
    named_matrix,
    with_discrete_factors,
    without_constant_factors,
)
from interpretable_gan.metrics.uncertainty import Parts, Score, measure

CHANCE_PERMUTATIONS = 20


@dataclass(frozen=True)
class Information:
    """Mutual information of binned codes and factors, in nats, and the entropies of both."""

    rows: Rows
    binned: NDArray[np.int64]
    matrix: FloatArray  # (codes, factors)
    code_entropy: FloatArray
    factor_entropy: FloatArray

    def breakdown(self) -> dict[str, Any]:
        """The table with names."""
        return {
            "mi_matrix": named_matrix(self.matrix, self.rows.code_names, self.rows.factor_names),
            "factor_entropy": named(self.factor_entropy, self.rows.factor_names),
            "code_entropy": named(self.code_entropy, self.rows.code_names),
        }


def information(rows: Rows, *, bins: int, binning: Binning, mode: Mode, note: Note) -> Information:
    """Bin the codes, then I(code; factor) for every pair; constant factors are left out."""
    (rows,) = with_discrete_factors((rows,), mode=mode, note=note, bins=bins)
    (rows,) = without_constant_factors((rows,), note)
    binned = discretise(rows.codes, bins, binning)
    if mode == "strict":
        _warn_about_codes(rows, binned, bins, note)
    return Information(
        rows=rows,
        binned=binned,
        matrix=mutual_information_matrix(binned, rows.factors),
        code_entropy=np.array([entropy(column) for column in binned.T]),
        factor_entropy=np.array([entropy(column) for column in rows.factors.T]),
    )


InformationScore = Callable[[Information, Mode, Note], Score]


def measure_information(
    metric: str,
    score: InformationScore,
    codes: ArrayLike,
    factors: ArrayLike,
    *,
    mode: Mode,
    bins: int,
    binning: Binning,
    code_names: Sequence[str] | None,
    factor_names: Sequence[str] | None,
    seed: int,
    uncertainty: bool,
) -> Result:
    """Report a score that is a formula on the table of mutual information."""
    rows = check_rows(codes, factors, code_names=code_names, factor_names=factor_names)
    settings: dict[str, Any] = {"bins": bins, "binning": binning}
    return measure(
        metric,
        partial(_score_table, score=score, mode=mode, **settings),
        (rows,),
        mode=mode,
        seed=seed,
        parameters=settings,
        uncertainty=uncertainty,
        details=partial(information_details, **settings) if mode == "strict" else None,
    )


def _score_table(
    parts: Parts,
    rng: np.random.Generator,
    note: Note,
    *,
    score: InformationScore,
    mode: Mode,
    bins: int,
    binning: Binning,
) -> Score:
    table = information(parts[0], bins=bins, binning=binning, mode=mode, note=note)
    if not table.factor_entropy.size:
        note("every factor is constant: nothing to measure, 0 returned")
        return 0.0, table.breakdown()
    value, breakdown = score(table, mode, note)
    return value, breakdown | table.breakdown()


def _warn_about_codes(rows: Rows, binned: NDArray[np.int64], bins: int, note: Note) -> None:
    for k, name in enumerate(rows.code_names):
        occupied, narrow = squeezed(binned[:, k], bins)
        if occupied == 1:
            note(f"code {name!r} is constant: it carries no information")
        elif narrow and len(np.unique(rows.codes[:, k])) >= bins / 4:
            note(
                f"code {name!r}: fewer than {bins / 4:g} of {bins} bins hold 99 % of the rows; "
                "outliers hide what it says (try binning='quantile')"
            )


def information_details(
    parts: Parts, rng: np.random.Generator, *, bins: int, binning: Binning
) -> dict[str, Any]:
    """How far the plug-in values can be trusted.

    The Miller–Madow corrected table, the mean table over 20 row permutations (what chance alone
    shows) and how many bins each code occupies.
    """
    table = information(parts[0], bins=bins, binning=binning, mode="strict", note=lambda _: None)
    rows = table.rows
    if not table.factor_entropy.size:
        return {}
    by_chance = np.mean(permuted_information(table, rng), axis=0)
    corrected = mutual_information_matrix(table.binned, rows.factors, miller_madow=True)
    occupied = [len(np.unique(column)) for column in table.binned.T]
    return {
        "mi_matrix_miller_madow": named_matrix(corrected, rows.code_names, rows.factor_names),
        "mi_matrix_chance": named_matrix(by_chance, rows.code_names, rows.factor_names),
        "occupied_bins": named(occupied, rows.code_names),
    }


def permuted_information(table: Information, rng: np.random.Generator) -> FloatArray:
    """The table for codes torn from their factors: (20 permutations, codes, factors)."""
    shuffles = (rng.permutation(len(table.binned)) for _ in range(CHANCE_PERMUTATIONS))
    factors = table.rows.factors
    return np.stack([mutual_information_matrix(table.binned[s], factors) for s in shuffles])


def top_two(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Largest and second largest of each column; the second is 0 where there is only one row."""
    ranked = np.sort(matrix, axis=0)[::-1]
    return ranked[0], ranked[1] if len(ranked) > 1 else np.zeros(matrix.shape[1])
