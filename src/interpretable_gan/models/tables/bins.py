"""Which bin of a column a cell lies in, so that a shape function is a table of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

MISSING = 0
"""The bin of cells that are not known."""


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of one column: number 0 holds cells that are not known.

    ``cuts`` (n,) ascending, of a column of numbers or ordered levels: bin 1 is below the first cut,
    bin n + 1 from the last one on. Or ``levels`` (n,), of levels without an order: the bin of each.
    ``low`` and ``high`` are the ends of what training rows had.
    """

    cuts: Tensor
    levels: Tensor
    low: float
    high: float

    @property
    def count(self) -> int:
        """Bins, with the one of cells that are not known."""
        return int(self.levels.max()) + 1 if len(self.levels) else len(self.cuts) + 2

    def of(self, cells: Tensor) -> Tensor:
        """The bin of each cell, (rows,) int64. Beyond the ends it is the last bin on that side."""
        missing = cells.isnan()
        if len(self.levels):
            found = self.levels[cells.nan_to_num(0).long()]
        else:
            found = torch.bucketize(cells.nan_to_num(0).contiguous(), self.cuts, right=True) + 1
        return torch.where(missing, MISSING, found)

    def ends(self, number: int) -> tuple[float, float]:
        """Where a bin of numbers begins and ends."""
        edges = [self.low, *self.cuts.tolist(), self.high]
        return edges[number - 1], edges[number]

    def tensors(self, name: str) -> dict[str, Tensor]:
        """What `loaded` needs, by name."""
        ends = torch.tensor([self.low, self.high], dtype=torch.float64)
        return {f"{name}.cuts": self.cuts, f"{name}.levels": self.levels, f"{name}.ends": ends}

    @classmethod
    def loaded(cls, name: str, tensors: Mapping[str, Tensor]) -> Bins:
        """What `tensors` gave."""
        low, high = tensors[f"{name}.ends"].tolist()
        return cls(tensors[f"{name}.cuts"], tensors[f"{name}.levels"], low, high)

    def to(self, device: torch.device | str) -> Bins:
        """The same bins on another device."""
        return Bins(self.cuts.to(device), self.levels.to(device), self.low, self.high)
