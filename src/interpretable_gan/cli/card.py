"""Making the card of a run, and whose card may be replaced: what several commands share."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.options import refuse_overwriting
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.audit.card import Card
    from interpretable_gan.audit.sizes import Sizes
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.training.run import Run

EvaluatorImages = Annotated[
    int | None, typer.Option(help="Images to train each network of the evaluators on.", min=64)
]
FeatureWeights = Annotated[
    Path | None, typer.Option(help="MobileNetV2 weights for distances between sets.")
]

FEWEST_EVALUATOR_IMAGES = 1_000
"""Images that each network of the evaluators sees in the check of even the shortest training: with
fewer they read hardly anything. Else the check costs no more images than the training before it."""

REPLACES = {"igan check": ("igan train",), "igan audit": ("igan train", "igan check")}
"""Command → the commands whose card it may replace unasked."""


def measure(
    run: Run,
    data: Dataset,
    *,
    sizes: Sizes,
    also: list[Path] | tuple[Path, ...] = (),
    judges: Path | None = None,
    weights: Path | None = None,
    command: str = "",
    by: str = "",
    quiet: bool = False,
) -> Card:
    """The card of a run, with progress on stderr."""
    from interpretable_gan.audit.auditing import audit
    from interpretable_gan.audit.published import published_faces, published_judges
    from interpretable_gan.metrics.extractors import mobilenet_v2
    from interpretable_gan.training.run import Run

    log = run.log()
    with progress("auditing", quiet=quiet) as report:
        return audit(
            run.model(taught=False),
            data,
            sizes=sizes,
            also=[Run.open(path).model(taught=False) for path in also],
            judges=published_judges(judges, data.schema) if judges else (),
            faces=published_faces(judges) if judges else None,
            extractor=mobilenet_v2(weights) if weights else None,
            training=log[-1] if log else {},
            seed=run.config.seed,
            command=command,
            by=by,
            progress=report,
        )


def check_card(
    run: Run,
    data: Dataset,
    *,
    by: str,
    source: str | None = None,
    evaluator_images: int | None = None,
    weights: Path | None = None,
    quiet: bool = False,
) -> Card:
    """The card of a run at small sizes, saved in its folder, whole or not at all."""
    from interpretable_gan.audit.card import FILE
    from interpretable_gan.audit.sizes import Sizes

    sizes = Sizes.quick()
    if evaluator_images is not None:
        sizes = sizes.model_copy(update={"evaluator": evaluator_images})
    options = [("evaluator-images", evaluator_images), ("weights", weights)]
    command = to_make_again("igan check", run.path, source, options)
    card = measure(run, data, sizes=sizes, weights=weights, command=command, by=by, quiet=quiet)
    card.save(run.path / FILE)
    say(f"Saved {run.path / FILE}", quiet=quiet)
    return card


def check_training(run: Run, data: Dataset, *, quiet: bool = False) -> Card:
    """The card that training ends with: `check_card`, whose evaluators see no more images a network
    than the run did, but at least `FEWEST_EVALUATOR_IMAGES`."""
    from interpretable_gan.audit.sizes import Sizes

    shown = max(run.config.images, FEWEST_EVALUATOR_IMAGES)
    fewer = shown if shown < Sizes.quick().evaluator else None
    return check_card(run, data, by="igan train", evaluator_images=fewer, quiet=quiet)


def to_make_again(
    command: str,
    run: Path,
    source: str | None,
    options: Sequence[tuple[str, int | Path | None]],
) -> str:
    """What to type to have a card made again. An option that is True has no value; those that are
    None are left out."""
    words = [*command.split(), run.name if run.is_absolute() else str(run)]
    words += [source] if source else []
    for option, value in options:
        if value is not None:
            words += [f"--{option}"] if value is True else [f"--{option}", str(value)]
    return shlex.join([*words, "--force"])


def is_checked(run: Path) -> bool:
    """Whether a run has a card, and of its present weights; times of files say nothing, since
    clocks are set."""
    from interpretable_gan.audit.card import Card
    from interpretable_gan.errors import RunError
    from interpretable_gan.models.origin import fingerprint
    from interpretable_gan.training.run import Run

    try:
        return Card.load(run).model == fingerprint(Run.open(run).model("cpu", taught=False))
    except RunError:
        return False


def refuse_replacing(run: Path, by: str, *, force: bool) -> None:
    """Stop before a card is replaced that somebody asked for: a larger one replaces it unasked, and
    so does any that of training.

    Raises:
        BadParameter: there is such a card.
    """
    from interpretable_gan.audit.card import FILE

    refuse_overwriting(run / FILE, force=force or made_by(run) in REPLACES[by])


def made_by(run: Path) -> str | None:
    """The command that made the card of a run; None where there is none that can be read."""
    from interpretable_gan.audit.card import Card
    from interpretable_gan.errors import RunError

    try:
        return Card.load(run).by
    except RunError:
        return None
