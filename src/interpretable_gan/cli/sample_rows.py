"""``igan sample`` of a table: rows as a file like the table's own, given any of the columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.options import refuse_overwriting
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run

FILE = Path("samples.csv")


def sample_rows(
    run: Run,
    wanted: Mapping[str, str],
    *,
    n: int,
    seed: int,
    out: Path | None,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Draw rows and write them as the table had them: all columns in order, separators, digits,
    decimal commas, quotes, missing cells.

    Raises:
        BadParameter: no name of a table, or the file is there.
        UnknownAttributeError, SchemaError: what is asked for is no value of a column, or no row can
            be so.
    """
    from interpretable_gan.training.tables import open_form

    out = table_file(out or FILE, force=force)
    model, form = run.model("cpu"), open_form(run)
    with progress("drawing rows", quiet=quiet):
        drawn = model.sampler.draw(n, wanted, seed=seed)
        form.write(out, model.modality.written(drawn.cells))
    if empty := form.empty(run.schema.names):
        say(f"left out of the model, so written empty: {', '.join(empty)}.", quiet=quiet)
    if drawn.is_rare:
        say(
            f"what is asked for is rare: among {drawn.training_rows:,} training rows the model "
            f"expects {drawn.asked * drawn.training_rows:.2g} such, so data hardly support these.",
            quiet=quiet,
        )
    if as_json:
        typer.echo(json.dumps({"out": str(out), "rows": n, "probability_of_asked": drawn.asked}))
    else:
        typer.echo(str(out))
        say(f"{n:,} rows from {run.path}, seed {seed}.", quiet=quiet)


def write_rows(path: Path, columns: Mapping[str, list[Any]]) -> None:
    """A table as plain CSV, whole or not at all."""
    from interpretable_gan.schema.table_form import TableForm

    TableForm.plain(columns).write(path, columns)


def table_file(path: Path, *, force: bool) -> Path:
    """Where a table may be written.

    Raises:
        BadParameter: no name of a table, or the file is there.
    """
    from interpretable_gan.schema.table_form import ENDINGS

    if not path.name.lower().endswith(ENDINGS):
        raise typer.BadParameter(
            f"{path} is no name of a table: end it in .csv, .csv.gz or .tsv.", param_hint="--out"
        )
    refuse_overwriting(path, force=force)
    return path
