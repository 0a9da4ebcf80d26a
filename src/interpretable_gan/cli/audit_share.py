"""``igan audit --shard``: what can be measured on any number of images, in shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.options import image_run, share_of
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.table import print_table

if TYPE_CHECKING:
    from interpretable_gan.explain.parts import Part
    from interpretable_gan.training.run import Run

FOLDER = "audit-tables"
"""Where the tables go in the run's folder."""


def audit_share(
    path: Path,
    source: str | None,
    shard: str,
    out: Path | None,
    *,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Read a share of the test images into tables, and measure once all are there."""
    from interpretable_gan.audit.streamed import tally
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.explain.tables import Tables

    number, of = share_of(shard)
    run, folder = image_run(path), out or path / FOLDER
    parts = test_parts(run, source, quiet=quiet)
    tables, intake = Tables(run, parts, folder, force=force), Intake(source or str(path))
    with progress("reading images", quiet=quiet) as show:
        tables.make_all(range(number - 1, len(parts), of), intake, show)
    if intake.found:
        say(str(intake), quiet=quiet)
    there = [tables.path(number) for number in range(len(parts))]
    missing = [each for each in there if not each.exists()]
    if missing and not intake.found:
        say(
            f"{len(missing):,} of {len(there):,} tables are not there yet, such as {missing[0]}: "
            "the last share measures all.",
            quiet=quiet,
        )
        typer.echo(str(folder))
        return
    with progress("measuring", quiet=quiet):
        found = tally(run.schema, [each for each in there if each.exists()]).measures()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def test_parts(run: Run, source: str | None, *, quiet: bool) -> list[Part]:
    """The test images: those of all shards of this split, or of any other data set."""
    from interpretable_gan.data.sharded.source import holds_shards
    from interpretable_gan.explain.parts import data_parts, shard_parts
    from interpretable_gan.training.source import source_of

    place = source or source_of(run).source
    if holds_shards(place):
        return shard_parts(place, "test")
    return data_parts(open_data(run, source, quiet=quiet), "test")


def _print(found: dict[str, Any]) -> None:
    from rich.table import Table

    def share(figure: float | None) -> str:
        return "" if figure is None else f"{figure:.1%}"

    head = (
        "attribute",
        "labelled",
        "read right",
        "balanced",
        "R²",
        "importance",
        "of the variance",
    )
    table = Table(*head, box=None)
    for name, each in found["attributes"].items():
        r2, added = each.get("r2"), each.get("importance")
        table.add_row(
            name,
            f"{each['labelled']:,}" if "labelled" in each else "",
            share(each.get("accuracy")),
            share(each.get("balanced_accuracy")),
            "" if r2 is None else f"{r2:.2f}",
            "" if added is None else f"{added:.3g}",
            share(found["variance"].get(name)),
        )
    typer.echo(
        f"{found['images']:,} images, {share(found['unlike'])} of them unlike the training images. "
        f"Read right, mean over attributes: {share(found['accuracy'])}; balanced over values: "
        f"{share(found['balanced_accuracy'])}."
    )
    print_table(table)
    typer.echo(
        "Importance: mean absolute contribution to the score. These follow from sums over all "
        "images, without intervals; claims, edits and intervals are for igan audit without --shard."
    )
