"""``igan demo --table``: a drawn table whose rule is known, and whether explanations find it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from interpretable_gan.cli.options import free_folder
from interpretable_gan.cli.progress import duration, progress, say
from interpretable_gan.cli.sample_rows import write_rows
from interpretable_gan.cli.train_table import open_rows_of, quality_lines

if TYPE_CHECKING:
    from interpretable_gan.models.tables.model import TableModel

ROWS, FRESH = 8000, 50_000
"""Applicants in the table, and those on whom shapes are compared with the rule."""

CLOSE = 0.1
"""Standard deviations of the true score by which a shape may miss the rule, root mean square."""

OUT = Path("runs/demo-table")


def demo_table(out: Path, *, seed: int, quiet: bool) -> None:
    """Draw applicants, train on them, and compare what counts with the rule; in ``out``, or beside
    it in the first numbered folder without a run."""
    from interpretable_gan.data.applicants import TARGET, WANTED, applicants
    from interpretable_gan.models.tables.config import TableConfig
    from interpretable_gan.training.run import Run
    from interpretable_gan.training.tables import open_form, train_table

    out = free_folder(out, "config.json", "a run", quiet=quiet)
    start = time.monotonic()
    table = out / "applicants.csv"
    write_rows(table, applicants(ROWS, seed=seed))
    data = open_rows_of(str(table), f"{TARGET}={WANTED}", seed=seed, quiet=quiet)
    with progress("fitting", quiet=quiet) as show:
        model = train_table(data, TableConfig(seed=seed), run=out, progress=show)
    for line in [*quality_lines(Run.open(out)), *truth_lines(model, seed)]:
        typer.echo(line)
    paths = [table, out / "synthetic.csv"]
    written = model.modality.written(model.given(ROWS, seed=seed))
    open_form(Run.open(out)).write(paths[1], written)
    if page := _report(out, data, quiet=quiet):
        paths.append(page)
    for path in paths:
        typer.echo(str(path))
    say(f"Done in {duration(time.monotonic() - start)}. Then try:", quiet=quiet)
    say(f"  igan explain {out} {table} --row 2", quiet=quiet)
    say(f"  igan explain {out} {table} --row 2 --flip decision", quiet=quiet)
    say(f"  igan sample {out} --set age=21..30 --set purpose=car --n 1000", quiet=quiet)


def truth_lines(model: TableModel, seed: int) -> list[str]:
    """Whether the head found the rule of the table: a line for each term of the rule, and one on
    what has no effect."""
    found = compared(model, seed)
    lines = ["", f"{'term of the rule':<18}  importance  error of the shape"]
    for name, (importance, error) in found["true"].items():
        lines.append(f"{name:<18}  {importance:10.3f}  {error:.3f}")
    least, most = min(each for each, _ in found["true"].values()), found["useless"]
    near = sum(error <= CLOSE for _, error in found["true"].values())
    lines += [
        "",
        f"The strongest term without an effect has an importance of {most:.3f}, and the weakest of "
        f"the rule {least:.3f}{', so all come before it' if least > most else ''}.",
        f"{near} of {len(found['true'])} shapes are within {CLOSE} standard deviations of the true "
        "score.",
        "",
    ]
    return lines


def compared(model: TableModel, seed: int) -> dict[str, Any]:
    """Each term of the rule with its importance and the error of its shape, in standard deviations
    of the true score, on fresh applicants; and the importance of the strongest other term."""
    from interpretable_gan.data.applicants import applicants, as_numbers, true_terms
    from interpretable_gan.models.tables.head import JOIN

    fresh = applicants(FRESH, seed=seed + 1)
    truth = true_terms(as_numbers(fresh))
    values = model.head.values(model.modality.check(fresh))
    spread = float(np.std(sum(truth.values())))
    true: dict[str, tuple[float, float]] = {}
    for term, added in truth.items():
        mine = values[term].numpy() if term in values else np.zeros_like(added)
        gap = (mine - mine.mean()) - (added - added.mean())
        true[JOIN.join(term)] = (float(np.abs(mine).mean()), float(gap.std()) / spread)
    others = [float(added.abs().mean()) for term, added in values.items() if term not in truth]
    return {"true": true, "useless": max(others, default=0.0)}


def _report(out: Path, data: Any, *, quiet: bool) -> Path | None:
    """The page on the run, where charts can be drawn."""
    from interpretable_gan.atomic import write_text
    from interpretable_gan.errors import MissingExtraError
    from interpretable_gan.report.table_page import table_report
    from interpretable_gan.training.run import Run

    path = out / "report.html"
    try:
        with progress("reporting", quiet=quiet) as show:
            write_text(path, table_report(Run.open(out), data, progress=show))
    except MissingExtraError as error:
        say(str(error), quiet=quiet)
        return None
    return path


def write_applicants(out: Path, *, n: int, seed: int) -> None:
    """Write drawn applicants as CSV."""
    from interpretable_gan.data.applicants import applicants

    table: Mapping[str, list[str]] = applicants(n, seed=seed)
    write_rows(out, table)
