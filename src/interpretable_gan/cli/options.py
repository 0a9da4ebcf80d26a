"""The options that several commands share, and how ``name=value`` is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.errors import ConfigError

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same pictures.", min=0)]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Stop at an image or label that cannot be used as it is; warnings do not stop.",
    ),
]
SchemaFile = Annotated[
    Path | None, typer.Option("--schema", help="What the labels mean, YAML or JSON.")
]
Size = Annotated[int, typer.Option(help="Height and width of the images in pixels.", min=8)]
GroupColumn = Annotated[
    str | None,
    typer.Option("--group", help="Column whose rows stay in one split, or none.", metavar="COLUMN"),
]
SplitColumn = Annotated[
    str | None,
    typer.Option("--split-column", help="Column with the split, or none.", metavar="COLUMN"),
]
Share = Annotated[
    str,
    typer.Option("--shard", help="Which share of the work this is, such as 2/8.", metavar="I/N"),
]
SOURCE_HELP = (
    "'portraits', 'dsprites', a CelebA folder, a folder of images with a table, an npz file, or a "
    "folder of shards."
)
RUN_HELP = "Folder of a trained run."


def image_run(path: Path) -> Run:
    """A run of images.

    Raises:
        RunError: no run, or one of a table, for which the command has no meaning yet.
    """
    from interpretable_gan.errors import RunError
    from interpretable_gan.training.run import Run

    run = Run.open(path)
    others = {
        "table": "a run of a table, which has igan explain, edit, sample, audit, info and report",
        "reader": "a reader, which draws nothing and has igan explain target and info",
        "recommend": "a recommender, which has igan recommend, explain, name, audit, info and "
        "report",
    }
    if run.config.family in others:
        raise RunError(
            f"{path} is {others[run.config.family]}; this command is for runs of images."
        )
    return run


def refuse_run(folder: Path) -> None:
    """Refuse to fit a model into the folder of another.

    Raises:
        BadParameter: the folder holds a run.
    """
    if (folder / "config.json").exists():
        raise typer.BadParameter(f"{folder} holds a run; name another folder.", param_hint="--out")


def share_of(text: str) -> tuple[int, int]:
    """``"2/8"`` as (2, 8).

    Raises:
        BadParameter: anything else.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    number, of = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= of:
        raise typer.BadParameter(
            f"{text!r} is no share; give I/N with I from 1 to N, such as 2/8.", param_hint="--shard"
        )
    return number, of


def no_reader(run: Run) -> Run:
    """The run; a reader has no card, no report and no page yet.

    Raises:
        RunError: the run is one.
    """
    return image_run(run.path) if run.config.family == "reader" else run


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """``["smiling=1", "hair=red"]`` as a dictionary.

    Raises:
        BadParameter: a text without '=', or a name that stands twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is not name=value.", param_hint="--set")
        if name in found:
            raise typer.BadParameter(f"{name!r} is set twice; keep one.", param_hint="--set")
        found[name] = value
    return found


def settings(texts: Sequence[str]) -> dict[str, Any]:
    """Settings of a config: values read as YAML, dots as nesting.

    Raises:
        BadParameter: a text without '=', or a setting that is named twice, if only in part.
        ConfigError: a value that is no YAML.

    >>> settings(["batch=64", "weights.obeying=2.5"])
    {'batch': 64, 'weights': {'obeying': 2.5}}
    """
    import yaml

    found: dict[str, Any] = {}
    given = pairs(texts)
    for name, text in given.items():
        if within := [other for other in given if other.startswith(f"{name}.")]:
            raise typer.BadParameter(
                f"{name!r} is set as a whole, and {within[0]!r} in it; keep one.",
                param_hint="--set",
            )
        *path, last = name.split(".")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        try:
            place[last] = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ConfigError(f"--set {name}: {text!r} cannot be read as a value.") from None
    return found


def refuse_picture(path: Path, *, force: bool) -> None:
    """Before the work begins: where its picture could not be saved.

    Raises:
        BadParameter: ``path`` is there, and ``--force`` was not given.
        DataError: it is no name of a picture.
    """
    from interpretable_gan.modalities.pictures import format_of

    refuse_overwriting(path, force=force)
    format_of(path)


def free_folder(wanted: Path, file: str, holds: str, *, quiet: bool) -> Path:
    """``wanted``, or beside it the first numbered folder without such a file, which is said."""
    folder, numbers = wanted, count(2)
    while (folder / file).exists():
        folder = wanted.with_name(f"{wanted.name}-{next(numbers)}")
    if folder != wanted:
        say(f"{wanted} holds {holds}; this one goes to {folder}.", quiet=quiet)
    return folder


def refuse_overwriting(path: Path, *, force: bool) -> None:
    """Keep what a user already has.

    Raises:
        BadParameter: ``path`` is there, and ``--force`` was not given.
    """
    occupied = any(path.iterdir()) if path.is_dir() else path.exists()
    if occupied and not force:
        raise typer.BadParameter(f"{path} exists already; name another, or give --force.")
