"""What every metric has in common: arguments checked, its range declared, seconds and versions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, wraps
from inspect import signature
from typing import Any, Literal, ParamSpec, get_args, get_origin, get_type_hints

import numpy as np

from interpretable_gan.errors import MetricError, did_you_mean
from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.uncertainty import library_versions

P = ParamSpec("P")

FROM_ZERO = ("seed", "deleted")
"""Whole-number arguments that may be 0; every other counts something and is at least 1."""


def measured(
    low: float = -math.inf, high: float = math.inf, *, figures: tuple[str, ...] = ()
) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Declare the lowest and highest value of a metric; its results carry it, and their making.

    Args:
        figures: where a metric has several, their names, that of the value first.

    Raises:
        MetricError: when called, for a negative count or seed, or a choice that does not exist.
    """

    def declare(metric: Callable[P, Result]) -> Callable[P, Result]:
        @wraps(metric)
        def timed(*args: P.args, **kwargs: P.kwargs) -> Result:
            start = time.perf_counter()
            _check(metric, signature(metric).bind(*args, **kwargs).arguments)
            result = metric(*args, **kwargs)
            return replace(
                result,
                range=(low, high),
                figures=figures,
                seconds=time.perf_counter() - start,
                versions=library_versions(),
            )

        return timed

    return declare


def _check(metric: Callable[..., Result], given: Mapping[str, Any]) -> None:
    """Refuse counts and seeds that are no whole numbers, and words that are no choice."""
    hints = _hints(metric)
    for name, value in given.items():
        if hints[name] in (int, int | None) and value is not None:
            least = 0 if name in FROM_ZERO else 1
            if not isinstance(value, int | np.integer) or value < least:
                raise MetricError(
                    f"{metric.__name__}: {name} is {value!r}; it must be a whole number, at least "
                    f"{least}."
                )
        elif get_origin(hints[name]) is Literal and value not in get_args(hints[name]):
            choices = list(map(str, get_args(hints[name])))
            raise MetricError(
                f"{metric.__name__}: there is no {name} {value!r}."
                f"{did_you_mean(str(value), choices)} It can be {', '.join(choices)}."
            )


@cache
def _hints(metric: Callable[..., Result]) -> dict[str, Any]:
    return get_type_hints(metric)
