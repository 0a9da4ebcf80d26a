"""``igan name``: give a discovered attribute a name that people understand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.options import RUN_HELP, Force, Quiet, image_run
from interpretable_gan.cli.progress import say


def name(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    attribute: Annotated[str, typer.Argument(help="A discovered attribute, such as d07.")],
    alias: Annotated[str, typer.Argument(help="What people call it; '' takes the alias away.")],
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Name what training discovered.

    The alias is kept in RUN/schema.yaml, and explanations then use it. Look at the attribute first:
    igan sample RUN --sweep d07, or of a recommender igan explain RUN --taste d07.

    \b
    Examples:
        igan name runs/faces d07 "warm light"
        igan name runs/films d03 "cult science fiction"
    """
    from interpretable_gan.explain.discovered import set_alias
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    if opened.config.family != "recommend":
        opened = image_run(run)
    before = opened.schema[attribute].alias
    if before and not force:
        raise typer.BadParameter(
            f"{attribute} is called {before!r} already; give --force to replace it."
        )
    set_alias(opened, attribute, alias)
    say(
        f"{attribute} is now called {alias!r}." if alias else f"{attribute} has no alias now.",
        quiet=quiet,
    )
