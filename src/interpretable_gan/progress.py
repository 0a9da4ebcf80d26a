"""How far a piece of work has come, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Status:
    """How far a piece of work has come.

    >>> print(Status(64, 2_000, "drawing samples"))
    drawing samples: 64 of 2,000

    Args:
        done: of ``total``, in images or steps.
        total: when ``done`` reaches it, the work is finished.
        remark: what else is worth saying now.
        losses: losses and measurements of training by name, means since the last status.
        notes: what the training doctor finds wrong, in sentences.
    """

    done: int
    total: int
    remark: str = ""
    losses: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{f'{self.remark}: ' if self.remark else ''}{self.done:,} of {self.total:,}"


Progress = Callable[[Status], None]
"""Called now and then while something works; ``print`` will do."""


def silent(status: Status) -> None:
    """Says nothing: the default of everything that takes a `Progress`."""
