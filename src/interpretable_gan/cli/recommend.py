"""``igan recommend``: lists of items for users, with reasons, and wishes that move them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
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
    from interpretable_gan.models.recommend.model import Lists, Recommender
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
        DataError: there is no such user or item.
    """
    from interpretable_gan.errors import DataError, did_you_mean
    from interpretable_gan.models.recommend.people import history_of
    from interpretable_gan.training.recommend import histories_of_all

    if (user is None) == (not like):
        raise typer.BadParameter("name a --user, or what somebody liked by --like.")
    if like:
        ids = [model.catalog.ids[model.item(each)] for each in like]
        width = len(model.user_columns.names)
        return history_of(ids, model.catalog.ids, width), "somebody new"
    known: list[str] = []
    with progress("reading interactions", quiet=quiet):
        for each, people in histories_of_all(run, model, str(source) if source else None):
            if user in each.ids:
                place = each.ids.index(user)
                return people.at(slice(place, place + 1)), f"user {user}"
            known += each.ids
    raise DataError(f"no user {user!r}.{did_you_mean(str(user), known)}")


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
    from interpretable_gan.atomic import write
    from interpretable_gan.data.intake import PROBLEMS
    from interpretable_gan.progress import Status
    from interpretable_gan.training.recommend import histories_of_all

    done, problems = 0, Counter[str]()

    def save(path: Path) -> None:
        nonlocal done
        with (
            path.open("w", encoding="utf-8") as file,
            progress("recommending", quiet=quiet) as show,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["user", "rank", "item", "title", "score"])
            everybody = histories_of_all(run, model, str(source) if source else None)
            for each, people in everybody:
                users = iter(each.ids)
                problems.update(each.problems)
                for lists in model.stream(people, n, wish):
                    writer.writerows(_rows(model, lists, users))
                    done += len(lists.items)
                    show(Status(done, max(done, len(each.ids) * each.parts), "users"))

    write(out, save)
    say(f"Saved {out}: {done:,} users.", quiet=quiet)
    for problem, times in problems.items():
        say(f"  {problem}: {times:,}, {PROBLEMS[problem]}", quiet=quiet)


def _rows(model: Recommender, lists: Lists, users: Iterator[str]) -> Iterator[list[Any]]:
    """The lists of the next users, one row for each item."""
    for items, scores in zip(lists.items.tolist(), lists.scores.tolist(), strict=True):
        user = next(users)
        for rank, (item, score) in enumerate(zip(items, scores, strict=True), 1):
            if item >= 0:
                ids, titles = model.catalog.ids, model.catalog.titles
                yield [user, rank, ids[item], titles[item], f"{score:.6g}"]
