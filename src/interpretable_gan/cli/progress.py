"""What a command says while it works: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from interpretable_gan.progress import Progress, Status, silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""

SOON = 2.0
"""Seconds after which a stage first says how much time is left."""

TOLD = {
    "images_per_second": "{:,.0f} images/s",
    "reading": "reading error {:.2f}",
    "obeying": "obeying error {:.2f}",
    "paired_accuracy": "real told from generated {:.0%}",
    "reconstruction": "reconstruction {:,.0f}",
    "unnamed_divergence": "divergence {:.0f}",
    "style": "style {:.2f}",
    "residual_share": "decided without a name {:.0%}",
}
"""Of all losses and measurements in the log, those worth watching, in words."""


def say(message: str, *, quiet: bool = False) -> None:
    """Talk, on stderr."""
    if not quiet:
        typer.echo(message, err=True)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Progress]:
    """What shows how far a piece of work has come: a bar, plain lines, or nothing. A remark names
    the stage of the work."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _bars(what) as bars:
            yield bars
    else:
        yield Lines(what)


@dataclass
class Stage:
    """What is known of a stage: how much was done and when it began, how much is done by now, and
    when this was last said."""

    first: int
    start: float
    done: int
    said: float


class Lines:
    """A line when a stage begins, one after two seconds, then one every ten, and one at its end.

    A stage may have others within, which are told apart by their totals.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.remark: str | None = None
        self.stages: dict[int, Stage] = {}
        self.last = ""

    def __call__(self, status: Status) -> None:
        """Say it, if it is time to."""
        now = time.monotonic()
        stage = self.stages.get(status.total)
        if stage is None or status.done < stage.done:
            stage = self.stages[status.total] = Stage(status.done, now, status.done, now)
        stage.done = status.done
        wait = SOON if stage.said - stage.start < SOON else EVERY
        new, self.remark = status.remark != self.remark, status.remark
        if new or status.done >= status.total or now - stage.said >= wait:
            stage.said = now
            before, self.last = self.last, self._line(status, stage, now)
            if self.last != before:  # nothing is said twice
                say(self.last)

    def _line(self, status: Status, stage: Stage, now: float) -> str:
        head = f"{self.what}, {status.remark}" if status.remark else self.what
        parts = [f"{head}: {status.done:,} of {status.total:,}"]
        if stage.first < status.done < status.total:
            left = (now - stage.start) / (status.done - stage.first) * (status.total - status.done)
            parts.append(f"{duration(left)} left")
        return " · ".join([*parts, told] if (told := describe(status)) else parts)


@contextmanager
def _bars(what: str) -> Iterator[Progress]:
    """A bar for the stage under way."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        stages: dict[int | None, TaskID] = {None: bars.add_task(what, total=None, told="")}

        def show(status: Status) -> None:
            _show(bars, stages, what, status)

        yield show


def _show(bars: Bars, stages: dict[int | None, TaskID], what: str, status: Status) -> None:
    """Move the bar of a stage, and hide all others."""
    total = status.total
    if total not in stages:
        stages[total] = bars.add_task(what, total=total, completed=status.done, told="")
    for each in stages.values():
        bars.update(each, visible=each == stages[total])
    if status.done < bars.tasks[bars.task_ids.index(stages[total])].completed:
        bars.reset(stages[total])
    bars.update(
        stages[total],
        description=f"{what}, {status.remark}" if status.remark else what,
        completed=status.done,
        told=describe(status),
    )


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
