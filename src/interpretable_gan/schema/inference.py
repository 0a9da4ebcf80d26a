"""From any table of attributes to a first schema that a person can then correct."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import MISSING, OFF, ON, Attribute, as_number, distinct
from interpretable_gan.schema.naming import plain, words
from interpretable_gan.schema.profile import Profile, profile
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Column, Table, read_table

MAX_LEVELS = 50
FEW_NUMBERS = 10
MOSTLY = 0.95
"""Share of labels that decides on a column's kind; the others are then unreadable."""

LETTERS = ({"y", "n"}, {"t", "f"})
"""Short words that mean yes and no only together."""

SIDES = tuple(words - set().union(*LETTERS) for words in (ON, OFF))
"""Words that mean yes, and words that mean no, whatever stands beside them."""

INDEX = frozenset({"id", "idx", "index", "uuid", "guid", "key", "serial", "no", "nr", "row"})
"""Words in the names of columns that number the rows."""

NEVER_SEEN = frozenset({"id", "index", "uuid", "guid", "level0", "indexlevel0"})
"""Whole names, without punctuation, of columns that say nothing about an image."""

ASCENDING = 10
"""Rows from which on numbers that only ascend are no chance."""

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Inference:
    """A schema read off a table, its ``profile``, why columns were ``left_out``, and ``remarks`` on
    what else was decided.
    """

    schema: Schema
    profile: Profile
    left_out: dict[str, str]
    remarks: tuple[str, ...] = ()

    @property
    def decisions(self) -> tuple[str, ...]:
        """Sentences on what is no attribute, and on what labels were taken for."""
        return (*(f"{name}: left out, {why}" for name, why in self.left_out.items()), *self.remarks)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything a person should look at before training."""
        return (*(f"{decision}." for decision in self.decisions), *self.profile.warnings)


def infer_schema(
    table: Table | Path | str,
    *,
    name: str = "data",
    target: str | None = None,
    ignore: Iterable[str] = (),
    ranges: Mapping[str, tuple[float, float]] | None = None,
    known: Mapping[str, Attribute] | None = None,
    training: Rows | None = None,
    example: str = "image",
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
        known: column → its attribute, where that need not be guessed.
        training: rows that are learned from; what their labels say nothing of is left out.
        example: what a row stands for, as remarks call it.

    Raises:
        DataError: no column can be used.

    >>> found = infer_schema({"smiling": ["yes", "no", "yes"], "hair": ["red", "black", "red"]})
    >>> [(a.name, a.kind, a.levels) for a in found.schema.attributes]
    [('smiling', 'binary', ()), ('hair', 'categorical', ('black', 'red'))]
    """
    remarks: list[str] = []
    columns = table if isinstance(table, Mapping) else read_table(table, remarks)
    ignored, ranges, known = set(ignore), ranges or {}, known or {}
    attributes: list[Attribute] = []
    left_out: dict[str, str] = {}
    for column, values in columns.items():
        if column in ignored:
            continue
        guess = known.get(column) or _guess(column, values, ranges.get(column), remarks, example)
        if isinstance(guess, Attribute):
            guess = _learnable(guess, values, training, remarks, example)
        if isinstance(guess, Attribute):
            attributes.append(guess)
        else:
            left_out[column] = guess
    if not attributes:
        reasons = "; ".join(f"{column} is {why}" for column, why in left_out.items())
        raise DataError(f"no column of {name!r} can be an attribute: {reasons or 'it has none'}.")
    if target in left_out:
        remarks.append(f"no attribute is the target, as {target} is left out")
        target = None
    schema = Schema(name=name, attributes=tuple(attributes), target=target)
    labels = schema.join({a.name: a.parse(columns[a.name]) for a in attributes})
    return Inference(schema, profile(schema, *labels), left_out, tuple(remarks))


def _guess(
    name: str,
    values: Column,
    given: tuple[float, float] | None,
    remarks: list[str],
    example: str,
) -> Attribute | str:
    """The attribute that the values suggest, or why there is none."""
    if given is not None:
        return Attribute(name=name, kind="continuous", range=given)
    texts, which = distinct(values)
    times: Counter[str] = Counter()
    for text, count in zip(texts, np.bincount(which, minlength=len(texts)).tolist(), strict=True):
        times[text] += count
    counts = Counter({text: n for text, n in times.items() if text.lower() not in MISSING})
    rows = counts.total()
    if plain(name) in NEVER_SEEN:
        return "an identifier by its name"
    if re.fullmatch(r"unnamed\d+", plain(name)):
        return "it has no name in the first line; name it there to use it"
    if all(as_number(text) is None and text.lower() not in SIDES[0] | SIDES[1] for text in counts):
        counts |= _nones(name, times, remarks)
    if len(counts) < 2:
        return f"constant, always {next(iter(counts))!r}" if counts else "empty"
    if any({text.lower() for text in counts} <= side for side in SIDES):
        return "constant, whatever its spelling: " + ", ".join(sorted(counts))
    if attribute := _binary(name, counts):
        return attribute
    numbers = {text: number for text in counts if (number := as_number(text)) is not None}
    share = sum(counts[text] for text in numbers) / rows
    few_odd = len(numbers) > FEW_NUMBERS and len(numbers) >= MOSTLY * len(counts)
    numeric = share >= MOSTLY or (few_odd and share > 0.5)
    whole = all(number.is_integer() for number in numbers.values())
    if numeric and not (whole and len(counts) <= FEW_NUMBERS):
        if whole and len(numbers) == sum(counts[text] for text in numbers):
            numbered = [numbers[text] for text in map(texts.__getitem__, which) if text in numbers]
            if why := _identifier(name, numbered):
                return why
            remarks.append(
                f"{name}: taken for a number that {example}s show; if it identifies the rows, "
                "which are all different, take it out of the schema"
            )
        return Attribute(name=name, kind="continuous", range=_ends(numbers.values()))
    if len(counts) > min(MAX_LEVELS, max(2, rows / 2)):
        return _no_levels(counts, numbers, rows)
    remarks += _spellings(name, counts)
    order = sorted(counts, key=lambda text: (numbers.get(text, 0.0), text))
    return Attribute(name=name, kind="categorical", levels=tuple(order))


def _binary(name: str, counts: Counter[str]) -> Attribute | None:
    """An attribute of 0/1, −1/1 or words for yes and no, but for a few odd texts."""
    if set(counts) == {"-1", "1"} or {text.lower() for text in counts} in LETTERS:
        return Attribute(name=name)
    on, off = ({text for text in counts if text.lower() in side} for side in SIDES)
    odd = counts.keys() - on - off
    clear = sum(counts[text] for text in on | off) >= MOSTLY * counts.total()
    if on and off and clear and all(as_number(text) is None for text in odd):
        return Attribute(name=name)
    return None


def _identifier(name: str, numbers: list[float]) -> str:
    """Why whole numbers, all different, only number the rows; '' if they may say more."""
    if all(after - before == 1 for before, after in pairwise(sorted(numbers))):
        return "an identifier, it counts the rows"
    if INDEX.intersection(words(name)):
        return "an identifier by its name, and different in all rows"
    if len(numbers) >= ASCENDING and all(before < after for before, after in pairwise(numbers)):
        return "an identifier, it ascends from row to row"
    return ""


def _nones(name: str, times: Counter[str], remarks: list[str]) -> Counter[str]:
    """Levels called none. 'None' is what Python writes where nothing is known."""
    if "None" in times:
        remarks.append(
            f"{name}: 'None' is read as not known; if it is a level, list it in schema.yaml"
        )
    levels = Counter({t: n for t, n in times.items() if t.lower() == "none" and t != "None"})
    for level in levels:
        remarks.append(
            f"{name}: {level!r} is taken for a level; where nothing is known, leave the cell empty"
        )
    return levels


def _no_levels(counts: Counter[str], numbers: Mapping[str, float], rows: int) -> str:
    """Why there are too many values for levels."""
    odd = [repr(text) for text in counts if text not in numbers]
    if len(odd) < len(numbers):
        shown = ", ".join(odd[:3]) + (", …" if len(odd) > 3 else "")
        shown = f"{len(odd)} of {len(counts)} values are texts ({shown})"
        return f"neither numbers nor levels: {shown}"
    return f"an identifier or free text, {len(counts)} different values in {rows} rows"


def _spellings(name: str, counts: Counter[str]) -> Iterator[str]:
    """Levels that may be one: words that differ in case alone. Letters, as of a font, may not."""
    alike: dict[str, list[str]] = defaultdict(list)
    for text in counts:
        alike[" ".join(text.casefold().split())].append(text)
    for word, spellings in alike.items():
        if len(spellings) > 1 and len(word) > 1:
            shown = ", ".join(f"{text!r} ({counts[text]:,})" for text in sorted(spellings))
            yield f"{name}: are these one level? {shown}: then spell them alike"


def _ends(numbers: Iterable[float]) -> tuple[float, float]:
    ordered = sorted(numbers)
    return ordered[0], ordered[-1]


def _learnable(
    attribute: Attribute,
    values: Column,
    training: Rows | None,
    remarks: list[str],
    example: str,
) -> Attribute | str:
    """The attribute without levels that no training row has, or why nothing can be learned."""
    parsed = attribute.parse(values)
    rows = np.arange(len(parsed.known)) if training is None else training
    rows = rows[parsed.known[rows]]
    columns, name = parsed.columns[rows], attribute.name
    where = "" if training is None else f" among the training {example}s"
    if not len(rows):
        return f"no training {example} has a label" if where else "empty"
    if attribute.kind == "categorical":
        which = np.flatnonzero(np.count_nonzero(columns > 0, axis=0)).tolist()
        seen = [attribute.levels[number] for number in which]
        if len(seen) == len(attribute.levels):
            return attribute
        if len(seen) > 1:
            for level in attribute.levels:
                if level not in seen:
                    remarks.append(
                        f"{name}: level {level!r} left out, no training {example} has it"
                    )
            return attribute.model_copy(update={"levels": tuple(seen)})
    if (columns == columns[0]).all():
        return f"constant{where}, always {_told(attribute, columns[:1])}"
    return attribute


def _told(attribute: Attribute, columns: NDArray[np.float32]) -> str:
    value = attribute.decode(columns)[0]
    if attribute.kind == "binary":
        return "on" if value > 0.5 else "off"
    return repr(str(value)) if attribute.kind == "categorical" else f"{value:g}"
