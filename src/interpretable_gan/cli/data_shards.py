"""``igan data shard`` and ``igan data index``: images in shards, for more than one disk holds."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.data_open import open_source
from interpretable_gan.cli.options import (
    SOURCE_HELP,
    Force,
    GroupColumn,
    Quiet,
    SchemaFile,
    Size,
    SplitColumn,
    Strict,
)
from interpretable_gan.cli.progress import progress, say


class Kind(StrEnum):
    """What shards are."""

    tar = "tar"
    parquet = "parquet"


def shard(
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    out: Annotated[Path, typer.Option(help="Folder of the shards.")],
    kind: Annotated[
        Kind, typer.Option("--format", help="Tar files as WebDataset has them, or tables.")
    ] = Kind.tar,
    rows: Annotated[int, typer.Option(help="Images a shard.", min=1)] = 10_000,
    size: Size = 32,
    schema: SchemaFile = None,
    group: GroupColumn = None,
    split_column: SplitColumn = None,
    strict: Strict = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Save a data set as shards, which training streams.

    Each shard holds images of one split in a drawn order, as PNG files of --size pixels, with their
    labels. shards.json and schema.yaml lie beside them. Shards that are there already are not made
    again, so the same command goes on where it was stopped.

    \b
    Examples:
        igan data shard faces/ --out shards --size 64
        igan data shard faces/ --out shards --format parquet --rows 5000
        igan train shards/ --set size=64 --out runs/faces
    """
    from interpretable_gan.data.sharded.write import write_shards

    data = open_source(
        source,
        size=size,
        strict=strict,
        schema=schema,
        roles={"split": split_column, "group": group},
        quiet=quiet,
    )
    with progress("writing shards", quiet=quiet) as show:
        index = write_shards(data, out, rows=rows, kind=kind.value, force=force, progress=show)
    typer.echo(str(out))
    count = sum(entry.rows for entry in index.shards)
    say(f"{count:,} images in {len(index.shards):,} shards. Next: igan train {out}", quiet=quiet)


def index(
    shards: Annotated[
        str, typer.Argument(help="A folder of shards, or its address such as s3://bucket/faces.")
    ],
    quiet: Quiet = False,
) -> None:
    """Count shards that were made elsewhere, so that training streams them.

    Reads each once and writes shards.json beside them: how many images each has, and its SHA-256.
    Names of shards begin with train, validation or test. Damaged shards are named and left out.

    \b
    Examples:
        igan data index shards/
        igan data index s3://bucket/faces
    """
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.sharded.index import FILE, read_index
    from interpretable_gan.data.sharded.store import Store

    store, intake = Store(shards), Intake(shards)
    with progress("reading shards", quiet=quiet) as show:
        found = read_index(store, intake, show)
    found.save(store)
    if intake.found:
        say(str(intake), quiet=quiet)
    typer.echo(f"{shards.rstrip('/')}/{FILE}")
    say(f"{intake.kept:,} images in {len(found.shards):,} shards.", quiet=quiet)
