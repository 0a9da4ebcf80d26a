"""What a command says while it works: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from interpretable_gan.progress import Status

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""

TOLD = {
    "images_per_second": "{:,.0f} images/s",
    "reading": "reading error {:.2f}",
    "obeying": "obeying error {:.2f}",
    "paired_accuracy": "real told from generated {:.0%}",
    "residual_share": "decided without a name {:.0%}",
}
"""Of all losses and measurements in the log, those worth watching, in words."""


class Report(Protocol):
    """Says how far a command has come."""

    def __call__(self, done: int, total: int, remark: str = "") -> None:
        """``done`` of ``total`` images, and what else is worth saying."""


def say(message: str, *, quiet: bool = False) -> None:
    """Talk, on stderr."""
    if not quiet:
        typer.echo(message, err=True)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Report]:
    """A ``Report`` for one piece of work: a bar, plain lines, or nothing."""
    if quiet:
        yield lambda done, total, remark="": None
    elif sys.stderr.isatty():
        with _bar(what) as report:
            yield report
    else:
        yield Lines(what)


class Lines:
    """A line every ten seconds and one at the end."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.start = self.last = time.monotonic()
        self.first, self.done, self.total = 0, 0, -1

    def __call__(self, done: int, total: int, remark: str = "") -> None:
        """Say it, if it is time to."""
        now = time.monotonic()
        if total != self.total or done < self.done:  # another piece of the work begins
            self.first, self.total, self.start = done, total, now
        self.done = done
        if now - self.last < EVERY and done < total:
            return
        self.last = now
        parts = [f"{self.what}: {done:,} of {total:,}"]
        if self.first < done < total:
            left = (now - self.start) / (done - self.first) * (total - done)
            parts.append(f"{duration(left)} left")
        say(" · ".join([*parts, remark] if remark else parts))


@contextmanager
def _bar(what: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[remark]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None, remark="")

        def report(done: int, total: int, remark: str = "") -> None:
            bar.update(task, completed=done, total=total, remark=remark)

        yield report


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(42.4), duration(200), duration(7260)
    ('42 s', '3 min 20 s', '2 h 01 min')
    """
    whole = timedelta(seconds=round(seconds)).total_seconds()
    minutes, rest = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def describe(status: Status) -> str:
    """Speed, and the losses that a person can read something from."""
    said = [
        text.format(status.losses[name]) for name, text in TOLD.items() if name in status.losses
    ]
    return " · ".join(said)
