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
    ``warnings`` lists each degenerate event and what was returned for it.
    """

    metric: str
    value: float
    mode: Mode = "strict"
    interval: tuple[float, float] | None = None
    chance: float | None = None
    breakdown: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def normalised(self) -> float | None:
        """``(value − chance) / (1 − chance)``, for scores whose best value is 1."""
        if self.chance is None or self.chance >= 1:
            return None
        return (self.value - self.chance) / (1 - self.chance)

    def to_json(self) -> str:
        """The result as JSON; NaN and infinity become null, with the reason in ``warnings``."""
        return json.dumps(plain(asdict(self)), allow_nan=False)


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
