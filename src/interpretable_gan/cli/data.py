"""``igan data``: look at examples before training, decode them, or draw some."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.data_open import open_source
from interpretable_gan.cli.data_shards import index, shard
from interpretable_gan.cli.data_write import write_image_folder
from interpretable_gan.cli.frozen import draw
from interpretable_gan.cli.inspect_table import inspect_table
from interpretable_gan.cli.options import (
    SOURCE_HELP,
    AsJson,
    Force,
    GroupColumn,
    Quiet,
    SchemaFile,
    Seed,
    Share,
    Size,
    SplitColumn,
    Strict,
    refuse_overwriting,
    share_of,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.table import print_table
from interpretable_gan.cli.train_table import is_rows

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.schema.profile import Profile

app = typer.Typer(rich_markup_mode=None)
app.command()(draw)
app.command()(shard)
app.command()(index)

Source = Annotated[str, typer.Argument(help=SOURCE_HELP)]


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """Look at examples, decode them, or draw some.

    \b
    Examples:
        igan data inspect faces/
        igan data portraits --out portraits
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def inspect(
    source: Source,
    size: Size = 32,
    schema: SchemaFile = None,
    group: GroupColumn = None,
    split_column: SplitColumn = None,
    out: Annotated[
        Path | None, typer.Option(help="Also save the schema, to correct it by hand.")
    ] = None,
    strict: Strict = False,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say what is in a data set, and what is wrong with it.

    Attributes, frequencies, warnings, and a report of unusable images and labels. Where no
    schema.yaml lies beside the data, one is drafted from the labels.

    \b
    Examples:
        igan data inspect faces/
        igan data inspect faces/metadata.csv --out faces/schema.yaml
        igan data inspect faces/ --group sitter --split-column none
        igan data inspect cells.npz --json
        igan data inspect credit.csv --out schema.yaml
    """
    from interpretable_gan.schema.profile import profile

    if out is not None:
        refuse_overwriting(out, force=force)
    if is_rows(source):
        inspect_table(
            source,
            schema=schema,
            roles={"split": split_column, "group": group},
            out=out,
            strict=strict,
            as_json=as_json,
            quiet=quiet,
        )
        return
    found = open_source(
        source,
        size=size,
        strict=strict,
        schema=schema,
        roles={"split": split_column, "group": group},
        quiet=quiet,
    )
    told = profile(found.schema, found.codes, found.known, found.rows("train"))
    if out is not None:
        found.schema.save(out)
        say(f"Saved the schema: {out}", quiet=quiet)
    if as_json:
        typer.echo(json.dumps(_described(found) | {"profile": told.to_dict()}, ensure_ascii=False))
    else:
        _print(found, told)


@app.command()
def prepare(
    source: Source,
    size: Size = 32,
    schema: SchemaFile = None,
    group: GroupColumn = None,
    split_column: SplitColumn = None,
    shard: Share = "1/1",
    strict: Strict = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Decode a data set once, so that training starts at once.

    The pixels go to the cache folder ($IGAN_CACHE, or igan in the user's cache), keyed by content.
    Of shards that training streams, those of one share; the others are decoded as they come.

    \b
    Examples:
        igan data prepare faces/ --size 64
        igan data prepare faces/ --strict
        igan data prepare shards/ --shard 1/4
    """
    number, of = share_of(shard)
    found = open_source(
        source,
        size=size,
        strict=strict,
        schema=schema,
        roles={"split": split_column, "group": group},
        quiet=quiet,
    )
    if found.stream is not None:
        with progress("decoding shards", quiet=quiet) as show:
            mine = range(number - 1, len(found.stream.entries), of)
            kept = found.stream.decode(mine, show)
        say(f"{kept:,} of {len(mine):,} shards are decoded.", quiet=quiet)
    if as_json:
        typer.echo(json.dumps(_described(found), ensure_ascii=False))
    else:
        where = getattr(found.images, "filename", None)
        typer.echo(f"{_headline(found)}{f', in {where}' if where else ', drawn whenever needed'}")


@app.command()
def portraits(
    out: Annotated[Path, typer.Option(help="Folder for images, table and schema.")],
    n: Annotated[int, typer.Option(help="How many.", min=10)] = 100,
    size: Size = 64,
    correlated: Annotated[
        bool, typer.Option("--correlated", help="Attributes go together as among people.")
    ] = False,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw portraits with known attributes.

    The folder gets images/, metadata.csv and schema.yaml: the form for data of your own.

    \b
    Examples:
        igan data portraits --out portraits
        igan data portraits --out portraits --n 5000 --size 32 --correlated
    """
    from interpretable_gan.data.portraits import dataset

    refuse_overwriting(out, force=force)
    with progress("preparing", quiet=quiet) as report:
        drawn = dataset(size=size, count=n, seed=seed, correlated=correlated, progress=report)
    write_image_folder(drawn, out)
    typer.echo(str(out))
    say(f"{n:,} images, metadata.csv and schema.yaml. Next: igan data inspect {out}", quiet=quiet)


@app.command()
def applicants(
    out: Annotated[Path, typer.Option(help="The table, CSV.")],
    n: Annotated[int, typer.Option(help="How many.", min=10)] = 6000,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw a table of applicants for a loan, whose rule is known.

    Eight columns and three pairs of them decide on the risk, four columns do not. Nobody is meant.

    \b
    Examples:
        igan data applicants --out applicants.csv
        igan data applicants --out applicants.csv --n 20000 --seed 1
    """
    from interpretable_gan.cli.demo_table import write_applicants

    refuse_overwriting(out, force=force)
    write_applicants(out, n=n, seed=seed)
    typer.echo(str(out))
    say(f"{n:,} rows. Next: igan data inspect {out}", quiet=quiet)


@app.command()
def library(
    out: Annotated[Path, typer.Option(help="Folder for the three tables.")],
    readers: Annotated[int, typer.Option(help="How many readers.", min=10)] = 300,
    books: Annotated[int, typer.Option(help="How many books.", min=10)] = 200,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw a library whose readers follow a known rule.

    The folder gets loans.csv (who rated which book), readers.csv and books.csv. Readers like
    genres, older or newer books, and a pace that no column names. Nobody is meant.

    \b
    Examples:
        igan data library --out library
        igan data library --out library --readers 2000 --books 800
    """
    from interpretable_gan.cli.sample_rows import write_rows
    from interpretable_gan.data.library import library as draw

    refuse_overwriting(out, force=force)
    found = draw(readers, books, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    for name in ("loans", "readers", "books"):
        write_rows(out / f"{name}.csv", getattr(found, name))
    typer.echo(str(out))
    say(
        f"Next: igan train {out}/loans.csv --users {out}/readers.csv --items {out}/books.csv",
        quiet=quiet,
    )


def _described(data: Dataset) -> dict[str, Any]:
    """What a data set is, as plain values."""
    return {
        "name": data.name,
        "images": len(data),
        "size": data.size,
        "channels": data.channels,
        "splits": {name: len(rows) for name, rows in data.splits.items()},
        "checksum": data.checksum,
        "schema": data.schema.to_dict(),
        "report": None if data.report is None else data.report.to_dict(),
    }


def _headline(data: Dataset) -> str:
    parts = ", ".join(f"{len(rows):,} {name}" for name, rows in data.splits.items())
    shade = "colour" if data.channels == 3 else "grey"
    return f"{data.name}: {len(data):,} images of {data.size}×{data.size}, {shade} ({parts})"


def _print(data: Dataset, told: Profile) -> None:
    from rich.table import Table

    table = Table("attribute", "kind", "among the labelled", "missing", "group", box=None)
    for attribute in data.schema.named:
        name = attribute.name
        shares = _frequencies(attribute.kind, told.frequencies[name], attribute.unit)
        missing = f"{told.missing[name]:.1%}" if told.missing[name] else ""
        table.add_row(name, attribute.kind, shares, missing, attribute.group)
    typer.echo(_headline(data))
    print_table(table)
    typer.echo(f"augmentations that change no attribute: {_listed(data.schema.augmentations)}")
    for warning in told.warnings:
        typer.echo(f"warning: {warning}")


def _frequencies(kind: str, found: Mapping[str, float], unit: str) -> str:
    if kind == "continuous":
        if not found:
            return ""
        ends = f"{found['min']:.4g} to {found['max']:.4g} {unit}".rstrip()
        return f"{ends}, mean {found['mean']:.4g}"
    return ", ".join(f"{level} {share:.1%}" for level, share in found.items())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
