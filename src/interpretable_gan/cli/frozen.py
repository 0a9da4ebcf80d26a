"""A generator that somebody else trained: options that name it, and images that it draws."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from interpretable_gan.cli.options import Force, Quiet, Seed, refuse_overwriting
from interpretable_gan.cli.progress import progress, say

GeneratorFile = Annotated[
    Path | None,
    typer.Option(
        "--generator",
        help="Explain a generator that is there already: TorchScript (.pt), torch.export (.pt2) or "
        "ONNX (.onnx). It is a program: give one that you trust.",
    ),
]
Label = Annotated[
    str | None,
    typer.Option(
        help="Of such a generator: the attribute that it takes beside z, and how many levels that "
        "has, such as colour=8.",
        metavar="ATTRIBUTE=LEVELS",
    ),
]


def frozen(generator: Path | None, label: str | None) -> dict[str, Any]:
    """Settings of a frozen generator; none where there is none.

    Raises:
        BadParameter: a label without a generator, or without a number of levels.
    """
    if generator is None:
        if label is not None:
            raise typer.BadParameter("it is what a --generator takes.", param_hint="--label")
        return {}
    if label is None:
        return {"generator": str(generator)}
    name, _, levels = label.partition("=")
    if not levels.isdigit() or int(levels) < 2:
        raise typer.BadParameter(
            f"{label!r}: give the attribute and how many levels it has, such as colour=8.",
            param_hint="--label",
        )
    return {"generator": str(generator), "label": name, "levels": int(levels)}


def draw(
    generator: Annotated[
        Path,
        typer.Argument(help="TorchScript (.pt), torch.export (.pt2) or ONNX (.onnx), trusted."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for images, table and schema.")],
    n: Annotated[int, typer.Option(help="How many.", min=10)] = 10_000,
    judges: Annotated[
        Path | None, typer.Option(help="Folder of published judges, which label faces.")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            help="The attribute that the generator takes beside z, and its levels in order.",
            metavar="ATTRIBUTE=LEVEL,LEVEL,…",
        ),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw a generator's images, with labels.

    The folder gets images/, metadata.csv and schema.yaml: the form for data of your own, and for
    igan train --generator. Labels come from published judges, from the level that was asked for,
    or both. Other labels are added to the table as columns.

    \b
    Examples:
        igan data draw generator.pt --judges judges/ --out drawn
        igan data draw eyes.onnx --label colour=amber,blue,brown --n 5000 --out eyes
    """
    from interpretable_gan.audit.drawn import draw_labelled
    from interpretable_gan.audit.published import PUBLISHED, published_judges
    from interpretable_gan.cli.data_write import write_image_folder
    from interpretable_gan.models.frozen.program import open_program
    from interpretable_gan.schema.attribute import Attribute
    from interpretable_gan.schema.schema import Schema

    refuse_overwriting(out, force=force)
    name, _, text = (label or "").partition("=")
    levels = [each.strip() for each in text.split(",") if each.strip()]
    if label is not None and len(levels) < 2:
        raise typer.BadParameter(
            f"{label!r}: give its levels, such as colour=blue,brown.", param_hint="--label"
        )
    program = open_program(generator.resolve(), len(levels))
    found = []
    if judges is not None:
        read = dict.fromkeys(each for published in PUBLISHED for each in published.attributes)
        faces = Schema(name="faces", attributes=tuple(Attribute(name=each) for each in read))
        found = published_judges(judges, faces)
    with progress("drawing", quiet=quiet) as report:
        drawn = draw_labelled(
            program, n, judges=found, label=name, levels=levels, seed=seed, progress=report
        )
    write_image_folder(drawn, out)
    typer.echo(str(out))
    told = f" --label {name}={len(levels)}" if levels else ""
    say(f"{n:,} images. Next: igan train {out} --generator {generator}{told}", quiet=quiet)
