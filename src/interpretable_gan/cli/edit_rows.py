"""``igan edit`` of a table: rows with columns set, and what that does to the prediction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.cli.sample_rows import table_file

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run

TOLD = 10
"""Rows that are printed."""

FILE = Path("edited.csv")


def edit_rows_of(
    run: Run,
    tables: list[Path] | None,
    wanted: Mapping[str, str],
    *,
    redraw: list[str] | None,
    seed: int,
    out: Path | None,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Set columns of the rows of a file and write it again, all else in it as it was.

    Raises:
        BadParameter: not one table, no name of a table, or the file is there.
        UnknownAttributeError, SchemaError, DataError: see `edit_rows`.
    """
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.tables import read_written
    from interpretable_gan.explain.row_edits import edit_rows
    from interpretable_gan.metrics.result import plain

    if tables is None or len(tables) != 1:
        raise typer.BadParameter("name one table with the rows to edit.")
    out = table_file(out or FILE, force=force)
    found = edit_rows(run.model("cpu"), tables[0], wanted, redraw=redraw or (), seed=seed)
    table, form = read_written(tables[0], Intake("rows"))
    form.write(out, table | {name: found.after[name] for name in found.changed})
    if as_json:
        typer.echo(json.dumps(plain(found.to_dict()), ensure_ascii=False))
        return
    for row in range(min(len(found), TOLD)):
        typer.echo(f"row {row + 1}: {found.sentence(row)}")
    if len(found) > TOLD:
        typer.echo(f"… and {len(found) - TOLD:,} more rows in {out}.")
    say(f"Saved {out}", quiet=quiet)
