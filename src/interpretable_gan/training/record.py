"""What the log says of the steps since its last record."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.runtime import Runtime

MEMORY = 0.97
"""How much of the obedience of an attribute remains after one more change of it."""


class Record:
    """Gathers what steps report: losses, what the decision rests on, which changes were seen.

    ``obeyed``: per named attribute, the share of changes that the encoder sees, the last ones most;
    nan before the first. It outlives the record, and travels with checkpoints. ``broken``: what in
    the report of the last step is no finite number, as ``game is nan``; None when all is well.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.obeyed = torch.full((len(schema.named),), math.nan)
        self.broken: str | None = None
        self._reports: list[dict[str, Tensor]] = []

    def add(self, report: dict[str, Tensor], orders: Orders) -> None:
        """Take in what one step reports."""
        obeyed = report.pop("obeyed")
        self.broken = _broken(report)
        self._reports.append({name: value.detach() for name, value in report.items()})
        self._remember(orders.changed.cpu(), obeyed.float().cpu())

    def close(self, runtime: Runtime) -> dict[str, Any]:
        """Means over the steps taken in and over all processes; what comes next starts anew.

        ``importance``: attribute → mean absolute contribution to decisions on real images, beside
        its mean on generated ones. ``obeyed``: attribute → share, None where nothing is known.
        """
        names = self._reports[0]
        means = {name: torch.stack([r[name] for r in self._reports]).mean(0) for name in names}
        importance = runtime.mean(
            dict(zip(self.schema.names, means.pop("importance"), strict=True))
        )
        self._reports = []
        return {
            **runtime.mean(means),
            "importance": importance,
            "obeyed": {
                attribute.name: None if math.isnan(share) else share
                for attribute, share in zip(self.schema.named, self.obeyed.tolist(), strict=True)
            },
        }

    def _remember(self, changed: Tensor, seen: Tensor) -> None:
        count = len(self.obeyed)
        asked = torch.bincount(changed, minlength=count)
        share = torch.bincount(changed, seen, minlength=count) / asked.clamp(min=1)
        known = torch.where(self.obeyed.isnan(), share, self.obeyed)
        self.obeyed = torch.where(
            asked > 0, torch.lerp(known, share.to(known), 1 - MEMORY**asked), self.obeyed
        )


def _broken(report: dict[str, Tensor]) -> str | None:
    """The first of the single numbers that is not finite; they are looked at all at once."""
    numbers = {name: value.detach() for name, value in report.items() if value.ndim == 0}
    told = torch.stack(list(numbers.values())).float()
    if told.isfinite().all():
        return None
    values = dict(zip(numbers, told.tolist(), strict=True))
    return next(f"{name} is {v}" for name, v in values.items() if not math.isfinite(v))


def rounded(line: dict[str, Any]) -> dict[str, Any]:
    """The same record with as many digits as anyone reads."""
    return {
        name: rounded(value)
        if isinstance(value, dict)
        else round(value, 5)
        if isinstance(value, float)
        else value
        for name, value in line.items()
    }
