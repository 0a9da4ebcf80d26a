"""``igan sample``: draw images with chosen attributes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    AsJson,
    Force,
    Quiet,
    Seed,
    image_run,
    pairs,
    refuse_picture,
)
from interpretable_gan.cli.progress import say
from interpretable_gan.errors import SchemaError

if TYPE_CHECKING:
    from interpretable_gan.modalities.pictures import Row
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.training.run import Run

Values = Annotated[
    list[str] | None,
    typer.Option("--set", help="An attribute and its value; others are as in the data."),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option(help="Show an attribute from low to high, or level by level; may be repeated."),
]


IMAGES, ROWS = 16, 6
"""Images, and rows of a sweep, that are drawn where nobody says how many; six rows fit a screen."""
Number = Annotated[
    int | None,
    typer.Option(
        help="How many images or rows; of a sweep, how many rows.",
        min=1,
        show_default=f"{IMAGES}, or {ROWS} rows",
    ),
]


def sample(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    settings: Values = None,
    sweep: Sweep = None,
    n: Number = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A picture, or a table [default: samples.png, sweep-….png or samples.csv]"
        ),
    ] = None,
    columns: Annotated[int, typer.Option(help="Images side by side.", min=1)] = 8,
    scale: Annotated[int, typer.Option(help="Pixels per pixel.", min=1)] = 3,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw images, or rows of a table, with the attributes you name.

    Others are as in the training data; of a table, as among rows with what is set, also ranges.

    \b
    Examples:
        igan sample runs/faces --set smiling=1 --set hair_color=blond --n 16
        igan sample runs/faces --sweep smiling --sweep eyeglasses --n 6
        igan sample runs/faces --n 4 --json
        igan sample runs/credit --set age_years=18..25 --n 10000 --out synthetic.csv
    """
    from interpretable_gan.modalities.pictures import save_grid, save_rows
    from interpretable_gan.models.base import codes
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    if opened.config.family == "table":
        _rows(opened, settings, sweep, n, seed, out, as_json=as_json, force=force, quiet=quiet)
        return
    model = image_run(run).model()
    if told := opened.unfinished():
        say(told, quiet=quiet)
    wanted = pairs(settings or [])
    _refuse_doubled(wanted, sweep or ())
    out = out or _picture(sweep)
    n = n or (ROWS if sweep else IMAGES)
    try:
        code = codes(model, n, wanted, seed=seed)
    except SchemaError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None
    refuse_picture(out, force=force)
    if sweep:
        rows = [sweep_rows(model, name, n=n, seed=seed, fixed=wanted) for name in sweep]
        save_rows(list(chain.from_iterable(rows)), out, scale=scale)
    else:
        save_grid(model.draw(code, model.styles(n, seed=seed)), out, columns=columns, scale=scale)
    if as_json:
        typer.echo(json.dumps(_described(model, code, out), ensure_ascii=False))
    else:
        typer.echo(str(out))
        say(f"{n} {'rows' if sweep else 'images'} from {run}, seed {seed}.", quiet=quiet)


def _picture(sweep: Sequence[str] | None) -> Path:
    """What a picture is called where nobody says."""
    named = "-".join(sweep or ()).replace("/", "-")
    return Path(f"sweep-{named}.png" if sweep else "samples.png")


def _refuse_doubled(wanted: dict[str, str], sweep: Sequence[str]) -> None:
    """An attribute is set or swept, and once.

    Raises:
        BadParameter: one is named twice.
    """
    asked = [*wanted, *sweep]
    for name in sweep:
        if asked.count(name) > 1:
            raise typer.BadParameter(f"{name!r} is set twice; keep one.", param_hint="--sweep")


def _rows(
    run: Run,
    settings: list[str] | None,
    sweep: list[str] | None,
    n: int | None,
    seed: int,
    out: Path | None,
    **how: bool,
) -> None:
    """Draw rows of a table.

    Raises:
        BadParameter: a sweep, which is for images.
    """
    from interpretable_gan.cli.sample_rows import sample_rows

    if sweep:
        raise typer.BadParameter(
            "a sweep is for images; draw a table once for each value.", param_hint="--sweep"
        )
    sample_rows(run, pairs(settings or []), n=n or IMAGES, seed=seed, out=out, **how)


def sweep_rows(
    model: ImageModel,
    name: str,
    *,
    n: int,
    seed: int = 0,
    fixed: dict[str, Any] | None = None,
) -> list[Row]:
    """The same ``n`` samples, one per row, with one attribute at each of its values.

    Raises:
        UnknownAttributeError: the schema has no attribute ``name``.
        SchemaError: a value in ``fixed`` that its attribute cannot take.
    """
    from interpretable_gan.explain.strips import draw_strips, strip_values
    from interpretable_gan.modalities.pictures import Row
    from interpretable_gan.models.base import codes

    code, style = codes(model, n, fixed, seed=seed), model.styles(n, seed=seed)
    first, *others = draw_strips(model, name, code, style)
    labels = list(strip_values(model.schema[name]))
    return [Row(first, labels=labels, title=name), *map(Row, others)]


def _described(model: ImageModel, code: Any, out: Path) -> dict[str, Any]:
    """Where the picture is, and what was asked for, image by image."""
    values = {name: column.tolist() for name, column in model.schema.read(code).items()}
    images = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return {"out": str(out), "images": images}
