"""``igan explain images``: where each attribute adds to the score, in many images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.encode import Folder, OnRay, make_tables
from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, Share


def images(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Folder of the tables.")] = Path("explained"),
    shard: Share = "1/1",
    ray: OnRay = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Take the scores of many images apart, into tables.

    The Parquet files of igan encode, with a column more for each attribute and kind of term: what
    it adds at each cell of a grid over the image, row by row. The bias and all cells of an image
    add up to its score. --shard and --ray share the work as there.

    \b
    Examples:
        igan explain images runs/faces photos/ --out explained
        igan explain images runs/faces shards/ --out explained --shard 2/8
    """
    make_tables(run, folder, out, shard, ray=ray, places=True, force=force, quiet=quiet)
