"""``igan explain``: why the discriminator judges an image so, where an attribute is, what flips."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from interpretable_gan.cli.calibrating import CALIBRATION, calibration_of, is_stale
from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.edit import EVALUATOR_IMAGES, EvaluatorImages, train_evaluator_of
from interpretable_gan.cli.explain_images import images
from interpretable_gan.cli.explain_rows import rows
from interpretable_gan.cli.explain_suggestion import ASKED, suggestion
from interpretable_gan.cli.explain_target import target
from interpretable_gan.cli.images import EyeFinder, Eyes, eyes_of, one_image
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

if TYPE_CHECKING:
    from interpretable_gan.explain.counterfactuals import Counterfactual
    from interpretable_gan.explain.decision import DecisionExplanation
    from interpretable_gan.explain.reading import ReadingExplanation
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.shapes import Images
    from interpretable_gan.training.run import Run

REFERENCE = 64
"""Generated images with which a decision is compared."""

TOLD = 8
"""Attributes in the table of a decision."""


ImageFile = Annotated[Path, typer.Argument(help="An image file; cut and resized where needed.")]
ByAttribute = Annotated[
    str | None,
    typer.Option("--attribute", help="Where and how surely this attribute is seen."),
]
Flip = Annotated[
    str | None,
    typer.Option(
        help="The smallest edit that flips this: 'decision', or the reading of an attribute."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Save a picture of heat maps or the edit.")]
Data = Annotated[
    str | None,
    typer.Option(
        help="Calibrate probabilities on held-out images, or train what verifies an edit, on "
        f"{SOURCE_HELP}"
    ),
]


MEANINGS = {
    "agreement": "Agreement: does the image show the attribute as it was read? Realism: does what "
    "it shows of it look real? Above 0 counts for real, below 0 against.",
    "divergence": "Divergence: how far the posterior is from what the code claims, or from the "
    "prior of what was discovered, in nats below 0. The rest of the bound is reconstruction.",
}
"""What a table says of its columns, by the first of them."""


class Questions(typer.core.TyperGroup):
    """The questions; a first word that is none of them is a run, whose rows are asked about, or
    whose suggestions where an option says so."""

    def resolve_command(self, context: Any, words: list[str]) -> Any:
        """The question, with the words behind it."""
        if words and words[0] not in self.commands and not words[0].startswith("-"):
            options = {word.partition("=")[0] for word in words}
            words = ["suggestion" if options & ASKED else "rows", *words]
        return super().resolve_command(context, words)


app = typer.Typer(rich_markup_mode=None, cls=Questions)


@app.callback(invoke_without_command=True)
def questions(context: typer.Context) -> None:
    """Say why an image looks real, or a target is predicted.

    \b
    Examples:
        igan explain runs/credit applicants.csv
        igan explain runs/films --user 17 --item 50
        igan explain image runs/faces photo.jpg --out heat.png
        igan explain image runs/faces photo.jpg --attribute smiling
        igan explain target runs/chests photo.png
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("image")
def explain(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    image: ImageFile,
    attribute: ByAttribute = None,
    flip: Flip = None,
    eyes: Eyes = None,
    judges: EyeFinder = None,
    out: Out = None,
    data: Data = None,
    evaluator_images: EvaluatorImages = EVALUATOR_IMAGES,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say why an image looks real, and what would flip that.

    The discriminator's score is taken apart into attributes and places, exactly, and compared with
    images that the model generates itself. With --attribute the encoder's reading is taken apart
    instead; --data makes its probability one that comes true, and RUN/calibration.json keeps it.
    With --flip the smallest edit of the image is looked for that changes the decision or a reading;
    an evaluator trained on --data verifies it.

    \b
    Examples:
        igan explain image runs/faces photo.jpg --out heat.png
        igan explain image runs/faces photo.jpg --attribute smiling --data faces/
        igan explain image runs/faces photo.jpg --flip eyeglasses --data faces/ --out flip.png
        igan explain image runs/faces photo.jpg --eyes 120,95,178,97 --json
    """
    from interpretable_gan.explain.reading import explain_reading
    from interpretable_gan.modalities.pictures import save

    opened = image_run(run)
    if flip is not None and attribute is not None:
        raise typer.BadParameter("--attribute and --flip ask two questions; keep one.")
    model = opened.model()
    _check_names(model, attribute, flip)
    if out is not None:
        refuse_picture(out, force=force)
    if data is not None and flip is None:
        refuse_overwriting(run / CALIBRATION, force=force or is_stale(run / CALIBRATION, model))
    shown = one_image(image, model, eyes=eyes_of(eyes, judges, [image]), quiet=quiet)
    found: Counterfactual | ReadingExplanation | DecisionExplanation
    if flip is not None:
        found = flipped(opened, model, shown, flip, data, evaluator_images, quiet=quiet)
        text, plot = found.sentence(), found.plot
    elif attribute is not None:
        calibration = calibration_of(opened, model, data, quiet=quiet)
        found = explain_reading(model, shown, attribute, calibration)
        text, plot = found.sentence(), partial(found.plot, shown)
    else:
        found = compared(model, shown)
        text, plot = table(found), partial(found.plot, shown)
    typer.echo(found.to_json() if as_json else text)
    if out is not None:
        save(plot(), out)
        colours = ": orange pulls up, blue pulls down." if flip is None else ""
        say(f"Saved {out}{colours}", quiet=quiet)


def _check_names(model: ImageModel, attribute: str | None, flip: str | None) -> None:
    """A misspelt name is told before all else.

    Raises:
        UnknownAttributeError: the schema has no such attribute.
        BadParameter: a name that means two things, or a decision that nothing takes.
    """
    from interpretable_gan.explain.counterfactuals import DECISION

    asked = attribute if flip in (None, DECISION) else flip
    if asked is not None:
        model.schema[asked]
    if flip == DECISION and model.no_discriminator:
        raise typer.BadParameter(model.no_discriminator, param_hint="--flip")
    if flip == DECISION and DECISION in model.schema.names:
        raise typer.BadParameter(
            f"{flip!r} is an attribute of this run as well as the discriminator's decision, so "
            "neither can be asked for: train with another name for the attribute.",
            param_hint="--flip",
        )


def flipped(
    run: Run,
    model: ImageModel,
    images: Images,
    flip: str,
    source: str | None,
    evaluator_images: int,
    *,
    quiet: bool,
) -> Counterfactual:
    """The smallest edit of an image that flips a decision or a reading.

    Raises:
        BadParameter: a decision, but no data to find its threshold on.
    """
    from interpretable_gan.explain.counterfactuals import DECISION, counterfactual
    from interpretable_gan.explain.threshold import decision_threshold

    if flip == DECISION and source is None:
        raise typer.BadParameter("--flip decision needs --data, to find where scores part.")
    evaluator, threshold = None, None
    if source is not None:
        data = open_data(run, source, quiet=quiet)
        evaluator = train_evaluator_of(data, evaluator_images, quiet=quiet)
        threshold = decision_threshold(model, data) if flip == DECISION else None
    with progress("explaining", quiet=quiet) as report:
        return counterfactual(
            model, images, flip, evaluator=evaluator, threshold=threshold, progress=report
        )


def compared(model: ImageModel, images: Images) -> DecisionExplanation:
    """The decision on images, against what the model generates itself."""
    from interpretable_gan.explain.decision import explain_decision
    from interpretable_gan.models.base import sample

    generated = sample(model, REFERENCE)
    reference = explain_decision(model, generated)
    return explain_decision(model, images).against(reference, "images that the model generated")


def table(decision: DecisionExplanation) -> str:
    """The sentence, and the attributes that move the score most."""
    named = {attribute.name for attribute in decision.schema.named}
    added = {
        (row["part"], row["attribute"]): row["contribution"]
        for row in decision.to_rows()
        if row["image"] == 0
    }
    strongest = decision.strongest(count=TOLD)
    kinds = [part.label for part in decision.terms.parts if part.source == "named"]
    kinds = list(dict.fromkeys(kinds))
    width = max(len(decision.schema[name].label) for name, _ in strongest)
    head = "  ".join([f"{'attribute':<{width}}", *kinds, *([" both"] if len(kinds) > 1 else [])])
    lines = [decision.sentence(), "", head]
    for name, both in strongest:
        shown = [*[""] * (len(kinds) - 1), decision.told(both)]
        if name in named:
            shown = [decision.told(added[kind, name]) for kind in kinds]
        cells = [f"{cell:>{len(kind)}}" for cell, kind in zip(shown, kinds, strict=True)]
        cells += [f"{decision.told(both):>5}"] if len(kinds) > 1 else []
        lines.append("  ".join([f"{decision.schema[name].label:<{width}}", *cells]))
    lines += [
        "",
        *(MEANINGS[kind] for kind in kinds[:1]),
        f"These move the score most, of {len(decision.schema.names)}. All parts of all of them add "
        f"up to it; the largest gap is {decision.sum_error:.0e}.",
    ]
    return "\n".join(lines)


app.command("images")(images)
app.command("target")(target)
app.command("rows")(rows)
app.command("suggestion")(suggestion)
