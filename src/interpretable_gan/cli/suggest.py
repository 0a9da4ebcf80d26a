"""``igan suggest``: which discovered attributes are worth a person's time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    image_run,
    refuse_picture,
)
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.explain.candidates import Candidates


def suggest(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[
        str | None, typer.Argument(help=f"By default what the run learned from; {SOURCE_HELP}")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option(help="A run of another seed on the same data.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Save a picture: held-out images at both ends of each.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of samples.", min=0)] = 0,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Propose in which order to look at what training discovered.

    First come directions that the generator obeys, that the named attributes do not tell, and that
    runs of other seeds find again. Look at one, then name it with igan name, or teach a word of
    your own with igan teach.

    \b
    Examples:
        igan suggest runs/faces --out directions.png
        igan suggest runs/faces faces/ --also runs/faces-1 --also runs/faces-2
    """
    from interpretable_gan.explain.candidates import rank_discovered
    from interpretable_gan.modalities.pictures import save

    opened = image_run(run)
    others = [image_run(path).model(taught=False) for path in also or ()]
    if out is not None:
        refuse_picture(out, force=force)
    model = opened.model(taught=False)
    data = open_data(opened, source, quiet=quiet)
    with progress("looking at directions", quiet=quiet) as report:
        found = rank_discovered(model, data, also=others, seed=seed, progress=report)
    typer.echo(found.to_json() if as_json else "\n".join(_table(found)))
    if out is not None:
        save(found.plot(data), out)
        say(f"Saved {out}", quiet=quiet)


def _table(found: Candidates) -> list[str]:
    """A line for each direction, what the columns mean, and the sentence."""
    names = [each.attribute.label for each in found.ranked]
    width = max(map(len, [*names, "direction"]))
    seeds = "  again" if found.runs else ""
    lines = [f"{'direction':<{width}}  worth  obeyed  told{seeds}  goes along with"]
    for name, each in zip(names, found.ranked, strict=True):
        again = f"  {min(each.again):5.2f}" if each.again else ""
        lines.append(
            f"{name:<{width}}  {each.worth:5.2f}  {each.obeyed:>6.0%}  {each.told:>4.0%}{again}  "
            f"{each.closest} ({each.correlation.r:+.2f})"
        )
    lines += [
        "Obeyed: share of samples that show more when more is asked for; 50% is chance. Told: "
        "share of its variance that the named attributes tell.",
    ]
    if found.runs:
        lines.append("Again: the least of the other runs' largest correlations with it.")
    return [*lines, "", found.sentence()]
