"""What a metric returns: a value that says how sure it is and how it came about."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from interpretable_gan.errors import MissingExtraError

Mode = Literal["strict", "reference"]
"""``strict`` is right on every degenerate case; ``reference`` reproduces published code."""

ROUNDING = 1e-9
"""How far float64 sums over rows and classes carry a value past the end of its range."""


def data_frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as a pandas data frame.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise MissingExtraError("a data frame", "frame") from None
    return pandas.DataFrame(rows)


@dataclass(frozen=True)
class Result:
    """One measured value with its interval, chance level and circumstances.

    ``breakdown`` holds named parts (per code, per factor, matrices as nested mappings or lists);
    ``parameters`` everything needed to measure again; ``data`` rows, sizes and checksum.
    ``warnings`` lists each degenerate event and what was returned for it. ``figures`` names the
    figures of a metric that has several: first what ``value`` is, then entries of ``breakdown``.

    ``range`` is the lowest and highest value the metric can take: what rounding has carried past
    an end, in ``value`` or in parts of the breakdown, is put back, here and nowhere else; intervals
    and chance levels end there too.
    """

    metric: str
    value: float
    mode: Mode = "strict"
    range: tuple[float, float] = (-math.inf, math.inf)
    figures: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    chance: float | None = None
    breakdown: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        value = _within(self.value, self.range)
        if abs(value - self.value) > ROUNDING:
            raise AssertionError(
                f"{self.metric} came out as {self.value}, but its range is {self.range}: this is a "
                "mistake in the metric, not in the data; please report it."
            )
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "breakdown", _put_back(self.breakdown, self.range))
        if self.chance is not None:
            object.__setattr__(self, "chance", _within(self.chance, self.range))
        if self.interval is not None:
            low, high = (_within(end, self.range) for end in self.interval)
            object.__setattr__(self, "interval", (low, high))

    @property
    def normalised(self) -> float | None:
        """``(value − chance) / (1 − chance)``, for scores whose best value is 1."""
        if self.chance is None or self.chance >= 1:
            return None
        return (self.value - self.chance) / (1 - self.chance)

    def to_json(self) -> str:
        """The result as JSON; NaN and infinity become null, with the reason in ``warnings``."""
        return json.dumps(plain(asdict(self)), allow_nan=False)


def _within(value: float, ends: tuple[float, float]) -> float:
    """The value, or the end of the range that it lies beyond; NaN stays."""
    return value if math.isnan(value) else min(max(value, ends[0]), ends[1])


def _put_back(part: Any, ends: tuple[float, float]) -> Any:
    """A part of a breakdown in which numbers just past an end of the range are that end."""
    if isinstance(part, Mapping):
        return {name: _put_back(item, ends) for name, item in part.items()}
    if isinstance(part, list | tuple):
        return type(part)(_put_back(item, ends) for item in part)
    if isinstance(part, float):
        near = _within(part, ends)
        return near if abs(near - part) <= ROUNDING else part
    return part


def plain(value: Any) -> Any:
    """Only types that JSON knows; NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
