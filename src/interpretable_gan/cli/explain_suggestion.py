"""``igan explain RUN --user 17 --item 50``: why an item is suggested, or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    AsJson,
    Force,
    Quiet,
    pairs,
    refuse_picture,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.recommend import (
    LikesOption,
    Source,
    UserOption,
    Wishes,
    one_user,
    recommender_run,
)

if TYPE_CHECKING:
    from interpretable_gan.explain.suggestion import SuggestionExplanation
    from interpretable_gan.models.recommend.model import Recommender
    from interpretable_gan.training.run import Run

ASKED = frozenset({"--user", "--item", "--like", "--taste"})
"""Options by which a question about a recommender is told."""

BARS = 10
"""Rows of each sum that are printed."""


def suggestion(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Source = None,
    user: UserOption = None,
    like: LikesOption = None,
    item: Annotated[str | None, typer.Option(help="Id or title of an item.")] = None,
    rather: Annotated[
        str | None, typer.Option(help="Compare with this item: why not that one?")
    ] = None,
    taste: Annotated[
        str | None, typer.Option(help="What a discovered taste is, such as d03.")
    ] = None,
    settings: Wishes = None,
    n: Annotated[int, typer.Option(help="Length of the list that would change.", min=1)] = 10,
    out: Annotated[Path | None, typer.Option(help="A picture of the reasons.")] = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say why an item is suggested to a user, or why not.

    The score is taken apart twice, exactly: by popularity, attributes and tastes, and by past
    items. What would change the list is verified by scoring again. The word suggestion may be left
    out.

    \b
    Examples:
        igan explain suggestion runs/films --user 17 --item 50
        igan explain runs/films --user 17 --item 50 --rather "Alien (1979)"
        igan explain runs/films --taste d03
    """
    opened = recommender_run(run)
    model: Recommender = opened.model("cpu")
    if taste is not None:
        _taste(opened, model, source, taste, as_json=as_json)
        return
    if item is None:
        raise typer.BadParameter("name an --item, or a --taste.", param_hint="--item")
    if out is not None:
        refuse_picture(out, force=force)
    number, other = model.item(item), None if rather is None else model.item(rather)
    from interpretable_gan.explain.list_changes import change_of_list
    from interpretable_gan.explain.suggestion import explain_suggestion
    from interpretable_gan.modalities.pictures import save
    from interpretable_gan.models.recommend.wishes import Wish

    wish = Wish.of(model.item_attributes, pairs(settings or []))
    people, who = one_user(opened, model, source, user, like, quiet=quiet)
    found = explain_suggestion(model, people, number, wish)
    with progress("looking for changes", quiet=quiet):
        change = change_of_list(model, people, number, n=n, wish=wish)
    rival = None if other is None else explain_suggestion(model, people, other, wish)
    if as_json:
        told = found.to_dict() | {"change": change.__dict__, "rather": rival and rival.to_dict()}
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        typer.echo("\n".join(_in_full(found, who, change.sentence(), rival)))
    if out is not None:
        save(found.plot(), out)
        say(f"Saved {out}: orange speaks for it, blue against.", quiet=quiet)


def _in_full(
    found: SuggestionExplanation, who: str, change: str, rival: SuggestionExplanation | None
) -> list[str]:
    """Sentence, both sums, the comparison and the change."""
    lines = [f"For {who}: {found.sentence()} {found.against()}".rstrip(), ""]
    for title, values in (("attribute or taste", found.by_row), ("past item", found.by_item)):
        names = sorted(values, key=lambda name: -abs(values[name]))[:BARS]
        width = max([len(title), *map(len, names)])
        lines += [f"{title:<{width}}  {'adds':>8}"]
        lines += [f"{name:<{width}}  {values[name]:+8.3f}" for name in names] + [""]
    told = ", ".join(f"{name} {share:.0%}" for name, share in found.shares.items())
    lines.append(f"Of all that is added, in absolute size: {told}.")
    if rival is not None:
        lines.append(_compared(found, rival))
    gap = f"All terms add up to the score; the largest gap is {found.sum_error:.0e}."
    note = "Figures are against the mean of the hundred items that would be suggested first."
    return [*lines, change, f"{note} {gap}"]


def _compared(found: SuggestionExplanation, rival: SuggestionExplanation) -> str:
    """What sets two items apart most."""
    gaps = {row: found.by_row[row] - rival.by_row[row] for row in found.by_row}
    order = sorted(gaps, key=lambda row: -abs(gaps[row]))[:3]
    told = ", ".join(f"{row} ({gaps[row]:+.3f})" for row in order)
    first = "ahead of" if found.score > rival.score else "behind"
    return f"{found.item} is {first} {rival.item} (number {rival.rank}) mostly by {told}."


def _taste(run: Run, model: Recommender, source: Path | None, name: str, *, as_json: bool) -> None:
    """What a discovered taste is."""
    from interpretable_gan.explain.taste import explain_taste
    from interpretable_gan.training.recommend import everything_before_now, open_again

    data = open_again(run, str(source) if source else None)
    found = explain_taste(model, everything_before_now(model, data), name)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    who = ", ".join(data.people.ids[each] for each in found.users)
    lines: list[Any] = [
        found.sentence(),
        f"most: {', '.join(found.high)}",
        f"least: {', '.join(found.low)}",
        f"users who have it most: {who}",
        f"more of it brings: {', '.join(found.arrives) or 'nothing'}",
        f"and drives out: {', '.join(found.leaves) or 'nothing'}",
    ]
    typer.echo("\n".join(lines))
