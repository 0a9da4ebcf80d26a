"""``igan train`` of what is fitted at once: a table of rows, or of users and items; a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import pairs, refuse_run
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.train_reader import train_reader
from interpretable_gan.cli.train_table import is_rows, train_table

if TYPE_CHECKING:
    from interpretable_gan.training.run import Run

Users = Annotated[
    Path | None, typer.Option(help="Of interactions: a table of users with their attributes.")
]
Items = Annotated[
    Path | None, typer.Option(help="Of interactions: a table of items with their attributes.")
]
ColumnNames = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="Of interactions: which column is the user, item, rating or time, such as user=who.",
        metavar="ROLE=NAME",
    ),
]
Liked = Annotated[
    str | None,
    typer.Option(help="Of interactions: the rating from which on an item counts as liked, or any."),
]


@dataclass(frozen=True)
class Sides:
    """Options that only interactions have."""

    users: Path | None
    items: Path | None
    columns: tuple[str, ...]
    liked: str | None

    def __bool__(self) -> bool:
        return bool(self.users or self.items or self.columns or self.liked)

    def told(self) -> dict[str, Any]:
        """As `open_interactions` takes them.

        Raises:
            BadParameter: what is no number.
        """
        liked = None
        if self.liked not in (None, "any"):
            try:
                liked = float(self.liked or "")
            except ValueError:
                raise typer.BadParameter(
                    f"{self.liked!r} is neither a rating nor any.", param_hint="--liked"
                ) from None
        return {
            "users": self.users,
            "items": self.items,
            "columns": pairs(self.columns) or None,
            "liked": liked,
            "feedback": {"any": "implicit", None: None}.get(self.liked, "explicit"),
        }


def is_fitted_at_once(source: str, sides: Sides, target: str | None) -> bool:
    """Whether a source is no images, or images with a target."""
    from interpretable_gan.data.interactions import holds_interactions

    return bool(sides or target) or is_rows(source) or holds_interactions(source)


def fit_at_once(
    source: str,
    target: str | None,
    out: Path | None,
    changes: dict[str, Any],
    columns: Mapping[str, Any],
    sides: Sides,
    strict: bool,
    *,
    quiet: bool,
) -> None:
    """Fit a model of a table, a recommender of interactions, or a reader of images."""
    from interpretable_gan.data.interactions import holds_interactions

    if sides or (target is None and holds_interactions(source)):
        if target or any(columns.values()):
            raise typer.BadParameter(
                "interactions take --users, --items, --column and --liked; leave out --target, "
                "--schema, --group and --split-column."
            )
        train_recommender(source, out, changes, sides, strict, quiet=quiet)
    elif target is None or is_rows(source):
        train_table(source, target, out, changes, columns, strict, quiet=quiet)
    else:
        train_reader(source, target, out, changes, columns, strict, quiet=quiet)


def train_recommender(
    source: str,
    out: Path | None,
    changes: dict[str, Any],
    sides: Sides,
    strict: bool,
    *,
    quiet: bool,
) -> None:
    """Fit a recommender, say how good its lists are, and show one.

    Raises:
        BadParameter: the folder holds a run.
    """
    from interpretable_gan.cli.recommend import told_list
    from interpretable_gan.data.interactions import open_interactions
    from interpretable_gan.models.recommend.config import RecommendConfig
    from interpretable_gan.training.recommend import everything_before_now
    from interpretable_gan.training.recommend import train_recommender as train
    from interpretable_gan.training.run import Run

    config = RecommendConfig.of(**changes)
    folder = out or Path("runs") / Path(source).resolve().name.partition(".")[0]
    refuse_run(folder)
    with progress(f"reading {source}", quiet=quiet):
        data = open_interactions(source, seed=config.seed, strict=strict, **sides.told())
    say(str(data.report), quiet=quiet)
    with progress("fitting", quiet=quiet) as show:
        model = train(data, config, run=folder, progress=show)
    for line in quality_lines(Run.open(folder)):
        typer.echo(line)
    first = data.people.ids[0]
    typer.echo(f"For user {first}:")
    people = everything_before_now(model, data).at(slice(0, 1))
    typer.echo("\n".join(told_list(model, people, 10, None)))
    typer.echo(str(folder))
    say(f"Next: igan recommend {folder} --user {first}", quiet=quiet)


def quality_lines(run: Run) -> list[str]:
    """How well lists find what users liked in the test split, in words."""
    measures = run.log()[0].get("quality") or {}
    told = []
    for name, each in measures.items():
        if name != "users":
            low, high = each["interval"] or (each["value"],) * 2
            told.append(
                f"{name} {each['value']:.3f} [{low:.3f}, {high:.3f}] "
                f"(what is popular: {each['usual']:.3f})"
            )
    if not told:
        return []
    return [f"latest likes of {measures['users']:,} users, all items ranked: {', '.join(told)}"]
