"""``igan explain target``: why an image gets its predicted target, as a sum over attributes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.calibrating import CALIBRATION, calibration_of
from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.images import one_image
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    image_run,
    refuse_overwriting,
    refuse_picture,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.train_reader import quality_lines
from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from interpretable_gan.explain.target import TargetExplanation
    from interpretable_gan.explain.target_head import TargetHead
    from interpretable_gan.explain.target_sum import TargetSum
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.training.run import Run

TOLD = 8
"""Attributes in a table."""

Name = Annotated[
    str | None, typer.Option("--target", help="An attribute [default: the schema's target].")
]
Smooth = Annotated[bool, typer.Option("--smooth", help="A smooth shape per attribute, not a line.")]


def target(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    image: Annotated[
        Path | None, typer.Argument(help="An image file; without one, what counts over all.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help=f"Fit the head on training images of {SOURCE_HELP}")
    ] = None,
    name: Name = None,
    smooth: Smooth = False,
    out: Annotated[Path | None, typer.Option(help="Save a picture of the contributions.")] = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say why an image gets its predicted target.

    Which attributes add what to its score: the head adds up what the encoder reads of all other
    attributes, so contributions are exact. It is fitted once with --data, tested on held-out images
    and kept in RUN/target.json. A reader (igan train --target) has its own sum, also over places;
    --data calibrates its probabilities.

    \b
    Examples:
        igan explain target runs/chests --data chests/
        igan explain target runs/chests photo.png --out bars.png
        igan explain target runs/faces photo.jpg --data faces/ --target age --smooth
    """
    from interpretable_gan.explain.target import explain_target
    from interpretable_gan.explain.target_head import TargetHead
    from interpretable_gan.modalities.pictures import save
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    if out is not None:
        if image is None:
            raise typer.BadParameter("--out shows the contributions to one image; name it.")
        refuse_picture(out, force=force)
    if opened.config.family == "reader":
        _refuse_of_heads(opened, name, smooth=smooth)
        reader_target(opened, image, data, out, as_json=as_json, force=force, quiet=quiet)
        return
    opened = image_run(run)
    if data is None and (name or smooth):
        raise typer.BadParameter("--target and --smooth say what to fit; give --data too.")
    if data is not None:
        refuse_overwriting(run / TargetHead.FILE, force=force)
    model = opened.model()
    images = one_image(image, model, quiet=quiet) if image else None
    head = head_of(opened, model, data, name, smooth=smooth, quiet=quiet)
    if images is None:
        typer.echo(head.to_json() if as_json else "\n".join(summary(head)))
    else:
        explained = explain_target(model, images, head)
        typer.echo(explained.to_json() if as_json else "\n".join(table(explained)))
        if out is not None:
            save(explained.plot(), out)
            say(f"Saved {out}: orange pulls up, blue pulls down.", quiet=quiet)


def head_of(
    run: Run, model: ImageModel, data: str | None, name: str | None, *, smooth: bool, quiet: bool
) -> TargetHead:
    """The head that is fitted on data, or that the run has.

    Raises:
        RunError: it has none, or one of other weights.
    """
    from interpretable_gan.explain.target_head import TargetHead

    if data is not None:
        return fit(run, model, data, name, smooth=smooth, quiet=quiet)
    path = run.path / TargetHead.FILE
    if not path.is_file():
        raise RunError(f"{run.path} has no head for a target yet: name the data, --data SOURCE.")
    head = TargetHead.load(path, run.schema)
    head.check(model)
    return head


def _refuse_of_heads(run: Run, name: str | None, *, smooth: bool) -> None:
    """A reader is its own head.

    Raises:
        BadParameter: something that is for heads of other runs.
    """
    if name or smooth:
        raise typer.BadParameter(
            f"a reader has one target, {run.schema.target}; leave out --target and --smooth."
        )


def reader_target(
    run: Run,
    image: Path | None,
    data: str | None,
    out: Path | None,
    *,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """The target of a reader, which is its own head; calibrated, where data are given."""
    from interpretable_gan.explain.target_sum import explain_target_sum
    from interpretable_gan.modalities.pictures import save

    if data is not None:
        refuse_overwriting(run.path / CALIBRATION, force=force)
    reader = run.model()
    calibration = calibration_of(run, reader, data, quiet=quiet)
    if image is None:
        lines = quality_lines(run)
        typer.echo(json.dumps(run.log()[0].get("quality")) if as_json else "\n".join(lines))
        return
    images = one_image(image, reader, quiet=quiet)
    found = explain_target_sum(reader, images, calibration)
    typer.echo(found.to_json() if as_json else "\n".join(table(found)))
    if out is not None:
        save(found.plot(images), out)
        say(f"Saved {out}: orange pulls up, blue pulls down.", quiet=quiet)


def fit(
    run: Run,
    model: ImageModel,
    source: str,
    name: str | None,
    *,
    smooth: bool,
    quiet: bool,
) -> TargetHead:
    """Fit the head with progress, and keep it in the run."""
    from interpretable_gan.explain.target_fit import fit_target

    data = open_data(run, source, quiet=quiet)
    with progress("fitting the target", quiet=quiet) as report:
        head = fit_target(
            model, data, name, shape="smooth" if smooth else "linear", progress=report
        )
    head.save(run.path / head.FILE)
    say(f"Saved {run.path / head.FILE}", quiet=quiet)
    return head


def summary(head: TargetHead) -> list[str]:
    """The sentence, and the attributes that count most over all."""
    rows = head.to_rows()[:TOLD]
    width = max(len(head.schema[row["attribute"]].label) for row in rows)
    lines = [
        f"{head.schema[row['attribute']].label:<{width}}  {row['importance']:10.3f}" for row in rows
    ]
    return [head.sentence(), "", f"{'attribute':<{width}}  importance", *lines]


def table(explained: TargetExplanation | TargetSum) -> list[str]:
    """The sentence, and the attributes that move this image's score most."""
    ranked = explained.strongest(count=TOLD)
    labels = {each.name: each.label for each in explained.schema.attributes}
    told = [(labels.get(name, name), term) for name, term in ranked]
    width = max(len(label) for label, _ in told)
    lines = [f"{label:<{width}}  {term:+12.3f}" for label, term in told]
    gap = f"All parts add up to the score; the largest gap is {explained.sum_error:.0e}."
    return [explained.sentence(), "", f"{'attribute':<{width}}  contribution", *lines, "", gap]
