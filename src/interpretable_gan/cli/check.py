"""``igan check``: the headline figures of a run's card, at small sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.card import (
    EvaluatorImages,
    FeatureWeights,
    check_card,
    refuse_replacing,
)
from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.options import RUN_HELP, SOURCE_HELP, AsJson, Force, Quiet, image_run
from interpretable_gan.cli.progress import say


def check(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[
        str | None, typer.Argument(help=f"By default what the run learned from; {SOURCE_HELP}")
    ] = None,
    evaluator_images: EvaluatorImages = None,
    weights: FeatureWeights = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well a run does what it is asked.

    The card of igan audit on few samples, with its headline figures: how often an edit shows and
    what it flips besides, how well the encoder reads, how far samples are from real images, and
    how much of the discriminator's decision has a name. It is saved as RUN/card.json, in place of
    the one that igan train made; igan audit replaces it by a larger one.

    \b
    Examples:
        igan check runs/faces
        igan check runs/demo portraits --force --json
        igan check runs/celeba celeba/ --evaluator-images 200000 --weights mobilenet.npz
    """
    from interpretable_gan.audit.headline import headline

    opened = image_run(run)
    opened.model()  # a run without weights is refused before any work
    refuse_replacing(run, "igan check", force=force)
    if told := opened.unfinished():
        say(told, quiet=quiet)
    card = check_card(
        opened,
        open_data(opened, source, quiet=quiet),
        by="igan check",
        source=source,
        evaluator_images=evaluator_images,
        weights=weights,
        quiet=quiet,
    )
    typer.echo(card.to_json() if as_json else headline(card))
