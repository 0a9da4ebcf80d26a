"""``igan teach``: a word that no label has, from a few dozen images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from interpretable_gan.cli.images import open_images
from interpretable_gan.cli.options import RUN_HELP, AsJson, Force, Quiet, image_run, refuse_picture
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from interpretable_gan.explain.teaching import Teaching
    from interpretable_gan.training.run import Run

LISTS = ("--yes", "--no")
"""Options behind which several files may stand."""

Sides = tuple[Sequence[Path], Sequence[Path]]
"""Files that show the word, and files that do not."""


class Lists(typer.core.TyperCommand):
    """A command in which all that follows ``--yes`` or ``--no`` belongs to it, as a shell's
    ``*.png`` needs it."""

    def parse_args(self, context: Any, words: list[str]) -> list[str]:
        """The words, with the option before each of its files."""
        spelled: list[str] = []
        option = ""
        for word in words:
            option = (word if word in LISTS else "") if word.startswith("-") else option
            if word not in LISTS:
                spelled += [option, word] if option else [word]
        return super().parse_args(context, spelled)


Word = Annotated[str, typer.Argument(help="What to call it, such as 'shadow on the road'.")]
Yes = Annotated[
    list[Path] | None, typer.Option(help="Images that show it: files, or folders of them.")
]
No = Annotated[
    list[Path] | None, typer.Option(help="Images that do not: files, or folders of them.")
]
Table = Annotated[
    Path | None,
    typer.Option(help="Instead of both: a table beside images, with file names and labels."),
]
Column = Annotated[
    str | None, typer.Option(help="Column of the table with 1 and 0 [default: the word]")
]
Alike = Annotated[
    bool, typer.Option("--alike", help="Accept a word that an attribute tells as well.")
]
Out = Annotated[
    Path | None, typer.Option(help="Save a picture of the examples, doubtful ones first.")
]


def teach(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    word: Word,
    yes: Yes = None,
    no: No = None,
    table: Table = None,
    column: Column = None,
    description: Annotated[str, typer.Option(help="What it means, in a sentence.")] = "",
    alike: Alike = False,
    forget: Annotated[bool, typer.Option("--forget", help="Take the word away again.")] = False,
    out: Out = None,
    seed: Annotated[int, typer.Option(help="Of folds and samples.", min=0)] = 0,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Teach a run a word that no label has, from a few dozen images.

    Images with and without it are read by the encoder; a linear read of its evidence learns to tell
    them apart, and cross-validation says how well. Nothing is trained again. From then on the word
    is an attribute: igan explain image --attribute, igan sample --set, igan edit --set.

    A word that is read no better than by chance is refused, and so is one that an attribute of the
    run tells as well.

    \b
    Examples:
        igan teach runs/drive "shadow on the road" --yes shadow/*.png --no clear/*.png
        igan teach runs/cells vacuolated --table cells/labels.csv --out examples.png
        igan teach runs/cells vacuolated --forget
    """
    opened, word = image_run(run), word.strip()
    if forget:
        _forget(opened, word, quiet=quiet)
        return
    if word in {each.attribute.name for each in opened.words()} and not force:
        raise typer.BadParameter(f"{run} knows {word!r} already; give --force to teach it anew.")
    if out is not None:
        refuse_picture(out, force=force)
    files = _files(word, yes, no, table, column)
    how = {"description": description, "alike": alike, "seed": seed}
    found = _learn(opened, word, files, how, quiet=quiet)
    typer.echo(found.to_json() if as_json else found.sentence())
    if found.repeated:
        say(f"{found.repeated} repeated pictures were left out.", quiet=quiet)
    if found.doubtful and not as_json:
        say(f"Read as the opposite, look again: {', '.join(found.doubtful)}.", quiet=quiet)
    if out is not None:
        from interpretable_gan.modalities.pictures import save

        save(found.plot(), out)
        say(f"Saved {out}", quiet=quiet)


def _learn(run: Run, word: str, files: Sides, how: dict[str, Any], *, quiet: bool) -> Teaching:
    """Teach the word, and let the run keep it beside others that it knows."""
    from interpretable_gan.explain.teaching_fit import teach as learn
    from interpretable_gan.models.taught import Taught

    model = run.model()
    if isinstance(model, Taught):
        model = model.without(word)
    (on, yes), (off, no) = (open_images(side, model, quiet=quiet) for side in files)
    with progress("teaching", quiet=quiet) as report:
        found = learn(model, word, yes, no, names=(on, off), progress=report, **how)
    run.keep(found.model.words)
    return found


def _forget(run: Run, word: str, *, quiet: bool) -> None:
    """Take a word away.

    Raises:
        BadParameter: the run does not know it.
    """
    known = {each.attribute.name: each for each in run.words()}
    if word not in known:
        words = ", ".join(known) or "no word"
        raise typer.BadParameter(f"{run.path} was not taught {word!r}; it knows {words}.")
    run.keep([each for name, each in known.items() if name != word])
    say(f"{run.path} does not know {word!r} any more.", quiet=quiet)


def _files(
    word: str,
    yes: list[Path] | None,
    no: list[Path] | None,
    table: Path | None,
    column: str | None,
) -> Sides:
    """The images of both sides.

    Raises:
        BadParameter: not both sides, or a table beside them.
        DataError: a file that is on both sides, or a table without such labels.
    """
    if table is not None:
        if yes or no:
            raise typer.BadParameter("give --yes and --no, or --table, which says both.")
        return _listed(table, column or word)
    if column is not None:
        raise typer.BadParameter("--column is of a table; give --table too.")
    if not yes or not no:
        raise typer.BadParameter("give images with the word and without: --yes FILES --no FILES.")
    if both := {path.resolve() for path in yes} & {path.resolve() for path in no}:
        shown = min(both)
        raise DataError(f"{shown} is among --yes and among --no: decide whether it shows {word!r}.")
    return yes, no


def _listed(table: Path, column: str) -> Sides:
    """The images that a column of a table calls on and off; those without a label are left out.

    Raises:
        DataError: no such column, or a label that is neither.
    """
    from interpretable_gan.data.image_folder import image_folder_source
    from interpretable_gan.schema.attribute import Attribute

    if not table.is_file():
        raise DataError(f"{table} is no table.")
    source = image_folder_source(table)
    if column not in source.table:
        raise DataError(
            f"{table} has no column {column!r}.{did_you_mean(column, list(source.table))} It has: "
            f"{', '.join(source.table)}."
        )
    labels = Attribute(name=column).parse(source.table[column])
    names = source.pictures.names
    if labels.unreadable.any():
        row = int(labels.unreadable.argmax())
        value = source.table[column][row]
        raise DataError(f"{table}: {names[row]} has {value!r} for {column!r}; write 1 or 0.")
    shows = labels.columns[:, 0]  # 0 where there is no label
    on, off = (
        [table.parent / name for name, shown in zip(names, shows, strict=True) if shown == side]
        for side in (1, -1)
    )
    if not on or not off:
        raise DataError(f"{table} calls no image {'on' if off else 'off'} in column {column!r}.")
    return on, off
