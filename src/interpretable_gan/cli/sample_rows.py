"""``igan sample`` of a table: rows as a file of the same columns, given any of them."""

from __future__ import annotations

import csv
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
    """Draw rows and write them as the table had them: columns, order, digits, missing cells.

    Raises:
        BadParameter: no name of a table, or the file is there.
        UnknownAttributeError, SchemaError: what is asked for is no value of a column, or no row can
            be so.
    """
    out = table_file(out or FILE, force=force)
    model = run.model("cpu")
    with progress("drawing rows", quiet=quiet):
        drawn = model.sampler.draw(n, wanted, seed=seed)
        write_rows(out, model.modality.written(drawn.cells))
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
    """A table as CSV, whole or not at all."""
    from interpretable_gan.atomic import write

    def save(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))

    write(path, save)


def table_file(path: Path, *, force: bool) -> Path:
    """Where a table may be written.

    Raises:
        BadParameter: no name of a table, or the file is there.
    """
    if path.suffix.lower() != ".csv":
        raise typer.BadParameter(
            f"{path} is no name of a table: end it in .csv.", param_hint="--out"
        )
    refuse_overwriting(path, force=force)
    return path
