"""Which column of a table is what: the split, the group, or an attribute."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from interpretable_gan.data.splits import WORDS
from interpretable_gan.errors import DataError, did_you_mean
from interpretable_gan.schema.attribute import MISSING, as_number, distinct
from interpretable_gan.schema.naming import plain
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.table import Column, Table

SPLIT = ("split", "partition", "datasplit")
"""Names of a split column, without punctuation. Any other column of the words is one, too."""

FOLDS = ("fold", "folds", "kfold")
"""Names of columns that number parts for cross-validation."""

IDENTITY = (
    *("identity", "identityid", "personid", "patientid", "subjectid", "participantid"),
    *("individualid", "groupid", "patientnumber", "subjectnumber", "patientno"),
)
"""Names of a group column."""

MEMBER = ("group", "person", "patient", "subject", "participant", "individual")
"""Names of a group column that may also be an attribute: what is in a picture, or its kind."""

FEW = 10
"""Groups below which such a column may be an attribute, so that it is said what it is taken for."""

NONE = "none"
"""What to say where no column has a role."""


@dataclass(frozen=True)
class Columns:
    """``split`` and ``group`` are names of columns, or None; ``left_out`` are no attributes either;
    ``doubts`` say what else could be meant.
    """

    split: str | None = None
    group: str | None = None
    left_out: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)

    @property
    def aside(self) -> set[str]:
        """Columns that are no attributes."""
        return {name for name in (self.split, self.group, *self.left_out) if name}


def sort_columns(table: Table, roles: Roles, attributes: Collection[str]) -> Columns:
    """Decide by names, without case and punctuation, and by values; ``roles`` and the names of
    known ``attributes`` win.

    Raises:
        DataError: ``roles`` names a column that is not there, or is an attribute.
    """
    free = {name: values for name, values in table.items() if name not in attributes}
    split_doubts: list[str] = []
    group_doubts: list[str] = []
    splits, groups = _splits(free, split_doubts), _groups(free, group_doubts)
    split = _chosen("split", roles.split, splits, table, attributes)
    group = _chosen("group", roles.group, groups, table, attributes)
    if roles.group is not None and group is None:
        groups = [name for name in groups if plain(name) not in MEMBER]
    left_out = [name for name in (*splits, *groups) if name not in (split, group)]
    folds = [name for name in _called(free, FOLDS) if name not in (split, group, *left_out)]
    doubts = split_doubts if roles.split is None else []
    doubts += group_doubts if roles.group is None else []
    doubts += [f"{name}: left out, by its name it says nothing of an example" for name in left_out]
    doubts += [
        f"{name}: left out, folds are no split; --split-column {name!r} would train on 0, validate "
        "on 1 and test on 2"
        for name in folds
    ]
    return Columns(split, group, (*left_out, *folds), doubts)


def has_role_name(name: str) -> bool:
    """Whether a column is usually called so because of its role."""
    return plain(name) in (*SPLIT, *IDENTITY, *MEMBER)


def _chosen(
    role: str, wanted: str | None, found: list[str], table: Table, attributes: Collection[str]
) -> str | None:
    """The column that somebody named, or else the first one found."""
    if wanted is None:
        return next(iter(found), None)
    spelt = {plain(name): name for name in table} | {name: name for name in table}
    name = spelt.get(wanted, spelt.get(plain(wanted)))
    if name is None and plain(wanted) != NONE:
        raise DataError(
            f"no column {wanted!r} for the {role}.{did_you_mean(wanted, list(table))} "
            f"The table has: {', '.join(table)}; or say {NONE!r}."
        )
    if name in attributes:
        raise DataError(f"{name!r} cannot be the {role} and an attribute of the schema as well.")
    return name


def _splits(table: Table, doubts: list[str]) -> list[str]:
    """Columns that say train, validation or test, the one that is called so first."""
    every = set().union(*WORDS.values())
    texts = {name: {text.lower() for text in _labels(table[name])} for name in table}
    found = []
    for name in _called(table, SPLIT):
        if texts[name] & every:
            found.append(name)
        else:
            doubts.append(f"{name}: no split, as it says neither train nor validation nor test")
    for name, said in texts.items():
        parts = [part for part, words in WORDS.items() if words & said]
        numbers = any(as_number(text) is not None for text in said)
        if len(parts) > 1 and said <= every and not numbers and name not in found:
            found.append(name)
    return found


def _groups(table: Table, doubts: list[str]) -> list[str]:
    """Columns that say whose picture a row is, the surest first."""
    found = _called(table, IDENTITY)
    for name in _called(table, MEMBER):
        labels = sorted(_labels(table[name]))
        if len(labels) < 3:
            doubts.append(
                f"{name}: an attribute, as it is only {' or '.join(labels)}; if rows of one "
                f"{plain(name)} belong into one split, say --group {name!r}"
            )
            continue
        found.append(name)
        if len(labels) < FEW and found[0] == name:
            doubts.append(
                f"{name}: the group, and all images of one of its {len(labels)} values are in one "
                f"split; if it is an attribute, say --group {NONE}"
            )
    return found


def _called(table: Table, names: Iterable[str]) -> list[str]:
    """Columns by the order of the names that they have."""
    return [column for name in names for column in table if plain(column) == name]


def _labels(values: Column) -> list[str]:
    """The different labels, without the missing ones."""
    return [text for text in distinct(values)[0] if text.lower() not in MISSING]
