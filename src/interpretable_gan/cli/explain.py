"""``igan explain``: why the discriminator judges an image as it does, or where an attribute is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import say
from interpretable_gan.errors import DataError

if TYPE_CHECKING:
    from interpretable_gan.explain.calibration import Calibration
    from interpretable_gan.explain.decision import DecisionExplanation
    from interpretable_gan.model import InterpretableGAN
    from interpretable_gan.run import Run
    from interpretable_gan.shapes import Images

CALIBRATION = "calibration.json"

REFERENCE = 64
"""Generated images with which a decision is compared."""

TOLD = 8
"""Attributes in the table of a decision."""


def explain(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    image: Annotated[Path, typer.Argument(help="An image file; cut and resized where needed.")],
    attribute: Annotated[
        str | None, typer.Option(help="Where and how surely this attribute is seen.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Save heat maps as a PNG.")] = None,
    data: Annotated[
        str | None,
        typer.Option(help=f"Calibrate probabilities on held-out images of {SOURCE_HELP}"),
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say why an image looks real, or where an attribute is seen.

    The discriminator's score is taken apart into attributes and places, exactly, and compared with
    images that the model generates itself. With --attribute the encoder's reading is taken apart
    instead; --data makes its probability one that comes true, and RUN/calibration.json keeps it.

    \b
    Examples:
        igan explain runs/faces photo.jpg --out heat.png
        igan explain runs/faces photo.jpg --attribute smiling --data faces/
        igan explain runs/faces photo.jpg --json
    """
    from interpretable_gan.explain.reading import explain_reading
    from interpretable_gan.pictures import save
    from interpretable_gan.run import Run

    opened = Run.open(run)
    if out is not None:
        refuse_overwriting(out, force=force)
    if data is not None:
        refuse_overwriting(run / CALIBRATION, force=force)
    model = opened.model()
    images = open_images(image, model, quiet=quiet)
    if attribute is not None:
        model.schema[attribute]  # a misspelt name is told before the calibration
        calibration = _calibration(opened, model, data, quiet=quiet)
        reading = explain_reading(model, images, attribute, calibration)
        typer.echo(reading.to_json() if as_json else reading.sentence())
        picture = reading.plot(images) if out else None
    else:
        decision = compared(model, images)
        typer.echo(decision.to_json() if as_json else table(decision))
        picture = decision.plot(images) if out else None
    if out is not None and picture is not None:
        save(picture, out)
        say(f"Saved {out}: orange pulls up, blue pulls down.", quiet=quiet)


def compared(model: InterpretableGAN, images: Images) -> DecisionExplanation:
    """The decision on images, against what the model generates itself."""
    from interpretable_gan.explain.decision import explain_decision

    generated = model.sample(REFERENCE)
    return explain_decision(model, images).against(explain_decision(model, generated))


def table(decision: DecisionExplanation) -> str:
    """The sentence, and the attributes that move the score most."""
    agreement, realism = (
        part[0].sum(axis=(1, 2)) for part in (decision.agreement, decision.realism)
    )
    names = decision.schema.names
    strongest = decision.strongest(count=TOLD)
    width = max(len(decision.schema[name].label) for name, _ in strongest)
    lines = [decision.sentence(), "", f"{'attribute':<{width}}  agreement  realism   both"]
    for name, both in strongest:
        number = names.index(name)
        label = decision.schema[name].label
        found = number >= len(agreement)
        shown = (
            ("", f"{both:+.2f}")
            if found
            else (f"{agreement[number]:+.2f}", f"{realism[number]:+.2f}")
        )
        lines.append(f"{label:<{width}}  {shown[0]:>9}  {shown[1]:>7}  {both:+.2f}")
    lines += ["", f"All parts add up to the score; the largest gap is {decision.sum_error:.0e}."]
    return "\n".join(lines)


def open_images(path: Path, model: InterpretableGAN, *, quiet: bool = False) -> Images:
    """A batch of one from an image file; says what had to be converted.

    Raises:
        DataError: no such file, or none that can be read as an image.
    """
    import torch

    from interpretable_gan.data.decoding import Framing, Unusable, frame, open_image

    if not path.is_file():
        raise DataError(f"{path} is no image file.")
    size, channels = model.config.size, model.channels
    try:
        picture = open_image(path.read_bytes())
        pixels = frame(picture, Framing(size, channels=channels))
    except Unusable as problem:
        raise DataError(f"{path} cannot be explained: {problem}.") from None
    for change in _conversions(picture, size, channels):
        say(f"{path}: {change}.", quiet=quiet)
    return torch.tensor(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1


def _conversions(picture: Any, size: int, channels: int) -> list[str]:
    """What framing does to a picture, in words."""
    mode, (width, height), changes = "L" if channels == 1 else "RGB", picture.size, []
    if picture.mode != mode:
        changes.append(f"converted from {picture.mode} to {mode}")
    if width != height:
        changes.append(f"cut from {width}×{height} to its centred square")
    if min(width, height) != size:
        changes.append(f"resized to the {size}×{size} pixels that the model reads")
    return changes


def _calibration(
    run: Run, model: InterpretableGAN, source: str | None, *, quiet: bool
) -> Calibration | None:
    """The run's calibration: made from ``source``, kept from an earlier call, or none."""
    from interpretable_gan.explain.calibration import Calibration, calibrate

    path = run.path / CALIBRATION
    if source is None:
        return Calibration.load(path) if path.is_file() else None
    from interpretable_gan.cli.data import open_source

    config, schema = run.config, run.schema.with_discovered(0)
    data = open_source(source, size=config.size, seed=config.seed, schema=schema, quiet=quiet)
    calibration = calibrate(model, data)
    calibration.save(path)
    say(f"Saved {path}", quiet=quiet)
    return calibration
