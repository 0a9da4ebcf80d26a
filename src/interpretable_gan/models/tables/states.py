"""A column as a few states: levels, numbers at which many rows stand, and ranges between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.conditions import Condition

BINS = 100
"""States of a column of numbers, beside those at its ends; a number with a larger share than one of
them has is a state of its own."""

TAILS = (0.0, 0.001, 0.002, 0.005)
"""Shares of the rows at either end at which further states begin, so that long tails keep their
form."""

MISSING = 0
"""The state of cells that are not known."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class States:
    """The states of one column; number 0 holds cells that are not known.

    ``low`` and ``high`` (n,) are the ends of the others, ascending, both included and equal for a
    single value. ``step`` is the least difference of two numbers, 0 where there is none.
    """

    low: Array
    high: Array
    step: float

    def __len__(self) -> int:
        return len(self.low) + 1

    @classmethod
    def of(cls, attribute: Attribute, cells: Array) -> States:
        """The states of a column, from its training rows."""
        if attribute.kind != "continuous":
            levels = np.arange(len(attribute.values), dtype=float)
            return cls(levels, levels, 1.0)
        step = 0.0 if attribute.decimals is None else 10.0**-attribute.decimals
        known = np.sort(cells[~np.isnan(cells)])
        if not len(known):
            ends = np.array([attribute.range[0] if attribute.range else 0.0])
            return cls(ends, ends, step)
        values, counts = np.unique(known, return_counts=True)
        alone = (counts * BINS > len(known)) | np.isin(values, attribute.masses)
        alone |= counts * BINS > counts[~alone].sum()  # of the rows that are left
        if len(values) <= BINS or alone.all():
            alone[:] = True
            number = np.arange(len(values))
        else:
            shares = sorted({*np.linspace(0, 1, BINS + 1), *TAILS, *(1 - t for t in TAILS)})
            rest = np.repeat(values[~alone], counts[~alone])
            number = np.searchsorted(np.quantile(rest, shares, method="lower"), values, "right")
        first = np.ones(len(values), bool)
        first[1:] = alone[1:] | alone[:-1] | (number[1:] != number[:-1])
        last = np.append(first[1:], True)
        return cls(values[first], values[last], step)

    def encode(self, cells: Array) -> NDArray[np.int64]:
        """The state of each cell, (rows,); that of the next lower number where none holds it."""
        found = np.searchsorted(self.low, np.nan_to_num(cells), side="right").clip(1)
        return np.where(np.isnan(cells), MISSING, found)

    def weights(self, condition: Condition) -> Array:
        """What share of each state is as asked, (states,)."""
        if np.isnan(condition.low):
            return np.array([1.0, *np.zeros(len(self.low))])
        low, high = np.maximum(self.low, condition.low), np.minimum(self.high, condition.high)
        if self.step:
            first, last = np.ceil(low / self.step - 1e-6), np.floor(high / self.step + 1e-6)
            inside = (last - first + 1).clip(0)
            whole = np.round((self.high - self.low) / self.step) + 1
        else:
            inside, whole = (high - low).clip(0), self.high - self.low
            point = whole == 0
            inside, whole = np.where(point, high >= low, inside), np.where(point, 1, whole)
        return np.array([0.0, *(inside / whole)])

    def draw(
        self, states: NDArray[np.int64], luck: Array, condition: Condition | None = None
    ) -> Array:
        """A cell of each state, (rows,), evenly between its ends and as asked.

        Args:
            states: (rows,).
            luck: even numbers of [0, 1), (rows,).
            condition: that all cells hold.
        """
        at = (states - 1).clip(0)
        low, high = self.low[at], self.high[at]
        if condition is not None and not np.isnan(condition.low):
            low, high = np.maximum(low, condition.low), np.minimum(high, condition.high)
        if self.step:
            first, last = np.ceil(low / self.step - 1e-6), np.floor(high / self.step + 1e-6)
            counts = first + np.floor(luck * (last - first + 1))
            cells = counts / np.round(1 / self.step)  # the float nearest to the decimal number
        else:
            cells = low + luck * (high - low)
        return np.where(states == MISSING, np.nan, cells)

    def tensors(self, name: str) -> dict[str, Tensor]:
        """All of it by name."""
        return {
            f"{name}.low": torch.tensor(self.low),
            f"{name}.high": torch.tensor(self.high),
            f"{name}.step": torch.tensor(self.step, dtype=torch.float64),
        }

    @classmethod
    def loaded(cls, name: str, tensors: Mapping[str, Tensor]) -> States:
        """What `tensors` gave."""
        low, high = tensors[f"{name}.low"].numpy(), tensors[f"{name}.high"].numpy()
        return cls(low, high, float(tensors[f"{name}.step"]))
