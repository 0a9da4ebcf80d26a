"""``igan train`` of images with a target: a reader, fitted at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.data_open import open_source
from interpretable_gan.cli.options import refuse_run
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run

SAID = 5
"""Attributes that are told, of what a target rests on."""

OUTSTANDING = 1.68
"""Variance of a place at the edge over that of the median place, from which on there is a warning:
halfway between chest X-rays with a mark and without (docs/results/shortcuts.md)."""


def train_reader(
    source: str,
    target: str,
    out: Path | None,
    changes: dict[str, Any],
    columns: Mapping[str, Any],
    strict: bool,
    *,
    quiet: bool,
) -> None:
    """Fit a reader, say how well it reads and what the target rests on.

    Raises:
        BadParameter: the folder holds a run.
        UnknownAttributeError: there is no such target.
    """
    from dataclasses import replace

    from interpretable_gan.models.reader.config import ReaderConfig
    from interpretable_gan.training.reader import train_reader as train
    from interpretable_gan.training.run import Run

    config = ReaderConfig.of(**changes)
    folder = out or Path("runs") / Path(source).resolve().stem
    refuse_run(folder)
    data = open_source(
        source,
        size=config.size,
        seed=config.seed,
        strict=strict,
        schema=columns["schema"],
        roles={"split": columns["split_column"], "group": columns["group"]},
        quiet=quiet,
    )
    data = replace(data, schema=data.schema.with_target(target))
    with progress("fitting", quiet=quiet) as show:
        train(data, config, run=folder, progress=show)
    for line in quality_lines(Run.open(folder)):
        typer.echo(line)
    typer.echo(str(folder))
    say(f"Next: igan explain target {folder} IMAGE", quiet=quiet)


def quality_lines(run: Run) -> list[str]:
    """How well a reader reads test images, and what its target rests on, in words."""
    quality = run.log()[0].get("quality") or {}
    if not quality:
        return []
    lines = [f"{quality['images']:,} test images:"]
    for attribute in run.schema.named:
        told = []
        for measure, each in quality[attribute.name].items():
            low, high = each["interval"] or (each["value"],) * 2
            told.append(f"{measure.replace('_', ' ')} {each['value']:.3f} [{low:.3f}, {high:.3f}]")
        mark = " (target)" if attribute.name == run.schema.target else ""
        lines.append(f"  {attribute.label}{mark}: {', '.join(told)}")
    sizes = list(quality["rests_on"].items())[:SAID]
    rests = ", ".join(f"{name} ({size:.2f})" for name, size in sizes)
    lines.append(f"{run.schema.target} rests most on {rests}: mean absolute contributions.")
    return [*lines, *warnings(quality["stands_out"])]


def warnings(found: Mapping[str, Any]) -> list[str]:
    """What is said of a place at the edge that stands out."""
    if not found["ratio"] > OUTSTANDING:
        return []
    row, column = divmod(found["place"], 8)
    return [
        f"warning: at the edge of the images, in row {row + 1} and column {column + 1} of 8×8 "
        f"places, what is added to the target varies {found['ratio']:.1f} times as much as at the "
        "median place: look there for a mark that tells the target."
    ]
