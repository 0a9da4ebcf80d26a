"""How a run stands, for whoever shows it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Status:
    """How a run stands, for whoever shows it."""

    images: int
    total: int
    images_per_second: float
    losses: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def seconds_left(self) -> float:
        """At the present rate; infinite before the first step."""
        rate = self.images_per_second
        return (self.total - self.images) / rate if rate else math.inf


Progress = Callable[[Status], None]
