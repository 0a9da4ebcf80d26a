"""What every kind of source comes down to, and how it becomes a data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.cache import Progress, decode_once
from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.data.decoding import Framing
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Pictures
from interpretable_gan.data.splits import group_numbers, official_splits, seeded_splits
from interpretable_gan.errors import DataError, did_you_mean
from interpretable_gan.schema.attribute import as_text
from interpretable_gan.schema.inference import infer_schema
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Column, Table


@dataclass(frozen=True)
class Source:
    """Pictures with a table of their attributes, row by row, and what was noted on the way.

    ``split`` and ``group`` are labels per row where the source has them; ``apart`` are names of
    further splits, beside train, validation and test. ``schema`` is the one that belongs to the
    source, and inferred where it has none.
    """

    name: str
    pictures: Pictures
    table: Table
    intake: Intake
    split: Column | None = None
    group: Column | None = None
    schema: Schema | None = None
    target: str | None = None
    crop: int | None = None
    apart: tuple[str, ...] = ()


def build(
    source: Source,
    *,
    size: int,
    seed: int = 0,
    strict: bool = False,
    schema: Schema | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Decode the pictures, read the labels, split the rows.

    Raises:
        DataError: nothing usable, or with ``strict`` anything wrong at all; the schema names an
            attribute that the table does not have.
    """
    intake = source.intake
    decoded = decode_once(source.pictures, Framing(size, source.crop), intake, progress)
    table = {name: _take(values, decoded.kept) for name, values in source.table.items()}
    schema = schema or source.schema
    if schema is None:
        inferred = infer_schema(table, name=source.name, target=source.target)
        schema = inferred.schema
        intake.remarks += [
            f"{column}: left out, {why}" for column, why in inferred.left_out.items()
        ]
    codes, known = _labels(schema, table, intake)
    names = _take(source.pictures.names, decoded.kept)
    groups = None if source.group is None else group_numbers(_take(source.group, decoded.kept))
    if source.split is None:
        splits = seeded_splits(len(names), seed=seed, groups=groups)
    else:
        labels = _take(source.split, decoded.kept)
        splits = official_splits(labels, intake, names=names, groups=groups, apart=source.apart)
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
    )


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
