"""``igan report``: a run on one page that opens anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    Force,
    Quiet,
    Seed,
    no_reader,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import progress, say

FILE = "report.html"


def report(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[
        str | None, typer.Argument(help=f"By default what the run learned from; {SOURCE_HELP}")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the page; by default RUN/report.html.")
    ] = None,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Tell a run on one page, for people who were not there.

    One HTML file for anybody to read, on a screen, a phone or paper. It carries its pictures and
    asks the network for nothing. What the card says is told in plain words, above all what does
    not hold; without a card the page says so. It needs an extra:
    python -m pip install -c constraints.txt -e '.[report]'

    \b
    Examples:
        igan report runs/faces
        igan report runs/faces faces/ --out faces.html --force
    """
    from interpretable_gan.report.extra import need_charts

    need_charts()  # before anything that takes time to load
    from interpretable_gan.atomic import write_text
    from interpretable_gan.report.page import report as page
    from interpretable_gan.training.run import Run

    opened, path = no_reader(Run.open(run)), out or run / FILE
    refuse_overwriting(path, force=force)
    if opened.config.family == "table":
        from interpretable_gan.report.table_page import table_report
        from interpretable_gan.training.tables import open_rows

        with progress("reporting", quiet=quiet) as tell:
            html = table_report(opened, open_rows(opened, source), progress=tell)
    elif opened.config.family == "recommend":
        from interpretable_gan.report.recommend_page import recommend_report
        from interpretable_gan.training.recommend import open_again

        with progress("reporting", quiet=quiet) as tell:
            html = recommend_report(opened, open_again(opened, source), progress=tell)
    else:
        data = open_data(opened, source, quiet=quiet)
        with progress("reporting", quiet=quiet) as tell:
            html = page(opened, data, seed=seed, progress=tell)
    write_text(path, html)
    say(f"Saved {len(html) / 1e6:.1f} MB; open it in any browser.", quiet=quiet)
    typer.echo(path)
