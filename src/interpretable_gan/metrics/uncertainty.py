"""How sure a metric is: bootstrap intervals, spread over seeds, chance by permutation.

Every metric is a pure function from data and a generator to a value; ``measure`` runs it once and,
when asked, again on resampled rows (the interval) and on codes torn from their factors (the
chance level), and packs everything into a ``Result``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.result import Mode, Result
from interpretable_gan.metrics.rows import Note, Rows

RESAMPLES = 200
"""Bootstrap resamples of a closed-form metric."""
REFITS = 5
"""Bootstrap refits of a model-based metric, and seeds of an interventional one."""
PERMUTATIONS = 5
"""Row permutations behind a chance level."""

Parts = tuple[Rows, ...]
Score = tuple[float, dict[str, Any]]
"""The value and its named parts."""
RowScore = Callable[[Parts, np.random.Generator, Note], Score]
SeedScore = Callable[[np.random.Generator, Note], Score]


def measure(
    metric: str,
    score: RowScore,
    parts: Parts,
    *,
    mode: Mode,
    seed: int,
    parameters: Mapping[str, Any],
    uncertainty: bool = False,
    refits: bool = False,
    chance: bool = True,
    details: Callable[[Parts, np.random.Generator], dict[str, Any]] | None = None,
) -> Result:
    """Score rows and report it; with ``uncertainty`` also the 95 % interval and chance level.

    Args:
        score: ``(parts, rng, note) → (value, breakdown)``.
        parts: the rows, or training and test rows.
        refits: the metric fits models: its interval rests on 5 refits, not on 200 resamples.
        details: further named parts, computed once and not for every resample.
        chance: the metric is a score up to 1, and codes torn from their factors say what chance
            would reach.
    """
    warnings = [note for part in parts for note in part.notes]
    value, breakdown = score(parts, np.random.default_rng(seed), warnings.append)
    if details is not None:
        breakdown = breakdown | details(parts, np.random.default_rng([seed, 2]))
    interval, by_chance = None, None
    if uncertainty:
        repeats = np.random.default_rng([seed, 1])
        if refits:
            again = [_value(score, _resampled(parts, repeats), repeats) for _ in range(REFITS)]
            interval = refit_interval(value, again)
        else:
            again = [_value(score, _resampled(parts, repeats), repeats) for _ in range(RESAMPLES)]
            interval = bootstrap_interval(value, again)
        if chance:
            by_chance = float(
                np.mean(
                    [
                        _value(score, tuple(part.shuffled(repeats) for part in parts), repeats)
                        for _ in range(PERMUTATIONS)
                    ]
                )
            )
    if math.isnan(value) and not warnings:
        warnings.append(f"{metric} is undefined on this input")
    return Result(
        metric=metric,
        value=float(value),
        mode=mode,
        interval=interval,
        chance=by_chance,
        breakdown=breakdown,
        parameters=dict(parameters),
        data=described(parts),
        seed=seed,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def measure_seeds(
    metric: str,
    score: SeedScore,
    *,
    mode: Mode,
    seed: int,
    parameters: Mapping[str, Any],
    data: Mapping[str, Any],
    notes: Sequence[str] = (),
    uncertainty: bool = False,
    chance: float | None = None,
) -> Result:
    """Score an interventional metric; with ``uncertainty`` the mean of 5 seeds and its interval."""
    warnings = list(notes)
    value, breakdown = score(np.random.default_rng(seed), warnings.append)
    interval = None
    if uncertainty:
        more = [score(np.random.default_rng([seed, i]), _silent)[0] for i in range(1, REFITS)]
        interval = seed_interval([value, *more])
        breakdown = breakdown | {"per_seed": [value, *more]}
        value = float(np.mean([value, *more]))
    return Result(
        metric=metric,
        value=float(value),
        mode=mode,
        interval=interval,
        chance=chance,
        breakdown=breakdown,
        parameters=dict(parameters),
        data=dict(data),
        seed=seed,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def bootstrap_interval(value: float, again: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval from the values of resampled rows; None where none is defined.

    The basic form, 2·value − percentiles: resampling adds the same bias to a plug-in estimate that
    sampling added, and the reflection takes both off where plain percentiles would keep them.
    """
    usable = np.asarray([x for x in again if math.isfinite(x)])
    if not math.isfinite(value) or len(usable) < 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(2 * value - high), float(2 * value - low)


def resampled_interval(
    measure: Callable[[NDArray[np.int64]], Any], count: int, rng: np.random.Generator
) -> tuple[float, tuple[float, float] | None]:
    """A value on all rows, and its 95 % interval over `RESAMPLES` resamples of them.

    Args:
        measure: row numbers, with repeats, to a value.
        count: how many rows there are.
        rng: of the resamples.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(measure(np.arange(count)))
        again = [float(measure(rng.integers(0, count, count))) for _ in range(RESAMPLES)]
    return value, bootstrap_interval(value, again)


def refit_interval(value: float, again: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval around the value from few refits on resampled rows.

    Five values have no 2.5 % percentile: their spread and Student's t take its place.
    """
    usable = np.asarray([x for x in again if math.isfinite(x)])
    if not math.isfinite(value) or len(usable) < 2:
        return None
    half = _student(len(usable)) * float(usable.std(ddof=1))
    return value - half, value + half


def seed_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval of the mean over seeds (Student's t)."""
    x = np.asarray([value for value in values if math.isfinite(value)])
    if len(x) < 2:
        return None
    half = _student(len(x)) * float(x.std(ddof=1)) / math.sqrt(len(x))
    return float(x.mean() - half), float(x.mean() + half)


def wilson(successes: float, trials: float, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share (Wilson 1927), exact enough down to a handful of trials and up to 100 %;
    nan without trials."""
    from scipy.stats import norm

    if trials <= 0:
        return math.nan, math.nan
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    half /= 1 + z**2 / trials
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return (low if successes else 0.0), (high if successes < trials else 1.0)  # but for rounding


def _student(count: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, count - 1))


def _resampled(parts: Parts, rng: np.random.Generator) -> Parts:
    return tuple(part.take(rng.integers(0, len(part), len(part))) for part in parts)


def _value(score: RowScore, parts: Parts, rng: np.random.Generator) -> float:
    return score(parts, rng, _silent)[0]


def _silent(sentence: str) -> None:
    """Resamples repeat what the first run already said."""


def described(parts: Parts) -> dict[str, Any]:
    """Sizes of the data and a checksum of all its numbers."""
    return {
        "rows": [len(part) for part in parts],
        "codes": parts[0].codes.shape[1],
        "factors": parts[0].factors.shape[1],
        "sha256": checksum(*(array for part in parts for array in (part.codes, part.factors))),
    }


def checksum(*arrays: NDArray[Any]) -> str:
    """SHA-256 over shapes and contents."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of what the numbers rest on."""
    return {name: version(name) for name in ("interpretable-gan", "numpy", "scipy", "scikit-learn")}
