"""``igan check``: measure a trained run on its data, in a minute."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.run import Run

FILE = "quick_check.json"


def check(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well a run does what it is asked.

    A small separate evaluator judges how often an edit shows and what it flips besides; also how
    far samples are from real images, and how much of the discriminator's decision has a name.
    The result is saved as RUN/quick_check.json.

    \b
    Examples:
        igan check runs/faces faces/
        igan check runs/demo portraits --force --json
    """
    from interpretable_gan.cli.data import open_source
    from interpretable_gan.evaluate.quick_check import format_table
    from interpretable_gan.run import Run

    opened = Run.open(run)
    refuse_overwriting(run / FILE, force=force)
    config, schema = opened.config, opened.schema.with_discovered(0)
    data = open_source(source, size=config.size, seed=config.seed, schema=schema, quiet=quiet)
    found = measure(opened, data, quiet=quiet)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else format_table(found))


def measure(run: Run, data: Dataset, *, quiet: bool = False) -> dict[str, Any]:
    """Check a run on its data and save the result in its folder, whole or not at all."""
    from interpretable_gan.evaluate.quick_check import quick_check

    last = run.log()[-1]
    with progress("checking", quiet=quiet) as report:
        found = quick_check(
            run.model(),
            data,
            seconds=last.get("seconds"),
            images_per_second=last.get("images_per_second"),
            progress=lambda what, done, of: report(done, of, what),
        )
    path = run.path / FILE
    part = path.with_name(FILE + ".part")
    part.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, path)
    say(f"Saved {path}", quiet=quiet)
    return found


def saved_check(run: Path) -> dict[str, Any] | None:
    """The saved quick check of a run, or None where it was not checked.

    Raises:
        RunError: the file is there but is no JSON.
    """
    path = run / FILE
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}); make it again: igan check.") from None
    return found
