"""An explanation is a value before it is a picture: effects as data, in words and as a table."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.metrics.result import data_frame, plain

if TYPE_CHECKING:
    from PIL import Image

Values = NDArray[np.float32]
"""Effects; each field says its axes."""


class Explanation(ABC):
    """Effects as data. It cannot be changed, and everything it says can be had as plain values.

    One that is a sum has two more, ``sum_error`` and ``shares``; no other claims to be one.
    """

    def __post_init__(self) -> None:
        freeze(self)

    @property
    @abstractmethod
    def axes(self) -> dict[str, Sequence[Any]]:
        """Name of an axis → the names along it, in the order of the arrays."""

    @abstractmethod
    def to_rows(self) -> list[dict[str, Any]]:
        """The effects as a table: one dictionary per row, the same keys in each."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """All of it by name, arrays as they are."""

    @abstractmethod
    def sentence(self) -> str:
        """What matters most, in words."""

    @abstractmethod
    def plot(self, *shown: Any, **settings: Any) -> Image.Image:
        """What matters most, as a picture that ``pictures.save`` saves; it needs no extra."""

    def to_json(self) -> str:
        """All of it as one JSON object, with the axes; NaN becomes null."""
        fields = {"explains": type(self).__name__, "axes": self.axes, **self.to_dict()}
        return json.dumps(plain(fields), ensure_ascii=False, allow_nan=False)

    def to_frame(self) -> Any:
        """The rows as a pandas data frame.

        Raises:
            MissingExtraError: pandas is not installed; `to_rows` works without.
        """
        return data_frame(self.to_rows())


def freeze(value: Any) -> None:
    """Let nobody write into the arrays and dictionaries that a frozen dataclass holds."""
    for field in fields(value):
        object.__setattr__(value, field.name, _frozen(getattr(value, field.name)))


def _frozen(part: Any) -> Any:
    if isinstance(part, np.ndarray):
        part.flags.writeable = False
    if isinstance(part, Mapping):
        return MappingProxyType({name: _frozen(each) for name, each in part.items()})
    return part


def relative_gap(parts: NDArray[np.floating[Any]], whole: NDArray[np.floating[Any]]) -> float:
    """How far sums of parts are from what the network said: the worst |parts − whole|, relative
    to the whole where that is larger than 1. 0 is best; 0 of nothing.

    Args:
        parts, whole: any shape, the same for both.
    """
    gap = np.abs(parts.astype(np.float64) - whole)
    return float((gap / np.maximum(np.abs(whole), 1)).max(initial=0.0))


def share_of(size: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """``size / total``, and nan where the total is 0."""
    return np.divide(size, total, out=np.full(total.shape, np.nan), where=total > 0)


def joined(names: Sequence[str]) -> str:
    """Names as people list them.

    >>> joined(["hat"]), joined(["hat", "beard", "glasses"])
    ('hat', 'hat, beard and glasses')
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
