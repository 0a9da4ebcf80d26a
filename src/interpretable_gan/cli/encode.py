"""``igan encode``: what is read in many images, and what each attribute adds, as Parquet tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, Share, image_run, share_of
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.explain.tables import Tables

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
    from interpretable_gan.explain.parts import parts_of
    from interpretable_gan.explain.tables import Tables

    share = share_of(shard)
    opened, intake = image_run(run), Intake(folder)
    tables = Tables(opened, parts_of(folder, intake), out, places=places, force=force)
    if ray:
        from interpretable_gan.explain.on_ray import make_on_ray

        mine = share_of_parts(tables, share)
        with progress("reading images", quiet=quiet) as show:
            made = make_on_ray(
                mine, run, folder, out, intake, places=places, force=force, progress=show
            )
    else:
        made = make_share(tables, share, intake, quiet=quiet)
    if intake.found or intake.remarks:
        say(str(intake), quiet=quiet)
    typer.echo(str(out))
    mine = share_of_parts(tables, share)
    before = len(mine) - made
    told = f", {before:,} of which were there or are damaged" if before else ""
    say(f"{len(mine):,} of {len(tables.parts):,} tables{told}.", quiet=quiet)


def share_of_parts(tables: Tables, share: tuple[int, int]) -> range:
    """The numbers of the parts in a share."""
    number, of = share
    return range(number - 1, len(tables.parts), of)


def make_share(tables: Tables, share: tuple[int, int], intake: Intake, *, quiet: bool) -> int:
    """Write the tables of a share that are not there; how many these were."""
    from interpretable_gan.progress import Status

    mine, made = share_of_parts(tables, share), 0
    with progress("reading images", quiet=quiet) as show:
        for done, part in enumerate(mine):
            show(Status(done, len(mine)))
            made += tables.make(part, intake)
        show(Status(len(mine), len(mine)))
    return made
