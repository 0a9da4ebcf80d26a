"""``igan encode``: what is read in many images, and what each attribute adds, as Parquet tables."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.images import pictures_of
from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, Share, image_run, share_of
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.pictures import Files
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.training.run import Run

PART = 1024
"""Images a file: few enough for memory, and not much to lose when the work is stopped."""

MADE_OF = b"interpretable_gan"
"""Key of a Parquet file's metadata under which stands what it was made of."""


def encode(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    folder: Annotated[Path, typer.Argument(help="A folder of images, with its subfolders.")],
    out: Annotated[Path, typer.Option(help="Folder of the tables.")] = Path("encoded"),
    shard: Share = "1/1",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Read a folder of images into tables.

    Each Parquet file has 1,024 images: name, strangeness, readings, the discriminator's score, and
    what each attribute adds to it. Files that are there already are not made again, so the same
    command goes on where it was stopped. With --shard each of N machines does its share; together
    they write the same files as one alone.

    \b
    Examples:
        igan encode runs/faces photos/ --out encoded
        igan encode runs/faces photos/ --out encoded --shard 2/8
        python -c "import pandas; print(pandas.read_parquet('encoded'))"
    """
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.pictures import Files, files_below
    from interpretable_gan.errors import DataError
    from interpretable_gan.progress import Status

    number, of = share_of(shard)
    opened = image_run(run)
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; name one that holds images.")
    files, remark = files_below(folder)
    if not files.names:
        raise DataError(f"folder {folder} holds no image files; name another.")
    parts = math.ceil(len(files.names) / PART)
    mine = range(number - 1, parts, of)
    model, stamp = opened.model(), _stamp(opened)
    intake, made = Intake(str(folder)), 0
    intake.remarks += [remark] if remark else []
    with progress("reading images", quiet=quiet) as show:
        for done, part in enumerate(mine):
            show(Status(done, len(mine)))
            some = Files(files.root, files.names[part * PART : (part + 1) * PART])
            path = out / f"part-{part:05d}-of-{parts:05d}.parquet"
            made += _write(path, some, model, stamp, intake, force=force)
        show(Status(len(mine), len(mine)))
    if intake.found or intake.remarks:
        say(str(intake), quiet=quiet)
    typer.echo(str(out))
    before = len(mine) - made
    told = f", {before:,} of which were there" if before else ""
    say(f"{len(mine):,} of {parts:,} tables of {len(files.names):,} images{told}.", quiet=quiet)


def _stamp(run: Run) -> str:
    """Changes when the run's weights, shifts, words or names of attributes do."""
    from interpretable_gan.metrics.extractors import sha256
    from interpretable_gan.models.steered import FILE as SHIFTS
    from interpretable_gan.models.taught import FILE as WORDS
    from interpretable_gan.training.checkpoint import WEIGHTS

    paths = (run.path / name for name in (WEIGHTS, SHIFTS, WORDS, "schema.yaml"))
    return " ".join(sha256(path) for path in paths if path.exists())


def _write(
    path: Path,
    files: Files,
    model: ImageModel,
    stamp: str,
    intake: Intake,
    *,
    force: bool,
) -> bool:
    """Write the table of some images; False where it was there already.

    Raises:
        BadParameter: the table there was made of other images or by another model.
        MissingExtraError: Parquet cannot be written.
    """
    from interpretable_gan.atomic import write
    from interpretable_gan.errors import MissingExtraError

    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("writing Parquet", "data") from None
    made_of = hashlib.sha256(f"{files.stamp} {stamp}".encode()).hexdigest().encode()
    if path.exists() and not force:
        if _made_of(path) == made_of:
            return False
        raise typer.BadParameter(
            f"{path} was made of other images or by another model; name another folder, or give "
            "--force.",
            param_hint="--out",
        )
    table = pyarrow.table(_columns(files, model, intake)).replace_schema_metadata(
        {MADE_OF: made_of}
    )
    write(path, lambda temporary: parquet.write_table(table, temporary))
    return True


def _made_of(path: Path) -> bytes | None:
    """What a table was made of, as its metadata say; None of a file that is no such table."""
    import pyarrow
    from pyarrow import parquet

    try:
        return (parquet.read_schema(path).metadata or {}).get(MADE_OF)
    except (pyarrow.ArrowException, OSError):
        return None


def _columns(files: Files, model: ImageModel, intake: Intake) -> dict[str, object]:
    """The table of those images that can be read."""
    import torch

    from interpretable_gan.explain.encoded import encoded

    found = list(pictures_of(files, model, intake))
    size, channels = model.config.size, model.modality.channels
    none = torch.zeros(channels, size, size)  # where nothing can be read, for the columns alone
    images = torch.stack([image for _, image, _ in found] or [none])
    columns = {name: each[: len(found)] for name, each in encoded(model, images).items()}
    return {"image": [name for name, _, _ in found], **columns}
