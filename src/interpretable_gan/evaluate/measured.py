"""What every result says about its making: seconds and versions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from importlib.metadata import version
from typing import ParamSpec

from interpretable_gan.evaluate.result import Result

P = ParamSpec("P")

LIBRARIES = ("interpretable-gan", "numpy", "scipy", "scikit-learn")
"""Their versions can change a value in its last digits."""


def measured(metric: Callable[P, Result]) -> Callable[P, Result]:
    """Let a metric's results carry how long they took and on which versions."""

    @wraps(metric)
    def timed(*args: P.args, **kwargs: P.kwargs) -> Result:
        start = time.perf_counter()
        result = metric(*args, **kwargs)
        seconds = time.perf_counter() - start
        versions = {name: version(name) for name in LIBRARIES}
        return replace(result, seconds=seconds, versions={**versions, **result.versions})

    return timed
