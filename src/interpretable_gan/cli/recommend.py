"""``igan recommend``: lists of items for users, with reasons, and wishes that move them."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    AsJson,
    Force,
    Quiet,
    pairs,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.models.recommend.model import Recommender
    from interpretable_gan.models.recommend.people import People
    from interpretable_gan.models.recommend.wishes import Wish
    from interpretable_gan.training.run import Run

Source = Annotated[
    Path | None, typer.Argument(help="By default the interactions that the run learned from.")
]
UserOption = Annotated[str | None, typer.Option("--user", help="Id of a user.")]
LikesOption = Annotated[
    list[str] | None,
    typer.Option("--like", help="An item that somebody liked, id or title, in place of a user."),
]
Wishes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="drama=0.5 asks for more of it, by standard deviations of that taste over users, and "
        "drama=-1 for less; year=..1970 or comedy=yes keeps only such items.",
    ),
]
Mood = Annotated[
    int | None,
    typer.Option(help="Let the generator draw the list; each number is another mood.", min=0),
]
Number = Annotated[int, typer.Option(help="Length of the list.", min=1)]


def recommend(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Source = None,
    user: UserOption = None,
    like: LikesOption = None,
    n: Number = 10,
    settings: Wishes = None,
    mood: Mood = None,
    out: Annotated[Path | None, typer.Option(help="Lists of all users, CSV.")] = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Suggest items, say why, and move the list by wishes.

    Each suggestion has its strongest reasons: attributes and tastes, and past items. The score is
    an exact sum of either. A new user needs no training: --like names what they liked.

    \b
    Examples:
        igan recommend runs/films --user 17 --n 10
        igan recommend runs/films --user 17 --set drama=0.5 --set year=..1970
        igan recommend runs/films --like "Fargo (1996)" --like "Alien (1979)"
        igan recommend runs/films --out lists.csv
    """
    from interpretable_gan.models.recommend.wishes import Wish

    opened = recommender_run(run)
    model: Recommender = opened.model("cpu")
    wish = Wish.of(model.item_attributes, pairs(settings or []))
    if out is not None:
        refuse_overwriting(out, force=force)
        _write_all(opened, model, source, n, wish, out, quiet=quiet)
        return
    people, _ = one_user(opened, model, source, user, like, quiet=quiet)
    if mood is not None:
        found = model.draw(people, n, wish, seed=mood).items[0].tolist()
        typer.echo("\n".join(model.catalog.titles[each] for each in found if each >= 0))
    elif as_json:
        typer.echo(json.dumps(_as_rows(model, people, n, wish), ensure_ascii=False))
    else:
        typer.echo("\n".join(told_list(model, people, n, wish)))


def recommender_run(path: Path) -> Run:
    """A run of a recommender.

    Raises:
        RunError: no run, or one of something else.
    """
    from interpretable_gan.errors import RunError
    from interpretable_gan.training.run import Run

    run = Run.open(path)
    if run.config.family != "recommend":
        raise RunError(f"{path} is no recommender: train one on a table of users and items.")
    return run


def one_user(
    run: Run,
    model: Recommender,
    source: Path | None,
    user: str | None,
    like: list[str] | None,
    *,
    quiet: bool,
) -> tuple[People, str]:
    """A user with all that they used, by id or by what they liked, and what to call them.

    Raises:
        BadParameter: neither or both are named.
    """
    from interpretable_gan.models.recommend.people import history_of
    from interpretable_gan.training.recommend import (
        everything_before_now,
        open_again,
        user_number,
    )

    if (user is None) == (not like):
        raise typer.BadParameter("name a --user, or what somebody liked by --like.")
    if like:
        ids = [model.catalog.ids[model.item(each)] for each in like]
        width = len(model.user_columns.names)
        return history_of(ids, model.catalog.ids, width), "somebody new"
    with progress("reading interactions", quiet=quiet):
        data = open_again(run, str(source) if source else None)
    number = user_number(data, str(user))
    people = everything_before_now(model, data)
    return people.at(slice(number, number + 1)), f"user {user}"


def told_list(model: Recommender, people: People, n: int, wish: Wish | None) -> list[str]:
    """A list, each item with its reasons."""
    from interpretable_gan.explain.suggestion import explain_suggestion

    found = [each for each in model.recommend(people, n, wish).items[0].tolist() if each >= 0]
    if not found:
        return ["No item is left that fits."]
    lines, gap = [], 0.0
    for place, item in enumerate(found, 1):
        told = explain_suggestion(model, people, item, wish)
        gap = max(gap, told.sum_error)
        lines.append(f"{place:2}. {told.reasons()}")
    return [*lines, f"All terms add up to the scores; the largest gap is {gap:.0e}."]


def _as_rows(model: Recommender, people: People, n: int, wish: Wish) -> list[dict[str, Any]]:
    from interpretable_gan.explain.suggestion import explain_suggestion

    found = [each for each in model.recommend(people, n, wish).items[0].tolist() if each >= 0]
    return [
        {"id": model.catalog.ids[item], **explain_suggestion(model, people, item, wish).to_dict()}
        for item in found
    ]


def _write_all(
    run: Run,
    model: Recommender,
    source: Path | None,
    n: int,
    wish: Wish,
    out: Path,
    *,
    quiet: bool,
) -> None:
    """Lists of all users, batch by batch, whole or not at all."""
    from interpretable_gan.progress import Status
    from interpretable_gan.training.recommend import everything_before_now, open_again

    data = open_again(run, str(source) if source else None)
    people, names = everything_before_now(model, data), data.people.ids
    part, done = out.with_name(out.name + ".part"), 0
    with progress("recommending", quiet=quiet) as show, part.open("w", encoding="utf-8") as file:
        file.write("user,rank,item,title,score\n")
        for lists in model.stream(people, n, wish):
            text = StringIO()
            writer = csv.writer(text, lineterminator="\n")
            for place, (items, scores) in enumerate(zip(*lists, strict=True)):
                for rank, (item, score) in enumerate(zip(items, scores, strict=True), 1):
                    if item >= 0:
                        title = model.catalog.titles[item]
                        row = [names[done + place], rank, model.catalog.ids[item], title]
                        writer.writerow([*row, f"{score:.6g}"])
            file.write(text.getvalue())
            done += len(lists.items)
            show(Status(done, len(names), "users"))
    part.replace(out)
    say(f"Saved {out}: {len(names):,} users.", quiet=quiet)
