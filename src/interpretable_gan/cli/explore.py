"""``igan explore``: the page to play with a model, on this machine."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from interpretable_gan.cli.options import RUN_HELP, Quiet, no_reader
from interpretable_gan.cli.progress import say


def explore(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    host: Annotated[
        str, typer.Option(help="Where to listen; others can reach any but 127.0.0.1.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 is any that is free.", min=0, max=65535)] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page at once.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Play with a model in the browser.

    Move attributes, ask why, edit a picture of yours: docs/explorer.md shows every view. The page
    is that of igan export, and the model computes in the browser. Served, it can also
    refine a picture before editing, and save names of discovered attributes to the run. The address
    holds a random token, without which the server answers nothing. Ctrl-C ends it.

    \b
    Examples:
        igan explore runs/faces
        igan explore runs/faces --port 8000 --no-browser
    """
    import torch

    from interpretable_gan.data.decoding import pillow_warnings
    from interpretable_gan.explorer.server import LOOPBACK, Explorer
    from interpretable_gan.training.run import Run

    opened = no_reader(Run.open(run))
    torch.set_num_threads(1)  # more than one waits for cores that the browser uses
    model = opened.model("cpu", taught=False)
    with pillow_warnings(), Explorer(opened, model, host=host, port=port) as server:
        if host != LOOPBACK:
            say(f"warning: other machines can reach this page at {host}.", quiet=quiet)
        typer.echo(server.address)
        if browser:
            webbrowser.open(server.address)
        say("Ctrl-C ends it.", quiet=quiet)
        server.serve_forever()
