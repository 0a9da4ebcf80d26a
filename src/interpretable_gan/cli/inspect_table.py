"""``igan data inspect`` of a table: its columns, what was decided, and a schema to correct."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.cli.table import print_table
from interpretable_gan.cli.train_table import open_rows_of

if TYPE_CHECKING:
    from interpretable_gan.data.tables import TableData
    from interpretable_gan.schema.attribute import Attribute

LEVELS = 4
"""Levels of a column that are shown, the most frequent first."""


def inspect_table(
    source: str,
    *,
    schema: Path | None,
    roles: Mapping[str, str | None],
    out: Path | None,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what is in a table, and save its schema where asked."""
    data = open_rows_of(source, None, strict=strict, schema=schema, roles=roles, quiet=quiet)
    if out is not None:
        data.schema.save(out)
        say(f"Saved the schema: {out}", quiet=quiet)
    if as_json:
        typer.echo(json.dumps(_described(data), ensure_ascii=False))
    else:
        _print(data)


def _described(data: TableData) -> dict[str, Any]:
    return {
        "name": data.name,
        "rows": len(data),
        "splits": {name: len(rows) for name, rows in data.splits.items()},
        "checksum": data.checksum,
        "schema": data.schema.to_dict(),
        "report": None if data.report is None else data.report.to_dict(),
    }


def _print(data: TableData) -> None:
    import numpy as np
    from rich.table import Table

    parts = ", ".join(f"{len(rows):,} {name}" for name, rows in data.splits.items())
    typer.echo(f"{data.name}: {len(data):,} rows ({parts})")
    table = Table("column", "kind", "known cells", "missing", box=None)
    for number, attribute in enumerate(data.schema.named):
        cells = data.cells[:, number]
        known = cells[~np.isnan(cells)]
        missing = 1 - len(known) / len(cells)
        table.add_row(
            attribute.name,
            _kind(attribute),
            _values(attribute, known),
            f"{missing:.1%}" if missing else "",
        )
    print_table(table)


def _kind(attribute: Attribute) -> str:
    """The kind of a column in a few words."""
    if attribute.date:
        return f"date {attribute.date}"
    if attribute.kind == "continuous":
        whole = {None: "continuous", 0: "whole numbers"}
        return whole.get(attribute.decimals, f"{attribute.decimals} decimals")
    if attribute.kind == "categorical":
        return f"{len(attribute.levels)} levels{', ordered' if attribute.ordered else ''}"
    return "binary"


def _values(attribute: Attribute, known: Any) -> str:
    """Ends and middle of numbers with their masses; the most frequent levels with their shares."""
    import numpy as np

    from interpretable_gan.schema.cells import write_cell

    if not len(known):
        return ""
    if attribute.kind == "continuous":
        low, middle, high = (
            write_cell(attribute, float(each))
            for each in np.quantile(known, (0, 0.5, 1), method="lower")
        )
        masses = [
            f"{write_cell(attribute, mass)} {(known == mass).mean():.1%}"
            for mass in attribute.masses
        ]
        told = f"{low} to {high} {attribute.unit}".rstrip() + f", half up to {middle}"
        return told + (f", at {', '.join(masses)}" if masses else "")
    cells, counts = np.unique(known, return_counts=True)
    order = (-counts).argsort(kind="stable")[:LEVELS]
    told = ", ".join(
        f"{write_cell(attribute, float(cells[each]))} {counts[each] / len(known):.1%}"
        for each in order
    )
    return told + (f" and {len(cells) - LEVELS} more" if len(cells) > LEVELS else "")
