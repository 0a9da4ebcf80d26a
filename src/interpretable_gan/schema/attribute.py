"""One named thing about an example, and how its values become columns and words again."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from interpretable_gan.errors import SchemaError, did_you_mean
from interpretable_gan.schema.dates import as_date, as_days

Kind = Literal["binary", "categorical", "continuous"]

ON = frozenset({"1", "true", "yes", "on", "t", "y"})
OFF = frozenset({"0", "false", "no", "off", "f", "n"})
MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "nan", "nat", "none", "null", "\\n"})
"""Spellings of a missing label, in lower case: those of spreadsheets, databases and pandas."""

NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.(0*)|\.[0-9]+[eE][+-]?[0-9]+)?")
"""A whole number, also as columns of floats and numpy write it: 3, 3.0, 3.00, 3.0e+00."""

EXACT = 2**53
"""Whole numbers below have each a float of their own."""

MOST_DECIMALS = 12
"""Digits behind a point; a number of 64 bits has about 16 in all."""

ROUNDING = 1e-6
"""Share of a range by which a number may miss its ends, as one written with few digits does."""


class Parsed(NamedTuple):
    """Labels as columns.

    ``columns`` (rows, width) float32 in [-1, 1], 0 where not known; ``known`` (rows,);
    ``unreadable`` (rows,): a label stood there, but none that the attribute has.
    """

    columns: NDArray[np.float32]
    known: NDArray[np.bool_]
    unreadable: NDArray[np.bool_]


class Checked(BaseModel):
    """A frozen value that refuses nonsense with one ``SchemaError`` sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            kind = type(self).__name__.lower()
            raise SchemaError(_sentence(error, f"{kind} {fields.get('name')!r}", self)) from None


class Attribute(Checked):
    """A named thing about an example.

    binary: one column, −1 off and +1 on. categorical: one column per level, +1 for the level and
    −1 for the others. continuous: one column, ``range`` mapped linearly to [−1, 1].

    Of a column of a table it says more. ``words`` are how off and on are written, ``missing`` is
    what stands for cells that are not known, the usual spelling first. Levels may be ``ordered``.
    Numbers have ``decimals`` digits behind the point; many rows stand at each of their ``masses``;
    with a ``date`` format, such as ``%Y-%m-%d``, they are days since 1970-01-01. ``effect`` says
    which way the attribute may move the target, where ``none`` keeps it out; ``change`` says which
    way a person can change it.

    ``source`` is ``named`` where labels exist, ``discovered`` where training found it, and
    ``taught`` where a trained encoder learned to read it from a few examples. A discovered
    attribute gets its human name later, as ``alias``. A ``global`` attribute is read from the whole
    image, so no place is claimed for it.

    Raises:
        SchemaError: the fields contradict each other; says which and the likely fix.
    """

    name: str
    kind: Kind = "binary"
    levels: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    unit: str = ""
    description: str = ""
    group: str = ""
    source: Literal["named", "discovered", "taught"] = "named"
    alias: str = ""
    scope: Literal["local", "global"] = "local"
    words: tuple[str, str] | None = None
    missing: tuple[str, ...] = ()
    ordered: bool = False
    decimals: int | None = Field(default=None, ge=0, le=MOST_DECIMALS)
    masses: tuple[float, ...] = ()
    date: str = ""
    effect: Literal["any", "increasing", "decreasing", "none"] = "any"
    change: Literal["any", "up", "down", "never"] = "any"

    @field_validator("name")
    @classmethod
    def _name_can_be_typed(cls, name: str) -> str:
        if not name or name != name.strip() or not name.isprintable() or "=" in name:
            raise ValueError("a name is printable text without '=' or spaces around it")
        return name

    @field_validator("levels", "words", "missing", mode="before")
    @classmethod
    def _levels_are_text(cls, levels: Any) -> Any:
        if isinstance(levels, list | tuple) and any(isinstance(level, bool) for level in levels):
            raise ValueError("YAML read yes/no as true/false: quote them, or make it binary")
        return levels

    @model_validator(mode="after")
    def _fields_fit_the_kind(self) -> Attribute:
        if self.kind == "categorical":
            if len(self.levels) < 2:
                raise ValueError("a categorical attribute needs at least two levels")
            times = Counter(map(as_text, self.levels))
            if doubled := [n for n in self.levels if times[as_text(n)] > 1]:
                raise ValueError(f"level {doubled[-1]!r} is listed twice; remove one")
        elif self.levels:
            raise ValueError(f"levels make no sense for kind {self.kind!r}; use 'categorical'")
        if self.kind == "continuous":
            if self.range is None:
                raise ValueError("a continuous attribute needs a range, such as [0, 100]")
            low, high = self.range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ValueError(f"range [{low:g}, {high:g}] must be finite and ascending")
        elif self.range is not None or self.unit:
            raise ValueError(f"range and unit need kind 'continuous', not {self.kind!r}")
        self._fields_of_columns_fit()
        return self

    def _fields_of_columns_fit(self) -> None:
        """Refuse what is said of a column in a table, but of another kind."""
        needs: dict[str, Kind] = {
            "words": "binary",
            "ordered": "categorical",
            "decimals": "continuous",
            "masses": "continuous",
            "date": "continuous",
        }
        for field, kind in needs.items():
            if getattr(self, field) not in (None, (), False, "") and self.kind != kind:
                raise ValueError(f"{field} needs kind {kind!r}, not {self.kind!r}")
        if self.words and as_text(self.words[0]) == as_text(self.words[1]):
            raise ValueError(f"words {self.words[0]!r} mean off and on at once; give two")
        if self.kind == "categorical" and not self.ordered:
            for field in ("effect", "change"):
                if (said := getattr(self, field)) in ("increasing", "decreasing", "up", "down"):
                    raise ValueError(f"{field} {said!r} needs levels that are ordered: true")

    @property
    def values(self) -> tuple[str, ...]:
        """Its levels, or how off and on are written, in the order of their numbers; none where it
        is a number itself."""
        if self.kind == "continuous":
            return ()
        return self.levels or self.words or ("0", "1")

    @property
    def has_order(self) -> bool:
        """Whether its values are numbers, or levels with an order."""
        return self.kind == "continuous" or self.ordered

    @property
    def width(self) -> int:
        """Number of columns in a code."""
        return len(self.levels) if self.kind == "categorical" else 1

    @property
    def label(self) -> str:
        """What to call it in front of people: the alias once it has one."""
        return self.alias or self.name

    def parse(self, values: Sequence[Any] | NDArray[Any]) -> Parsed:
        """Read a column of labels, as they stand in a table.

        Binary labels are 0/1, −1/1, booleans or yes/no words. A column that uses −1 for off
        cannot use 0, which is then unreadable. Missing are the spellings of ``MISSING`` in any
        case, unless the attribute has such a level.
        """
        texts, which = distinct(values)
        off = frozenset({"-1"}) if "-1" in texts else OFF
        rows = [self._columns(text, off) for text in texts]
        missing = [r is None and self.is_missing(text) for r, text in zip(rows, texts, strict=True)]
        known = np.array([row is not None for row in rows], bool)
        blank = [0.0] * self.width
        columns = np.array([row or blank for row in rows], np.float32).reshape(-1, self.width)
        return Parsed(columns[which], known[which], ~(known | np.array(missing, bool))[which])

    def encode(self, value: Any) -> NDArray[np.float32]:
        """One natural value as ``(width,)`` columns: what ``decode`` would give back.

        binary: a probability of being on in [0, 1], a boolean or yes/no; categorical: a level;
        continuous: a number in ``unit`` within ``range``.
        """
        text = as_text(value)
        probability = as_number(text) if self.kind == "binary" else None
        if probability is not None and 0 <= probability <= 1:
            return np.array([2 * probability - 1], np.float32)
        columns = self._columns(text, OFF)
        if columns is None:
            raise SchemaError(f"attribute {self.name!r} cannot be {value!r}. {self.accepts(value)}")
        return np.array(columns, np.float32)

    def decode(self, columns: NDArray[Any]) -> NDArray[Any]:
        """Natural values ``(rows,)`` of ``(rows, width)`` columns: probability, level or number."""
        if self.kind == "categorical":
            return np.array(self.levels)[columns.argmax(axis=1)]
        share = (columns[:, 0] + 1) / 2
        if self.range is None:
            return np.clip(share, 0, 1)
        low, high = self.range
        return low + share * (high - low)

    def is_missing(self, text: str) -> bool:
        """Whether a text stands for a label that is not known. It may still be a level."""
        return text in self.missing or text.lower() in MISSING

    def number(self, text: str) -> float | None:
        """The number that a text is, of a continuous attribute; a date as days since 1970-01-01."""
        return as_days(text, self.date) if self.date else as_number(text)

    def _columns(self, text: str, off: frozenset[str]) -> list[float] | None:
        """The columns that a label stands for, or None."""
        if text in self.missing:
            return None
        if self.kind == "categorical":
            levels = [as_text(level) for level in self.levels]
            if text not in levels:
                return None
            return [1.0 if text == level else -1.0 for level in levels]
        if self.range is not None:
            number, (low, high) = self.number(text), self.range
            share = math.nan if number is None else (number - low) / (high - low)
            if not -ROUNDING <= share <= 1 + ROUNDING:
                return None
            return [2 * min(max(share, 0.0), 1.0) - 1]
        if self.words:
            off_word, on_word = map(as_text, self.words)
            if text in (off_word, on_word):
                return [1.0 if text == on_word else -1.0]
        word = text.lower()
        return [1.0] if word in ON else [-1.0] if word in off else None

    def accepts(self, instead_of: Any = "") -> str:
        """A sentence on the values it can take, with a hint at what a wrong one may have meant."""
        if self.kind == "categorical":
            hint = did_you_mean(as_text(instead_of), self.levels)
            return f"{hint} It has: {', '.join(self.levels)}.".lstrip()
        if self.range is not None:
            low, high = self.range
            if self.date:
                ends = f"{as_date(low, self.date)} to {as_date(high, self.date)}"
                return f"It takes dates from {ends}, written as {self.date}."
            return f"It takes numbers from {low:g} to {high:g} {self.unit}".rstrip() + "."
        if self.words:
            return f"It takes {self.words[0]!r} (off) or {self.words[1]!r} (on)."
        return "It takes 0 (off) to 1 (on) or yes/no; tables may say −1 and 1, but then never 0."


def distinct(values: Sequence[Any] | NDArray[Any]) -> tuple[list[str], NDArray[np.intp]]:
    """The different labels as texts, and for each row which of them it has."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        different, which = np.unique(values, return_inverse=True)
        return [as_text(value) for value in different.tolist()], which.reshape(-1)
    seen: dict[Any, int] = defaultdict(count().__next__)  # a new value gets the next number
    try:
        which = np.fromiter(map(seen.__getitem__, values), np.intp, len(values))
    except TypeError:  # a list or the like, as JSON may hold
        return distinct([repr(value) for value in values])
    return [as_text(value) for value in seen], which


def as_text(value: Any) -> str:
    """A label as text, in one spelling: whole numbers without decimal point or plus sign, composed
    characters (Unicode's form NFC).

    >>> as_text(3.0), as_text("3.00"), as_text("+3"), as_text("v3.0")
    ('3', '3', '3', 'v3.0')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        value += 0.0  # −0 is 0
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = value.strip() if isinstance(value, str) else str(value)
    if not text.isascii():
        return unicodedata.normalize("NFC", text)
    whole = NUMBER.fullmatch(text)
    if not whole:
        return text
    sign, digits, zeros = whole.groups()
    if zeros is None and "." in text:  # an exponent
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < EXACT else text
    return digits if sign == "+" or not digits.strip("0") else sign + digits


def as_number(text: str) -> float | None:
    """A finite number, or None. What only Python takes for one, such as 1_0, is text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _sentence(error: ValidationError, whose: str, model: BaseModel) -> str:
    """The first thing pydantic found wrong, with whose field it is and what it may have meant."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return (
            f"{whose} has no field {where!r}.{did_you_mean(where, list(type(model).model_fields))}"
        )
    what = first["msg"].removeprefix("Value error, ").rstrip(".")
    prefix = "" if first["type"] == "value_error" or not where else f"{where}: "
    return f"{whose}: {prefix}{what}{'' if what.endswith('?') else '.'}"
