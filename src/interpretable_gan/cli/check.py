"""``igan check``: measure a trained run on its data, in a minute."""

from __future__ import annotations

import json
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
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.gan.model import InterpretableGAN
    from interpretable_gan.training.run import Run

FILE = "quick_check.json"
TRAINING = "training"
"""By whom a check was made that nobody asked for; such a one may be replaced."""
EVALUATOR_IMAGES = 40_000
"""Enough for portraits; real photographs deserve more."""


def check(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    evaluator_images: Annotated[
        int, typer.Option(help="Images to train each network of the evaluator on.", min=1)
    ] = EVALUATOR_IMAGES,
    weights: Annotated[
        Path | None, typer.Option(help="MobileNetV2 weights for the Fréchet distance.")
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well a run does what it is asked.

    Three small networks that training never saw judge how often an edit shows and
    what it flips besides; also how far samples are from real images, and how much
    of the discriminator's decision has a name. The result is saved as
    RUN/quick_check.json, in place of what igan train measured there at its end.

    \b
    Examples:
        igan check runs/faces faces/
        igan check runs/demo portraits --force --json
        igan check runs/celeba celeba/ --evaluator-images 200000 --weights mobilenet.npz
    """
    from interpretable_gan.audit.quick_check import format_table
    from interpretable_gan.cli.data import open_source
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    model = opened.model()
    refuse_overwriting(run / FILE, force=force or _measured_by_training(run))
    if told := opened.unfinished():
        say(told, quiet=quiet)
    config, schema = opened.config, opened.schema.with_discovered(0)
    data = open_source(source, size=config.size, seed=config.seed, schema=schema, quiet=quiet)
    found = measure(
        opened,
        model,
        data,
        by="igan check",
        evaluator_images=evaluator_images,
        weights=weights,
        quiet=quiet,
    )
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else format_table(found))


def measure(
    run: Run,
    model: InterpretableGAN,
    data: Dataset,
    *,
    by: str = TRAINING,
    evaluator_images: int = EVALUATOR_IMAGES,
    weights: Path | None = None,
    quiet: bool = False,
) -> dict[str, Any]:
    """Check the model of a run on its data and save the result in its folder, whole or not at all.

    ``by`` is kept with it; ``weights``: of MobileNetV2; without them the evaluator's own features
    are compared.
    """
    from interpretable_gan.atomic import write_text
    from interpretable_gan.audit.evaluators import train_evaluator
    from interpretable_gan.audit.quick_check import quick_check
    from interpretable_gan.metrics.extractors import mobilenet_v2

    last = run.log()[-1:] or [{}]
    with progress("checking", quiet=quiet) as report:
        evaluator = train_evaluator(
            data,
            images=evaluator_images,
            progress=lambda done, of: report(done, of, "training the evaluator"),
        )
        found = {"by": by} | quick_check(
            model,
            data,
            evaluator=evaluator,
            extractor=mobilenet_v2(weights) if weights else None,
            seconds=last[0].get("seconds"),
            images_per_second=last[0].get("images_per_second"),
            progress=lambda what, done, of: report(done, of, what),
        )
    path = run.path / FILE
    write_text(path, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    say(f"Saved {path}", quiet=quiet)
    return found


def is_checked(run: Path) -> bool:
    """Whether a run has a quick check, and of its present weights."""
    from interpretable_gan.training.checkpoint import WEIGHTS

    made = run / FILE
    return made.is_file() and made.stat().st_mtime >= (run / WEIGHTS).stat().st_mtime


def saved_check(run: Path) -> dict[str, Any] | None:
    """The saved quick check of a run, or None where it was not checked.

    Raises:
        RunError: the file is there but is no JSON.
    """
    path = run / FILE
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it holds no figures by name")
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}); make it again: igan check --force.") from None
    return found


def _measured_by_training(run: Path) -> bool:
    return (saved_check(run) or {}).get("by") == TRAINING
