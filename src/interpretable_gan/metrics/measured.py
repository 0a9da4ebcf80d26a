"""What every result says about its making: seconds and versions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from interpretable_gan.metrics.result import Result
from interpretable_gan.metrics.uncertainty import library_versions

P = ParamSpec("P")


def measured(metric: Callable[P, Result]) -> Callable[P, Result]:
    """Let a metric's results carry how long they took and on which versions."""

    @wraps(metric)
    def timed(*args: P.args, **kwargs: P.kwargs) -> Result:
        start = time.perf_counter()
        result = metric(*args, **kwargs)
        return replace(result, seconds=time.perf_counter() - start, versions=library_versions())

    return timed
