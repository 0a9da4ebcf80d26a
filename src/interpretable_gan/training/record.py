"""What the log says of the steps since its last record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from interpretable_gan.training.runtime import Runtime


class Record:
    """Gathers what steps report. Nothing waits for the device before a record is closed.

    Args:
        names: of the attributes of the schema, named ones first.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._reports: list[dict[str, Tensor]] = []

    def __len__(self) -> int:
        return len(self._reports)

    def add(self, report: dict[str, Tensor]) -> None:
        """Take in what one step reports: single numbers, or one number for each attribute."""
        self._reports.append(report)

    def broken(self) -> tuple[int, str] | None:
        """The first report, counted from the last record, in which a single number is not finite,
        and what it is, as ``game is nan``; None when all is well."""
        if not self._reports:
            return None
        names = [name for name, value in self._reports[0].items() if value.ndim == 0]
        told = torch.stack(
            [torch.stack([each[n] for n in names]).float() for each in self._reports]
        )
        bad = (~told.isfinite()).nonzero()
        if not len(bad):
            return None
        report, number = bad[0].tolist()
        return report, f"{names[number]} is {told[report, number].item()}"

    def close(self, runtime: Runtime) -> dict[str, Any]:
        """Means over the reports taken in and over all processes; what comes next starts anew.

        What was reported for each attribute is a mapping from its name, None where nothing is
        known.
        """
        names = self._reports[0]
        means = {n: torch.stack([r[n] for r in self._reports]).nanmean(0) for n in names}
        self._reports = []
        return {
            name: self._by_name(value) if isinstance(value, list) else value
            for name, value in runtime.mean(means).items()
        }

    def _by_name(self, values: list[float]) -> dict[str, float | None]:
        known = [None if math.isnan(value) else value for value in values]
        return dict(zip(self.names, known, strict=False))


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
