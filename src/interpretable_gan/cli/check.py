"""``igan check``: measure a trained run on its data, in a minute."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import say
from interpretable_gan.errors import RunError

FILE = "quick_check.json"

SUMMARY = {
    "steerability_mean": ("edits that succeed, mean over all attributes", "{:.1%}"),
    "steerability_readable_mean": ("… over those the evaluator can read", "{:.1%}"),
    "others_flipped": ("other attributes flipped per successful edit", "{:.1%}"),
    "encoder_accuracy": ("encoder accuracy on test images", "{:.1%}"),
    "frechet_distance": ("Fréchet distance of samples", "{:.3g}"),
    "frechet_distance_edited": ("… of samples with one attribute changed", "{:.3g}"),
    "feature_network": ("its feature network", "{}"),
    "images_per_second": ("images per second in training", "{:,.0f}"),
    "seconds": ("seconds for this check", "{:,.0f}"),
}
"""Key of the quick check → what it says, and how."""


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
    from interpretable_gan.run import Run

    opened = Run.open(run)
    refuse_overwriting(run / FILE, force=force)
    config, schema = opened.config, opened.schema.with_discovered(0)
    data = open_source(source, size=config.size, seed=config.seed, schema=schema, quiet=quiet)
    found = measure(opened, data, quiet=quiet)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_check(found)


def measure(run: Any, data: Any, *, quiet: bool = False) -> dict[str, Any]:
    """Check a run on its data and save the result in its folder, whole or not at all."""
    from interpretable_gan.evaluate.quick_check import quick_check

    say("checking with a separate evaluator …", quiet=quiet)
    found: dict[str, Any] = quick_check(run.model(), data)
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


def print_check(found: dict[str, Any]) -> None:
    """Print a quick check as a table, on stdout."""
    from rich.console import Console
    from rich.table import Table

    each = Table("attribute", "edits that succeed", title="Quick check", title_justify="left")
    for name, parts in found["steerability"].items():
        shown = [f"{value} {_percent(share)}" for value, share in parts.items()]
        each.add_row(name, "  ".join(shown))
    whole = Table("on the whole", "")
    for key, (what, form) in SUMMARY.items():
        if found.get(key) is not None:
            whole.add_row(what, form.format(found[key]))
    shares = (f"{part} {_percent(share)}" for part, share in found["shares"].items())
    whole.add_row("what decides real or generated", ", ".join(shares))
    console = Console(highlight=False)
    console.print(each)
    console.print(whole)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
