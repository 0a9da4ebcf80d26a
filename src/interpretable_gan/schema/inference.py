"""From any table of attributes to a first schema that a person can then correct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import MISSING, OFF, ON, Attribute, as_number, distinct
from interpretable_gan.schema.profile import Profile, profile
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Column, Table, read_table

MAX_LEVELS = 50
FEW_NUMBERS = 10
MOSTLY = 0.95


@dataclass(frozen=True)
class Inference:
    """A schema read off a table, its ``profile``, and why columns were ``left_out``."""

    schema: Schema
    profile: Profile
    left_out: dict[str, str]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything a person should look at before training."""
        reasons = (f"{name}: left out, {why}." for name, why in self.left_out.items())
        return (*reasons, *self.profile.warnings)


def infer_schema(
    table: Table | Path | str,
    *,
    name: str = "data",
    target: str | None = None,
    ignore: Iterable[str] = (),
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Inference:
    """Guess each column's kind from its values.

    0/1, −1/1, booleans and yes/no become binary; numbers continuous, with the range from minimum to
    maximum unless ``ranges`` gives it; up to ten whole numbers, or up to 50 different texts,
    categorical. Left out with a reason: empty and constant columns, identifiers, free text.

    Args:
        table: columns by name, or a CSV, JSON lines or Parquet file.
        name: the schema's name.
        target: the column to be predicted or explained, if any.
        ignore: columns that are no attributes, such as file names.
        ranges: column → (lowest, highest) value of a continuous attribute.

    Raises:
        DataError: no column can be used.

    >>> found = infer_schema({"smiling": ["yes", "no", "yes"], "hair": ["red", "black", "red"]})
    >>> [(a.name, a.kind, a.levels) for a in found.schema.attributes]
    [('smiling', 'binary', ()), ('hair', 'categorical', ('black', 'red'))]
    """
    columns = table if isinstance(table, Mapping) else read_table(table)
    ignored, ranges = set(ignore), ranges or {}
    attributes: list[Attribute] = []
    left_out: dict[str, str] = {}
    for column, values in columns.items():
        if column in ignored:
            continue
        guess = _guess(column, values, ranges.get(column))
        if isinstance(guess, Attribute):
            attributes.append(guess)
        else:
            left_out[column] = guess
    if not attributes:
        reasons = "; ".join(f"{column} is {why}" for column, why in left_out.items())
        raise DataError(f"no column of {name!r} can be an attribute: {reasons or 'it has none'}.")
    schema = Schema(name=name, attributes=tuple(attributes), target=target)
    labels = schema.join({a.name: a.parse(columns[a.name]) for a in attributes})
    return Inference(schema, profile(schema, *labels), left_out)


def _guess(name: str, values: Column, given: tuple[float, float] | None) -> Attribute | str:
    """The attribute that the values suggest, or why there is none."""
    different, which = distinct(values)
    counts: Counter[str] = Counter()
    for text, rows in zip(different, np.bincount(which).tolist(), strict=True):
        if text.lower() not in MISSING:
            counts[text] += rows
    rows = counts.total()
    if given is not None:
        return Attribute(name=name, kind="continuous", range=given)
    if len(counts) < 2:
        return f"constant, always {next(iter(counts))!r}" if counts else "empty"
    if {text.lower() for text in counts} <= ON | OFF or set(counts) == {"-1", "1"}:
        return Attribute(name=name)
    numbers = {text: number for text in counts if (number := as_number(text)) is not None}
    numeric = sum(counts[text] for text in numbers) >= MOSTLY * rows
    whole = all(number.is_integer() for number in numbers.values())
    if numeric and not (whole and len(counts) <= FEW_NUMBERS):
        ordered = sorted(numbers.values())
        if len(ordered) == rows and all(after - before == 1 for before, after in pairwise(ordered)):
            return "an identifier, it counts the rows"
        return Attribute(name=name, kind="continuous", range=(ordered[0], ordered[-1]))
    if len(counts) > min(MAX_LEVELS, max(2, rows / 2)):
        return f"an identifier or free text, {len(counts)} different values in {rows} rows"
    order = sorted(counts, key=lambda text: (numbers.get(text, 0.0), text))
    return Attribute(name=name, kind="categorical", levels=tuple(order))
