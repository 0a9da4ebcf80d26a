"""From a table of rows to a first schema: what `infer_schema` does not ask of labels of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.schema.attribute import MISSING, Attribute, as_number, distinct
from interpretable_gan.schema.cells import read_cells
from interpretable_gan.schema.dates import date_form
from interpretable_gan.schema.inference import MAX_LEVELS, Inference, Rows, infer_schema
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Column, Table

CODES = ("-1", "-9", "-99", "-999", "-9999")
"""Numbers that often stand for a cell that is not known, where no other is below 0."""

MASS = 0.05
"""Share of rows at one number from which on it is a mass."""

EDGE_MASS = 0.002
"""The same of the lowest or highest number, where a gap parts it from the others."""

GAP = 0.3
"""Share of the range that such a gap has at least."""

REPEATS = 5
"""How often a level stands in the table, on average, where there are more than `MAX_LEVELS`."""

MANY = 10_000
"""Most levels."""

DIGITS = 6
"""Most digits behind a point that are kept as they are; numbers with more are kept in full."""


def infer_table(
    table: Table,
    *,
    name: str = "data",
    ignore: Iterable[str] = (),
    training: Rows | None = None,
) -> Inference:
    """Guess each column's kind, as `infer_schema` does, and how the table writes it.

    Further to that: dates; text columns of many levels that repeat; numbers such as -9 that stand
    for what is not known; digits behind the point; masses; levels that are numbers, so ordered.
    Every such decision is one of the ``remarks``.

    Args:
        table: columns by name.
        name: of the schema.
        ignore: columns that are no attributes.
        training: rows that are learned from.

    Raises:
        DataError: no column can be used.
    """
    ignored = set(ignore)
    columns = {each: values for each, values in table.items() if each not in ignored}
    remarks: list[str] = []
    told = {each: _Texts.of(values) for each, values in columns.items()}
    coded = {each: _code(each, texts, remarks) for each, texts in told.items()}
    read = {each: _without(values, coded[each]) for each, values in columns.items()}
    known: dict[str, Attribute] = {}
    for each, texts in told.items():
        guess = _date(each, texts, remarks) or _many_levels(each, texts)
        if guess is not None:
            known[each] = guess
    found = infer_schema(read, name=name, known=known, training=training, example="row")
    attributes = tuple(
        _as_written(attribute, told[attribute.name], coded[attribute.name], remarks)
        for attribute in found.schema.attributes
    )
    for attribute in attributes:
        if attribute.masses:
            shown = ", ".join(f"{each:g}" for each in attribute.masses)
            remarks.append(f"{attribute.name}: many rows stand at {shown}, taken apart")
    schema = Schema(name=name, attributes=attributes, augmentations=())
    return replace(found, schema=schema, remarks=(*found.remarks, *remarks))


@dataclass(frozen=True)
class _Texts:
    """The different texts of a column with how often each stands there: ``known`` ones, and
    ``missing`` ones, which mean that nothing is known."""

    known: Counter[str]
    missing: Counter[str]

    @classmethod
    def of(cls, values: Column) -> _Texts:
        texts, which = distinct(values)
        known: Counter[str] = Counter()
        missing: Counter[str] = Counter()
        for text, count in zip(texts, np.bincount(which, minlength=len(texts)), strict=True):
            (missing if text.lower() in MISSING else known)[text] += int(count)
        return cls(known, missing)

    @property
    def numbers(self) -> dict[str, float]:
        return {t: number for t in self.known if (number := as_number(t)) is not None}


def _code(name: str, texts: _Texts, remarks: list[str]) -> str:
    """A number such as -9 that stands for what is not known; '' where there is none."""
    numbers = texts.numbers
    below = [text for text, number in numbers.items() if number < 0]
    if len(below) != 1 or below[0] not in CODES or len(numbers) < 3:
        return ""
    others = [number for text, number in numbers.items() if text != below[0]]
    if below[0] == "-1" and (max(others) <= 1 or texts.known["-1"] < 2):
        return ""  # a direction, or one number among others
    remarks.append(
        f"{name}: {below[0]} ({texts.known[below[0]]:,} rows) is taken for not known, as no other "
        f"number is below 0; if it is a number, write missing: [] in schema.yaml"
    )
    return below[0]


def _without(values: Column, code: str) -> Column:
    """The column with an empty cell in place of a code."""
    if not code:
        return values
    texts, which = distinct(values)
    cells: Sequence[object] = values.tolist() if isinstance(values, np.ndarray) else values
    coded = [texts[number] == code for number in which.tolist()]
    return ["" if is_code else cell for cell, is_code in zip(cells, coded, strict=True)]


def _date(name: str, texts: _Texts, remarks: list[str]) -> Attribute | None:
    """A column of dates of one form."""
    if len(texts.known) < 2 or any(as_number(text) is not None for text in list(texts.known)[:1]):
        return None
    form = date_form(list(texts.known))
    if form is None:
        return None
    date, other = form
    doubt = f"; they could be {other}, too: then write date: '{other}'" if other else ""
    remarks.append(f"{name}: dates, written as {date}{doubt}")
    whole = Attribute(name=name, kind="continuous", range=(-1e9, 1e9), date=date)
    days = read_cells(whole, list(texts.known)).values
    decimals = None if "%H" in date else 0
    ends = (float(days.min()), float(days.max()))
    return whole.model_copy(update={"range": ends, "decimals": decimals})


def _many_levels(name: str, texts: _Texts) -> Attribute | None:
    """A column of more texts than `infer_schema` takes for levels, where they repeat."""
    rows, levels = texts.known.total(), len(texts.known)
    if not MAX_LEVELS < levels <= min(MANY, rows / REPEATS) or len(texts.numbers) > levels / 20:
        return None
    return Attribute(name=name, kind="categorical", levels=tuple(sorted(texts.known)))


def _as_written(attribute: Attribute, texts: _Texts, code: str, remarks: list[str]) -> Attribute:
    """The attribute with how the table writes its cells."""
    spelt = [text for text, _ in texts.missing.most_common() if text not in attribute.levels]
    missing = ([code] if code else []) + spelt
    said: dict[str, object] = {"missing": tuple(missing)} if missing else {}
    shown = [text for text in spelt if text]
    if shown:
        counts = ", ".join(f"{text!r} ({texts.missing[text]:,})" for text in shown)
        remarks.append(f"{attribute.name}: {counts} is read as not known")
    if attribute.kind == "binary":
        said |= _words(attribute, texts, remarks)
    elif attribute.kind == "categorical":
        said["ordered"] = all(as_number(level) is not None for level in attribute.levels)
    elif not attribute.date:
        said |= _digits(texts, code)
    return Attribute(**(attribute.model_dump(exclude_unset=True) | said))


def _words(attribute: Attribute, texts: _Texts, remarks: list[str]) -> dict[str, object]:
    """How the table writes off and on, most often."""
    parsed = attribute.parse(list(texts.known))
    words = []
    for side in (-1.0, 1.0):
        same = Counter(
            {
                text: count
                for (text, count), known, column in zip(
                    texts.known.items(), parsed.known, parsed.columns[:, 0], strict=True
                )
                if known and column == side
            }
        )
        words.append(same.most_common(1)[0][0])
        if len(same) > 1:
            shown = ", ".join(f"{text!r} ({count:,})" for text, count in same.most_common())
            remarks.append(f"{attribute.name}: {shown} mean the same; written as {words[-1]!r}")
    return {"words": tuple(words)}


def _digits(texts: _Texts, code: str) -> dict[str, object]:
    """Digits behind the point, and masses, of a column of numbers."""
    numbers = {text: number for text, number in texts.numbers.items() if text != code}
    most = max((_decimals(text) for text in numbers), default=0)
    values = np.array(list(numbers.values()))
    counts = np.array([texts.known[text] for text in numbers], float)
    order = values.argsort()
    masses = _masses(values[order], counts[order])
    return {"decimals": most if most <= DIGITS else None, "masses": masses}


def _decimals(text: str) -> int:
    """Digits behind the point of a number as it stands; many where it has an exponent."""
    whole, _, behind = text.partition(".")
    return DIGITS + 1 if "e" in text.lower() else len(behind) * bool(whole or behind)


def _masses(values: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, ...]:
    """Numbers at which many rows stand, of ascending numbers with their counts: `MASS` of them and
    ten times as many as at a typical number, or `EDGE_MASS` at an end that a gap parts off."""
    if len(values) < MAX_LEVELS:
        return ()  # so few numbers are all told apart anyway
    rows, usual = counts.sum(), float(np.median(counts))
    many = (counts >= MASS * rows) & (counts >= 10 * usual)
    span = values[-1] - values[0]
    for end, neighbour in ((0, 1), (-1, -2)):
        gap = abs(values[end] - values[neighbour])
        many[end] |= counts[end] >= max(EDGE_MASS * rows, 10) and gap >= GAP * span
    return tuple(values[many].tolist())
