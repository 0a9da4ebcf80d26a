"""``igan export``: a model for others, as one HTML file or as ONNX."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, no_reader, refuse_overwriting
from interpretable_gan.cli.progress import say

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run


PAGE = "explorer.html"
"""Where in a run its page goes."""


class Target(StrEnum):
    """What a model can be written as."""

    html = "html"
    onnx = "onnx"
    hf = "hf"


def export(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    out: Annotated[
        Path | None,
        typer.Argument(help="Page or folder to write; by default explorer.html or onnx in RUN."),
    ] = None,
    to: Annotated[
        Target | None, typer.Option(help="By default html, or what the name of OUT says.")
    ] = None,
    data_terms: Annotated[
        str, typer.Option(help="For hf: under which terms the data may be used.")
    ] = "",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write a model as one HTML page, as ONNX, or for a hub.

    For people and programs that have neither this package nor PyTorch. html: one page to move
    attributes and ask why, which opens from a disk and asks the network for nothing. onnx: two
    graphs in float32, draw.onnx (code, style to image) and read.onnx (image, code to readings and
    the decision term by term). hf: a folder for the Hugging Face Hub with a model card, which
    interpretable_gan.from_pretrained reads.

    \b
    Examples:
        igan export runs/faces
        igan export runs/faces faces.html
        igan export runs/faces --to onnx
        igan export runs/faces --to hf --data-terms "CC BY 4.0"
    """
    from interpretable_gan.training.run import Run

    opened = no_reader(Run.open(run))
    target = to or (Target.onnx if out and out.suffix not in {".html", ".htm"} else Target.html)
    if target is Target.onnx:
        _onnx(opened, out or run / "onnx", force=force, quiet=quiet)
    elif target is Target.hf:
        _hub(opened, out or run / "hf", data_terms, force=force, quiet=quiet)
    else:
        _html(opened, out or run / PAGE, force=force, quiet=quiet)


def _onnx(run: Run, folder: Path, *, force: bool, quiet: bool) -> None:
    from interpretable_gan.explorer.onnx_files import export_onnx

    refuse_overwriting(folder, force=force)
    for path in export_onnx(run.model("cpu", taught=False), folder).values():
        say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", quiet=quiet)
        typer.echo(path)


def _hub(run: Run, folder: Path, terms: str, *, force: bool, quiet: bool) -> None:
    from interpretable_gan.explorer.hub import export_hub

    refuse_overwriting(folder, force=force)
    typer.echo(export_hub(run, folder, terms=terms))
    if not terms:
        say("The card says that nobody stated the data's terms: --data-terms does.", quiet=quiet)


def _html(run: Run, path: Path, *, force: bool, quiet: bool) -> None:
    from interpretable_gan.explorer.page import export_page

    refuse_overwriting(path, force=force)
    found = export_page(run, path)
    sizes = ", ".join(f"{name} {size / 1e6:.2f}" for name, size in found.parts.items())
    say(f"{sum(found.parts.values()) / 1e6:.1f} MB ({sizes}).", quiet=quiet)
    say(
        f"Weights in 16 bits move a pixel by {found.gap:.2g} of 255 at most. Open it in a browser.",
        quiet=quiet,
    )
    typer.echo(path)
