"""What was wrong with the images and labels that came in, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from interpretable_gan.errors import DataError

PROBLEMS = {
    "empty file": "left out",
    "not an image": "left out",
    "truncated image": "left out",
    "huge image": "left out",
    "unreadable file": "left out",
    "unknown colours": "left out",
    "values not finite": "left out",
    "sheet of images": "left out",
    "no face": "left out",
    "eyes outside of the image": "left out",
    "eyes at one place": "left out",
    "face too near the edge": "left out",
    "several frames": "the first is used",
    "colour of 16 bits": "read as 8 bits",
    "other mode": "converted",
    "colour among grey images": "converted to grey",
    "damaged shard": "left out",
    "image without a row": "left out",
    "row without an image": "left out",
    "doubled row": "used once",
    "contradicting rows": "left out",
    "unreadable label": "taken as not known",
    "unknown split": "left out",
    "group in two splits": "left out",
    "array of another length": "left out",
    "missing label": "taken as not known",
    "row without a user or an item": "left out",
    "unreadable rating": "left out",
    "unreadable time": "taken as not known",
    "rating given twice": "the latest is used",
    "user without attributes": "taken as not known",
    "item without attributes": "taken as not known",
    "item that the run does not know": "left out",
}
"""Everything that is looked for, and what happens to it. No label is ever guessed or changed."""


@dataclass
class Intake:
    """A count and the names of everything wrong in a source.

    ``found`` maps a problem to a count per name: of a file, a row, or an attribute and its value.
    ``kept`` is the number of examples in use; ``columns`` is one line on which column is what;
    ``remarks`` say what else was decided, such as a
    column that is no attribute.

    >>> intake = Intake("faces/")
    >>> intake.note("unreadable label", "hair_color 'blnd'", times=3)
    >>> print(intake)
    faces/: 0 examples in use
      unreadable label: 3, taken as not known (hair_color 'blnd' × 3)
    """

    source: str
    kept: int = 0
    columns: str = ""
    found: dict[str, Counter[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def note(self, problem: str, name: str, *, times: int = 1) -> None:
        """Count one more ``problem`` of ``PROBLEMS``. What is no text in ``name`` is escaped."""
        assert problem in PROBLEMS, problem
        if times:
            printable = name.encode("utf-8", "backslashreplace").decode()
            self.found.setdefault(problem, Counter())[printable] += times

    def count(self, problem: str) -> int:
        """How often a problem was found."""
        return self.found.get(problem, Counter()).total()

    def settle(self, kept: int, *, strict: bool) -> Intake:
        """Close the report: ``kept`` examples remain in use.

        Raises:
            DataError: nothing remains, or ``strict`` and anything at all was found.
        """
        self.kept = kept
        if kept == 0:
            raise DataError(f"no usable example. {self.sentence()}")
        if strict and self.found:
            told = "; ".join(line.strip() for line in self.faults())
            raise DataError(
                f"strict stops at what cannot be used as it is. {self.source}: {told}. Mend this, "
                "or go on without strict."
            )
        return self

    def sentence(self) -> str:
        """The whole report on one line."""
        first, *others = (line.strip() for line in str(replace(self, columns="")).splitlines())
        return f"{first}: {'; '.join(others)}" if others else first

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "source": self.source,
            "kept": self.kept,
            "columns": self.columns,
            "found": {problem: dict(names) for problem, names in self.found.items()},
            "remarks": self.remarks,
        }

    def __str__(self) -> str:
        lines = [f"{self.source}: {self.kept:,} examples in use"]
        lines += [f"  {self.columns}"] if self.columns else []
        return "\n".join([*lines, *self.faults(), *(f"  {remark}" for remark in self.remarks)])

    def faults(self) -> Iterator[str]:
        """A line on each problem."""
        for problem, names in self.found.items():
            shown = [f"{n} × {k:,}" if k > 1 else n for n, k in names.most_common(5)]
            rest = f", and {len(names) - 5:,} more" if len(names) > 5 else ""
            fate = PROBLEMS[problem]
            yield f"  {problem}: {names.total():,}, {fate} ({', '.join(shown)}{rest})"
