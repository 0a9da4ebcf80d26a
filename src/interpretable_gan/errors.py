"""Every error the package raises on purpose: what was wrong, where, and the likely fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence


class InterpretableGANError(Exception):
    """Base of all errors a user can act on. The command line prints them as one line."""


class UnknownAttributeError(InterpretableGANError, LookupError):
    """A name was used that the schema does not have."""

    def __init__(
        self, name: str, *, known: Sequence[str], schema: str, discovered: Sequence[str] = ()
    ) -> None:
        has = ", ".join([*known, *discovered])
        if len(discovered) > 1:
            found = f"{len(discovered)} discovered, {discovered[0]} to {discovered[-1]}"
            has = f"{', '.join(known)}, and {found}"
        super().__init__(
            f"schema {schema!r} has no attribute {name!r}."
            f"{did_you_mean(name, [*known, *discovered])} It has: {has}."
        )


class SchemaError(InterpretableGANError, ValueError):
    """A schema, or a value given for one of its attributes, makes no sense."""


class DataError(InterpretableGANError, ValueError):
    """Images or labels that cannot be used as they are."""


class ConfigError(InterpretableGANError, ValueError):
    """Settings that contradict each other or do not exist."""


class RunError(InterpretableGANError):
    """A run folder that is missing, incomplete or of another kind."""


class TrainingError(InterpretableGANError, RuntimeError):
    """Training cannot go on, for example after a NaN."""


class LostProcessError(TrainingError):
    """Another process of the same training has ended. That one, or who started it, says why."""


class MetricError(InterpretableGANError, ValueError):
    """Input on which a metric has no meaning."""


class MissingExtraError(InterpretableGANError, ImportError):
    """An optional dependency is needed for what was asked."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an extra; in the project's folder: "
            f"python -m pip install -c constraints.txt -e '.[{extra}]'"
        )


class InterpretableGANWarning(UserWarning):
    """What was done may not be what was meant. The command line prints it as one line."""


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A hint for a name misspelt or in other capitals, or a part of one, with a leading space."""
    spelled = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), spelled, n=1)
    if not close and len(name) > 2:
        close = [each for each in spelled if name.lower() in each][:3]
    meant = " or ".join(repr(spelled[each]) for each in close)
    return f" Did you mean {meant}?" if close else ""


def misspelt(name: str, known: Sequence[str]) -> str | None:
    """The first known name from which ``name`` differs by one letter of one word, if any. Short
    words and digits differ in one on purpose, as in "grade II" and "level 2"."""
    return next((each for each in known if _one_slip(name, each)), None)


def _one_slip(name: str, known: str) -> bool:
    """Whether one letter is too many, missing, wrong or swapped with the next."""
    words, others = (re.findall(r"[^\W_]+", each) for each in (name, known))
    different = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    if len(words) != len(others) or len(different) != 1 or min(map(len, different[0])) < 4:
        return False
    one, other = different[0]
    while one[:1] == other[:1]:
        one, other = one[1:], other[1:]
    if (one[:1] + other[:1]).strip("0123456789") != one[:1] + other[:1]:
        return False
    swapped = one[:2] == other[:2][::-1] and one[2:] == other[2:]
    return swapped or other[1:] in (one, one[1:]) or one[1:] == other
