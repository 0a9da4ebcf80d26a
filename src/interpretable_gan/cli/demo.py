"""``igan demo``: the whole way, from drawn portraits to a checked model, in minutes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.card import check_training
from interpretable_gan.cli.data_open import open_source
from interpretable_gan.cli.export import PAGE
from interpretable_gan.cli.learning import learn, learn_together
from interpretable_gan.cli.options import Quiet, free_folder
from interpretable_gan.cli.progress import duration, progress, say
from interpretable_gan.cli.sample import sweep_rows
from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from interpretable_gan.modalities.pictures import Row
    from interpretable_gan.models.gan.config import GANConfig
    from interpretable_gan.models.images import ImageModel

SOURCE = "portraits"
IMAGES, FEWER = 36_000, 20_000
"""Shown in training, fewer on hardware that does not multiply bfloat16 and takes twice as long for
each. docs/results/demo.md says how long that takes, and how well it goes."""

OUT = Path("runs/demo")

PROCESSES = 2
"""On a machine without a GPU, with one thread each: faster than as many threads in one process."""

SHORT = {
    "typical": 1,
    "names_only": 0.3,
    "residual_share": 0.01,
    "threads": 1,
    "save_every": 10_000,
    "opening": 0.35,
    "discovered": 8,
    "weights": {
        "reading": 20,
        "obeying": 1.5,
        "intervening": 0.5,
        "reconstructing": 100,
        "divergence": 0.02,
        "penalty": 0.3,
        "matching": 1,
        "impartiality": 0.5,
        "sharing": 0.5,
        "budget": 15,
        "crediting": 0.03,
        "keeping": 0.05,
    },
}
"""Settings for so short a run, a third of which is mostly spent on drawing from memory. What is
known exactly is asked for exactly. Fifteen attributes that count nearly alike are in the same order
from run to run where they share what any of them could tell."""


def demo(
    table: Annotated[
        bool, typer.Option("--table", help="A table of applicants in place of portraits.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for everything [default: runs/demo, or runs/demo-table]."),
    ] = None,
    images: Annotated[
        int | None,
        typer.Option(
            help="How many images to learn from.",
            min=1,
            show_default=f"{IMAGES}, or {FEWER} where hardware does not multiply bfloat16",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of every random choice.", min=0)] = 0,
    quiet: Quiet = False,
) -> None:
    """Train on drawn portraits, sample, edit and check.

    Everything lies in one folder afterwards. A demo that was stopped goes on where it was. With
    --table the data are drawn applicants for a loan, whose rule the explanations must find.

    \b
    Examples:
        igan demo
        igan demo --images 20000 --out runs/quick
        igan demo --table
    """
    if table:
        _table(out, images, seed=seed, quiet=quiet)
    else:
        _portraits(out, images, seed=seed, quiet=quiet)


def _portraits(out: Path | None, images: int | None, *, seed: int, quiet: bool) -> None:
    """The demo of images."""
    import torch

    from interpretable_gan.arithmetic import available_cores
    from interpretable_gan.audit.card import FILE
    from interpretable_gan.audit.headline import headline
    from interpretable_gan.explorer.page import export_page
    from interpretable_gan.models.gan.config import GANConfig
    from interpretable_gan.training.run import Run

    start = time.monotonic()
    folder = free_folder(out or OUT, FILE, "a finished demo", quiet=quiet)
    begun = Run.open(folder).config if (folder / "config.json").exists() else None
    images = images or (begun.images if begun else _usual_images())
    config = GANConfig.of("tiny", images=images, seed=seed, **SHORT)
    if begun:
        _refuse_other_settings(folder, begun, config)
    data = open_source(SOURCE, size=config.size, seed=seed, quiet=quiet)
    processes = 1 if torch.cuda.is_available() else min(PROCESSES, available_cores())
    resume = begun is not None
    if processes > 1:
        learn_together(data, config, folder, processes, resume=resume, quiet=quiet)
    else:
        learn(data, config, folder, resume=resume, quiet=quiet)
    run = Run.open(folder)
    model = run.model()
    with progress("drawing samples", quiet=quiet):
        pictures = [draw_samples(model, folder), draw_strips(model, folder)]
    typer.echo(headline(check_training(run, data, quiet=quiet)))
    export_page(run, folder / PAGE)
    for path in (*pictures, folder / FILE, folder / PAGE):
        typer.echo(str(path))
    say(
        f"Done in {duration(time.monotonic() - start)}. Open {folder / PAGE} in a browser to play "
        "with the model and ask it why, or try:",
        quiet=quiet,
    )
    say(f"  igan sample {folder} --set smiling=1 --set hair_color=red --n 16", quiet=quiet)
    say(f"  igan sample {folder} --sweep age --n 6", quiet=quiet)


def _table(out: Path | None, images: int | None, *, seed: int, quiet: bool) -> None:
    """The demo of a table.

    Raises:
        BadParameter: a number of images.
    """
    from interpretable_gan.cli.demo_table import OUT, demo_table

    if images is not None:
        raise typer.BadParameter("a table has no images.", param_hint="--images")
    demo_table(out or OUT, seed=seed, quiet=quiet)


def _usual_images() -> int:
    """How many images this machine learns from in some minutes."""
    import torch

    from interpretable_gan.arithmetic import multiplies_bfloat16

    return IMAGES if multiplies_bfloat16("cuda" if torch.cuda.is_available() else "cpu") else FEWER


def _refuse_other_settings(folder: Path, begun: GANConfig, config: GANConfig) -> None:
    """A demo that was stopped goes on as it began."""
    asked = config.model_dump()
    for name, value in begun.model_dump().items():
        if value != asked[name]:
            raise RunError(
                f"{folder} holds an unfinished demo with {name} = {value}, not {asked[name]}: "
                "give the same --images and --seed to go on with it, or another folder with --out."
            )


def draw_samples(model: ImageModel, folder: Path) -> Path:
    """A grid of 64 samples."""
    from interpretable_gan.modalities.pictures import save_grid
    from interpretable_gan.models.base import sample

    return save_grid(sample(model, 64), folder / "samples.png", columns=8, scale=3)


def draw_strips(model: ImageModel, folder: Path) -> Path:
    """One strip per named attribute: the same person at each of its values."""
    from interpretable_gan.modalities.pictures import save_rows

    rows = [_strip(model, attribute.name) for attribute in model.schema.named]
    return save_rows(rows, folder / "strips.png", scale=3)


def _strip(model: ImageModel, name: str) -> Row:
    from interpretable_gan.modalities.pictures import Row

    (row,) = sweep_rows(model, name, n=1)
    return Row(row.images, caption=name, labels=row.labels)
