"""``igan encode``: what is read in many images, and what each attribute adds, as Parquet tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, Share, image_run, share_of
from interpretable_gan.cli.progress import progress, say

Folder = Annotated[
    str,
    typer.Argument(
        help="A folder of images, with its subfolders, or of shards, or the address of shards."
    ),
]
OnRay = Annotated[
    bool,
    typer.Option(
        "--ray", help="Share the work on a Ray cluster, or on this machine's cores without one."
    ),
]


def encode(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Folder of the tables.")] = Path("encoded"),
    shard: Share = "1/1",
    ray: OnRay = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Read a folder of images, or shards, into tables.

    Each Parquet file has 1,024 images, or those of a shard: name, strangeness, readings, the
    discriminator's score, what each attribute adds to it, and the labels that a shard has. Files
    that are there already are not made again, so the same command goes on where it was stopped.
    With --shard each of N machines does its share; together they write the same files as one alone,
    and so does Ray.

    \b
    Examples:
        igan encode runs/faces photos/ --out encoded
        igan encode runs/faces photos/ --out encoded --shard 2/8
        igan encode runs/faces s3://bucket/faces --out encoded --ray
        python -c "import pandas; print(pandas.read_parquet('encoded'))"
    """
    make_tables(run, folder, out, shard, ray=ray, places=False, force=force, quiet=quiet)


def make_tables(
    run: Path,
    folder: str,
    out: Path,
    shard: str,
    *,
    ray: bool,
    places: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Write a share of the tables of a folder, and say what was left out and how many there are."""
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.explain.on_ray import make_on_ray
    from interpretable_gan.explain.parts import parts_of
    from interpretable_gan.explain.tables import Tables

    number, of = share_of(shard)
    opened, intake = image_run(run), Intake(folder)
    parts = parts_of(folder, intake)
    mine = range(number - 1, len(parts), of)
    how = {"places": places, "force": force}
    with progress("reading images", quiet=quiet) as show:
        if ray:
            made = make_on_ray(mine, run, folder, out, intake, progress=show, **how)
        else:
            made = Tables(opened, parts, out, **how).make_all(mine, intake, show)
    if intake.found or intake.remarks:
        say(str(intake), quiet=quiet)
    typer.echo(str(out))
    before = len(mine) - made - intake.count("damaged shard")
    told = f", {before:,} of which were there" if before else ""
    say(f"{len(mine):,} of {len(parts):,} tables{told}.", quiet=quiet)
