"""Does an attribute appear when asked for, and does the rest stay as it was?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.audit.evaluators import Evaluator
from interpretable_gan.data.batches import ROWS_AT_ONCE
from interpretable_gan.metrics.readings import THIRD, value, values
from interpretable_gan.metrics.targets import FEWEST, Target, set_target, targets
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Style

Progress = Callable[[int, int], None]
"""Called with (edits judged, edits in all)."""

RESAMPLES = 200
"""Bootstrap resamples behind the interval of a mean."""


class Drawer(Protocol):
    """Whatever draws images from codes: an ``InterpretableGAN``, or any other generator."""

    schema: Schema

    def draw(self, code: Code, style: Style) -> Images: ...


@dataclass(frozen=True, eq=False)
class Steering:
    """What became of every edit, one row per code and one column per target.

    eligible: edited, since the target was not read before. (codes, targets)
    reached: the target is read after the edit. (codes, targets)
    flipped: share of the other readable attributes that an edit changed. (codes, targets)
    """

    targets: tuple[Target, ...]
    readable: tuple[str, ...]
    eligible: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    flipped: NDArray[np.float32]

    def success(self, weights: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Share of eligible edits that reached each target, ``(targets,)``; nan below 5 eligible.

        ``weights``: how often each code counts, ``(codes,)``.
        """
        return self._over(self.reached, self.eligible, weights)

    def leakage(self, weights: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Share of other readable attributes that flip in successful edits, ``(targets,)``."""
        return self._over(self.flipped * self.reached, self.reached, weights)

    def mean(self, names: Sequence[str], weights: NDArray[Any] | None = None) -> float:
        """Mean steerability of the named attributes, each the mean over its targets. Higher is
        better, 0 to 1; nan where none could be judged."""
        return self._mean(self.success(weights), names)

    def others_flipped(self, weights: NDArray[Any] | None = None) -> float:
        """Mean leakage of successful edits of readable attributes. Lower is better, 0 to 1."""
        return self._mean(self.leakage(weights), self.readable)

    def interval(self, statistic: Callable[[NDArray[Any]], float], seed: int) -> list[float] | None:
        """95 % percentile interval of a statistic of weights, by resampling codes."""
        count = len(self.eligible)
        rng = np.random.default_rng(seed)
        again = [
            statistic(np.bincount(rng.integers(0, count, count), minlength=count))
            for _ in range(RESAMPLES)
        ]
        if np.isnan(again).any():
            return None
        return [float(end) for end in np.percentile(again, [2.5, 97.5])]

    def _over(self, part: Any, whole: Any, weights: NDArray[Any] | None) -> NDArray[np.float64]:
        weights = np.ones(len(whole)) if weights is None else weights
        enough = whole.sum(axis=0) >= FEWEST
        total = weights @ whole.astype(np.float64)
        rates = weights @ part.astype(np.float64) / np.where(total > 0, total, np.nan)
        return np.where(enough, rates, np.nan)

    def _mean(self, rates: NDArray[np.float64], names: Sequence[str]) -> float:
        """Over targets of an attribute, then over attributes, leaving out what is nan."""
        owners = np.array([target.attribute for target in self.targets])
        means = [_nanmean(rates[owners == name]) for name in names]
        return _nanmean(np.array(means))


def steer(
    model: Drawer,
    evaluator: Evaluator,
    code: Code,
    style: Style,
    *,
    before: NDArray[np.float32],
    edits: int | None = None,
    progress: Progress | None = None,
) -> Steering:
    """Set every attribute of every code to every value it does not show, and look again.

    Args:
        model: draws the edited images.
        evaluator: reads them.
        code, style: the samples to edit.
        before: the evaluator's scores of the unedited samples, ``(batch, columns)``.
        edits: most edits per target, the first eligible samples; None for all.
        progress: called with (edits judged, edits in all).
    """
    schema = evaluator.schema
    wanted = targets(schema)
    read = values(schema, before)
    eligible = np.stack([read[t.attribute] != t.reads for t in wanted], axis=1)
    if edits is not None:
        eligible &= eligible.cumsum(axis=0) <= edits
    reached = np.zeros(eligible.shape, bool)
    flipped = np.zeros(eligible.shape, np.float32)
    done = 0
    for column, target in enumerate(wanted):
        others = [name for name in evaluator.readable if name != target.attribute]
        candidates = np.flatnonzero(eligible[:, column])
        for start in range(0, len(candidates), ROWS_AT_ONCE):
            rows = candidates[start : start + ROWS_AT_ONCE]
            edited = set_target(model.schema, code[rows], target)
            after = evaluator.read(model.draw(edited, style[rows]))
            reached[rows, column] = values(schema, after)[target.attribute] == target.reads
            if others:
                flips = [_flips(schema, name, before[rows], after) for name in others]
                flipped[rows, column] = np.mean(flips, axis=0)
            done += len(rows)
            if progress:
                progress(done, int(eligible.sum()))
    return Steering(wanted, evaluator.readable, eligible, reached, flipped)


def _flips(
    schema: Schema, name: str, before: NDArray[Any], after: NDArray[Any]
) -> NDArray[np.bool_]:
    """Which rows changed their value; a continuous one must move by a third of its range."""
    attribute, columns = schema[name], schema.slices[name]
    was, now = before[:, columns], after[:, columns]
    if attribute.kind == "continuous":
        return np.abs(now - was)[:, 0] > 2 * THIRD
    return value(attribute, was) != value(attribute, now)


def _nanmean(numbers: NDArray[np.float64]) -> float:
    known = numbers[~np.isnan(numbers)]
    return float(known.mean()) if len(known) else np.nan
