"""``igan edit``: change attributes of real images, and say what changed besides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.images import EyeFinder, Eyes, FindsEyes, eyes_of, open_images
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    Seed,
    image_run,
    pairs,
    refuse_picture,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.errors import SchemaError

if TYPE_CHECKING:
    from interpretable_gan.audit.evaluators import Evaluator
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.shapes import Images
    from interpretable_gan.training.run import Run

EVALUATOR_IMAGES = 40_000
"""As in ``igan audit``, so that both share what was trained once."""

EvaluatorImages = Annotated[
    int,
    typer.Option(
        help="Images to train each network of the evaluator on, where it is not cached.", min=1
    ),
]

ImageFiles = Annotated[
    list[Path] | None,
    typer.Argument(help="Image files, or folders of them; cut and resized where needed."),
]
NewValues = Annotated[
    list[str] | None, typer.Option("--set", help="An attribute and its new value.")
]
Data = Annotated[
    str | None,
    typer.Option(
        help="Let an evaluator trained on this judge, and edit its held-out images where no "
        f"others are named: {SOURCE_HELP}"
    ),
]
Overlay = Annotated[
    float, typer.Option(help="How strongly the change is laid over the original.", min=0)
]
Redraw = Annotated[
    list[str] | None,
    typer.Option(
        help="Of a table: a column to draw anew, given the others; 'rest' for all not set."
    ),
]
Drawn = Annotated[
    bool, typer.Option("--drawn", help="The generator's picture, not laid over the original.")
]


def edit(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    images: ImageFiles = None,
    settings: NewValues = None,
    data: Data = None,
    n: Annotated[int, typer.Option(help="How many held-out images.", min=1)] = 8,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture of all edits, or a table [default: edit.png or edited.csv]"),
    ] = None,
    redraw: Redraw = None,
    seed: Seed = 0,
    eyes: Eyes = None,
    judges: EyeFinder = None,
    overlay: Overlay = 1.0,
    drawn: Drawn = False,
    steps: Annotated[int | None, typer.Option(help="Steps of refining.", min=0)] = None,
    evaluator_images: EvaluatorImages = EVALUATOR_IMAGES,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Change attributes of real images, or of rows.

    Each image is read, the reading refined until the generator draws the image, and the difference
    that the new values make is laid over the original. What an evaluator then reads is told,
    wanted and unwanted; without --data the model's own encoder judges, which is easily convinced.

    \b
    Examples:
        igan edit runs/faces photo.jpg --set smiling=1 --out smile.png
        igan edit runs/faces photos/ --set hair_color=blond --set eyeglasses=0 --data faces/
        igan edit runs/faces --data faces/ --n 16 --set smiling=0.4 --json
        igan edit runs/faces photo.jpg --eyes 120,95,178,97 --set smiling=1
        igan edit runs/credit rows.csv --set age_years=40 --redraw rest --out older.csv
    """
    from interpretable_gan.cli.edit_rows import edit_rows_of
    from interpretable_gan.training.run import Run

    opened, wanted = Run.open(run), pairs(settings or [])
    if not wanted and not redraw:
        raise typer.BadParameter("say what to change, such as --set smiling=1.")
    printed = {"as_json": as_json, "force": force, "quiet": quiet}
    if opened.config.family == "table":
        edit_rows_of(opened, images, wanted, redraw=redraw, seed=seed, out=out, **printed)
        return
    if redraw:
        raise typer.BadParameter("columns of tables are drawn anew.", param_hint="--redraw")
    found = eyes_of(eyes, judges, images or [])
    how: dict[str, Any] = {} if steps is None else {"steps": steps}
    how["overlay"] = None if drawn else overlay
    judged = (data, n, evaluator_images)
    out = out or Path("edit.png")
    _edit_images(image_run(run), images, found, wanted, judged, out, how, **printed)


def _edit_images(
    run: Run,
    images: list[Path] | None,
    eyes: FindsEyes | None,
    wanted: dict[str, str],
    judged: tuple[str | None, int, int],
    out: Path,
    how: dict[str, Any],
    *,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Change attributes of images; ``judged`` is by which data an evaluator judges, how many of
    their images are edited where no others are named, and how many train it.

    Raises:
        BadParameter: neither images nor data.
    """
    from interpretable_gan.explain.edits import edit as change
    from interpretable_gan.modalities.pictures import save

    data, n, evaluator_images = judged
    if not images and data is None:
        raise typer.BadParameter("name images to edit, or --data with held-out ones.")
    model = run.model()
    _check(model, wanted)
    refuse_picture(out, force=force)
    evaluator = None
    if images:
        names, pictures = open_images(images, model, eyes=eyes, quiet=quiet)
    if data is not None:
        source = open_data(run, data, quiet=quiet)
        names, pictures = (names, pictures) if images else _held_out(source, n)
        evaluator = train_evaluator_of(source, evaluator_images, quiet=quiet)
    with progress("editing", quiet=quiet) as show:
        found = change(model, pictures, wanted, evaluator=evaluator, progress=show, **how)
    save(found.plot(), out)
    sentences = (f"{name}: {found.sentence(image)}" for image, name in enumerate(names))
    typer.echo(found.to_json() if as_json else "\n".join(sentences))
    say(f"Saved {out}", quiet=quiet)


def train_evaluator_of(data: Dataset, images: int, *, quiet: bool) -> Evaluator:
    """An evaluator of the data, with progress where it is not cached."""
    from interpretable_gan.audit.evaluators import train_evaluator

    with progress("judging", quiet=quiet) as report:
        return train_evaluator(data, images=images, progress=report)


def _check(model: ImageModel, wanted: dict[str, str]) -> None:
    """A wrong name or value is told before any work.

    Raises:
        BadParameter: a value that its attribute cannot take.
    """
    try:
        model.schema.replace(model.codes(1), wanted)
    except SchemaError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None


def _held_out(data: Dataset, n: int) -> tuple[list[str], Images]:
    """The first test images, named after their rows."""
    from interpretable_gan.data.batches import rows_for

    rows = rows_for("which are edited where no others are named", data, "test")[:n]
    return [f"row {row}" for row in rows], data.batch(rows)[0]
