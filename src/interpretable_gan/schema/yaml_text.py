"""YAML that somebody wrote, read within bounds."""

from __future__ import annotations

import math
from typing import Any

import yaml

MOST, DEEPEST = 1_000_000, 50
"""Values that a text may hold, aliases unfolded, and how deep they may be nested."""


def yaml_values(text: str) -> Any:
    """What a text of YAML says.

    Raises:
        ValueError: values are nested too deep, or there are too many of them.
        yaml.YAMLError: it is no YAML.
    """
    _refuse_depths(text)
    values = yaml.safe_load(text)
    if _unfolded(values, {}) > MOST:
        raise ValueError(f"its aliases unfold to more than {MOST:,} values")
    return values


def _refuse_depths(text: str) -> None:
    """Stop before PyYAML does, whose time grows with the square of the depth.

    Raises:
        ValueError: values are nested more than `DEEPEST` deep.
    """
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"values are nested more than {DEEPEST} deep")


def _unfolded(value: Any, counts: dict[int, float]) -> float:
    """How many values there are, where those behind an alias of YAML count each time; infinitely
    many where one is within itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in counts:
        counts[id(value)] = math.inf
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        counts[id(value)] = 1 + sum(_unfolded(part, counts) for part in parts)
    return counts[id(value)]
