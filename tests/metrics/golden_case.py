"""What a golden case is, and when a measured value meets it. The format is in golden/README.md."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from interpretable_gan.metrics.result import Result

Case = Mapping[str, Any]
"""The inputs of one case by name, with ``key`` and ``parameters`` of the golden entry."""


@dataclass(frozen=True)
class Row:
    """One golden key: how our metric is called for it, and which of its fields are compared.

    ``not_imitated`` names fields of the published value that are plain mistakes there.
    """

    measure: Callable[[Case], Result]
    read: Callable[[Result], Any]
    not_imitated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """One ``*.golden.json``: how its cases are loaded, and its rows by (pattern of) golden key."""

    load: Callable[[Path, str], Case]
    rows: Mapping[str, Row]

    def row(self, key: str) -> Row | None:
        """The row of a key: the exact one, or the one whose pattern fits."""
        if key in self.rows:
            return self.rows[key]
        return next((row for pattern, row in self.rows.items() if fnmatchcase(key, pattern)), None)


@dataclass(frozen=True)
class Entry:
    """One golden value: family/case/key and what the file says about it."""

    family: str
    case: str
    key: str
    golden: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.family}/{self.case}/{self.key}"


def entries(folder: Path) -> Iterator[Entry]:
    """Every golden value in a folder."""
    for file in sorted(folder.glob("*.golden.json")):
        family = file.name.removesuffix(".golden.json")
        for case, keys in json.loads(file.read_text()).items():
            for key, golden in keys.items():
                yield Entry(family, case, key, golden)


def misses(entry: Entry, folder: Path, families: Mapping[str, Family]) -> list[str]:
    """Measure one entry; a sentence for each number that is off, none when it is met."""
    family = families.get(entry.family)
    row = family.row(entry.key) if family else None
    if family is None or row is None:
        return ["no metric is mapped to this key"]
    case = dict(family.load(folder, entry.case))
    case |= {"key": entry.key, "parameters": entry.golden.get("parameters") or {}}
    result = row.measure(case)
    if "reference_fails_with" in entry.golden:
        # the reference raises; ours must answer, and say what it did about it
        return [] if result.warnings else ["the reference fails here; ours gave no warning"]
    return list(
        differences(
            row.read(result),
            entry.golden["value"],
            entry.golden["tolerance"],
            entry.golden.get("std_over_seeds"),
            row.not_imitated,
            explained=bool(result.warnings),
        )
    )


def differences(
    got: Any,
    want: Any,
    tolerance: Mapping[str, Any],
    std: Any = None,
    not_imitated: tuple[str, ...] = (),
    explained: bool = False,
    path: str = "",
) -> Iterator[str]:
    """Where ``got`` leaves the tolerance around ``want``: abs + rel·|want| + 3 std over seeds.

    Where the published value is not a number, a defined value passes if a warning explains it.
    """
    if isinstance(want, Mapping) and set(want) == {"re", "im"}:
        want = want["re"]
    if isinstance(want, Mapping):
        for name in want:
            if name in not_imitated:
                continue
            if not isinstance(got, Mapping) or name not in got:
                yield f"{path}{name}: missing"
                continue
            spread = std.get(name) if isinstance(std, Mapping) else None
            where = f"{path}{name}."
            yield from differences(
                got[name], want[name], tolerance, spread, not_imitated, explained, where
            )
        return
    if isinstance(want, list):
        if not hasattr(got, "__len__") or len(got) != len(want):
            yield f"{path}: expected {len(want)} entries, got {got}"
            return
        for i, item in enumerate(want):
            spread = std[i] if isinstance(std, list) else None
            where = f"{path}{i}."
            yield from differences(got[i], item, tolerance, spread, not_imitated, explained, where)
        return
    target, value = float(want), float(got)
    if math.isnan(target):
        if not math.isnan(value) and not explained:
            yield f"{path} expected NaN, got {value} without a warning"
        return
    if value == target:
        return
    spread = float(std) if std is not None else 0.0
    allowed = tolerance["abs"] + tolerance["rel"] * abs(target) + 3 * spread
    if math.isinf(target) or not abs(value - target) <= allowed:
        yield f"{path} expected {target}, got {value} (allowed {allowed:.3g})"
