"""What every kind of source comes down to, and how it becomes a data set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.cache import decode_once
from interpretable_gan.data.columns import sort_columns
from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Pictures
from interpretable_gan.data.sharded.index import Index
from interpretable_gan.data.sharded.store import Store
from interpretable_gan.data.sharded.stream import Stream
from interpretable_gan.data.splits import (
    Splits,
    empty_splits,
    group_numbers,
    official_splits,
    seeded_splits,
)
from interpretable_gan.errors import DataError, did_you_mean
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.attribute import Attribute, as_text
from interpretable_gan.schema.augmentation import sentence
from interpretable_gan.schema.inference import infer_schema
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Column, Table

SHOWN = 12
"""Attributes that are named in the line on columns."""


@dataclass(frozen=True)
class Source:
    """Pictures with a table, row by row, and what was noted on the way.

    ``split`` and ``group`` are labels per row where they are known, and ``columns`` says by role
    where these and the names of files are from; ``apart`` are names of further splits, beside
    train, validation and test. ``schema`` is the one that belongs to the source; where it has none,
    it is inferred, but for ``known`` attributes.
    """

    name: str
    pictures: Pictures
    table: Table
    intake: Intake
    split: Column | None = None
    group: Column | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    schema: Schema | None = None
    known: Mapping[str, Attribute] = field(default_factory=dict)
    target: str | None = None
    crop: int | None = None
    apart: tuple[str, ...] = ()
    shards: tuple[Store, Index] | None = None


def build(
    source: Source,
    *,
    size: int,
    seed: int = 0,
    strict: bool = False,
    schema: Schema | None = None,
    roles: Roles | None = None,
    progress: Progress = silent,
) -> Dataset:
    """Decode the pictures, read the labels, split the rows.

    Raises:
        DataError: nothing usable, or with ``strict`` anything wrong at all; the schema names an
            attribute that the table does not have, or a role is given to no column.
    """
    schema, intake, roles = schema or source.schema, source.intake, roles or Roles()
    roles = roles.over(schema.roles) if schema else roles
    source = with_roles(source, roles, schema.names if schema else ())
    decoded = decode_once(source.pictures, Framing(size, source.crop), intake, progress)
    table = {name: _take(values, decoded.kept) for name, values in source.table.items()}
    groups = None if source.group is None else group_numbers(_take(source.group, decoded.kept))
    splits = _split(source, decoded.kept, groups, seed)
    schema = schema or _inferred(source, table, splits["train"])
    if "augmentations" not in schema.model_fields_set:
        intake.remarks.append(sentence(schema.named))
    schema = schema.model_copy(update={"roles": roles})
    intake.columns = _line(source, schema)
    codes, known = _labels(schema, table, intake)
    stream = None
    if source.shards is not None:
        stream = Stream(*source.shards, schema, decoded.framing, strict=strict)
    return Dataset(
        name=source.name,
        schema=schema,
        images=decoded.images,
        codes=codes,
        known=known,
        splits=splits,
        groups=groups,
        checksum=checksum(decoded.key, codes, known),
        report=intake.settle(sum(map(len, splits.values())), strict=strict),
        stream=stream,
    )


def with_roles(source: Source, roles: Roles, attributes: Collection[str]) -> Source:
    """The source with its split and group taken out of its table; what is in doubt is remarked.

    Args:
        source: what was found.
        roles: columns that somebody gave a role.
        attributes: columns that are attributes for sure.
    """
    found = sort_columns(source.table, roles, attributes)
    source.intake.remarks += found.doubts
    columns = dict(source.columns) | {
        role: name for role, name in (("split", found.split), ("group", found.group)) if name
    }
    split = source.table[found.split] if found.split else source.split
    group = source.table[found.group] if found.group else source.group
    if roles.split is not None and not found.split:  # somebody said that there is none
        split, _ = None, columns.pop("split", None)
    if roles.group is not None and not found.group:
        group, _ = None, columns.pop("group", None)
    table = {name: values for name, values in source.table.items() if name not in found.aside}
    return replace(source, table=table, columns=columns, split=split, group=group)


def _split(
    source: Source, kept: NDArray[np.int64], groups: NDArray[np.int64] | None, seed: int
) -> Splits:
    """The rows of each split; what nothing can be measured on is remarked."""
    if source.split is None:
        splits = seeded_splits(len(kept), seed=seed, groups=groups)
    else:
        splits = official_splits(
            _take(source.split, kept),
            source.intake,
            names=_take(source.pictures.names, kept),
            groups=groups,
            apart=source.apart,
        )
    if empty := empty_splits(splits, groups, published=source.split is not None):
        source.intake.remarks.append(empty)
    return splits


def _inferred(source: Source, table: Table, training: NDArray[np.int64]) -> Schema:
    """The schema that the labels suggest; what it leaves out, and why, is remarked."""
    found = infer_schema(
        table,
        name=source.name,
        target=source.target,
        known=source.known,
        training=training if len(training) else None,
    )
    source.intake.remarks += found.decisions
    return found.schema


def _line(source: Source, schema: Schema) -> str:
    """Which column is what."""
    names = [attribute.name for attribute in schema.named]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    told = dict(source.columns) | {"attributes": f"{', '.join(names[:SHOWN])}{more}"}
    return " · ".join(f"{role}: {name}" for role, name in told.items())


def _labels(
    schema: Schema, table: Table, intake: Intake
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Pack the labels; note those that are missing or unreadable and leave them unknown."""
    parsed = {}
    for attribute in schema.named:
        name = attribute.name
        if name not in table:
            raise DataError(
                f"schema {schema.name!r} has attribute {name!r}, but the table has no such column."
                f"{did_you_mean(name, list(table))} It has: {', '.join(table)}."
            )
        parsed[name] = part = attribute.parse(table[name])
        for row in np.flatnonzero(part.unreadable).tolist():
            intake.note("unreadable label", f"{name} {as_text(table[name][row])!r}")
        missing = ~(part.known | part.unreadable)
        intake.note("missing label", name, times=int(missing.sum()))
    return schema.join(parsed)


def _take(values: Column, rows: NDArray[np.int64]) -> Column:
    if isinstance(values, np.ndarray):
        return values[rows]
    return values if len(rows) == len(values) else [values[row] for row in rows.tolist()]
