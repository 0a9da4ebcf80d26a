"""Training with progress and the doctor's notes, in one process or several: what ``igan train`` and
``igan demo`` share."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from interpretable_gan.cli.progress import progress, say
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.training.interruption import Terminated
from interpretable_gan.training.launch import WORD, first, launch

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.config import TrainingConfig

LEGENDS = {
    "gan": "Progress tells four figures. Reading error: of the encoder on real images. Obeying "
    "error: of generated images against what was asked. Lower is better for both. Real told from "
    "generated: share of pairs, 50% is a guess. Decided without a name: the residual's share of "
    "the decision.",
    "vae": "Progress tells three figures, lower is better for all. Reading error: of the encoder "
    "on real images. Reconstruction: squared error in nats an image. Divergence: nats an image "
    "that what has no name takes.",
    "frozen": "Progress tells reading error: of the encoder on labelled images. Style: surprise of "
    "the network that reads z, in nats a number, ½ where it reads nothing. Lower is better for "
    "both. Decided without a name: the residual's share of the decision.",
}
"""What the figures mean that progress shows of each family, see `cli.progress.TOLD`."""

TERMINATED = 143
"""Exit code after SIGTERM, by the convention of shells: a scheduler that sees it can start again
what Ctrl-C (130) has ended for good."""

FEW = 5
"""Notes of the doctor that are told at once."""


def learn(
    data: Dataset,
    config: TrainingConfig,
    folder: Path,
    *,
    resume: bool = False,
    tensorboard: bool = False,
    quiet: bool = False,
) -> None:
    """Train with progress and the doctor's notes; says how to go on where Ctrl-C stopped it.

    Raises:
        typer.Exit: stopped by SIGTERM, after saving.
    """
    from interpretable_gan.training.loop import train

    said: set[str] = set()
    went_on = False
    try:
        with progress("training", quiet=quiet) as show, _curves(folder, tensorboard) as track:

            def tell(status: Status) -> None:
                nonlocal went_on
                if not went_on:
                    say(LEGENDS[config.family], quiet=quiet)
                went_on = True
                show(status)
                track(status)
                _tell_notes(status.notes, said, folder, quiet=quiet)

            train(data, config, run=folder, resume=resume, progress=tell)
    except KeyboardInterrupt as stop:
        world = int(os.environ.get("WORLD_SIZE", "1"))
        say(f"Saved. To go on: {how_to_resume(folder, world)}", quiet=quiet)
        if isinstance(stop, Terminated):
            raise typer.Exit(TERMINATED) from None
        raise
    if not went_on:
        say(f"{folder} has seen all of its {config.images:,} images before.", quiet=quiet)


@contextmanager
def _curves(folder: Path, tensorboard: bool) -> Iterator[Progress]:
    """What writes curves for TensorBoard, where they are wanted."""
    from interpretable_gan.training.tracking import TensorBoard

    if not tensorboard or not first():
        yield silent
        return
    track = TensorBoard(folder)
    try:
        yield track
    finally:
        track.close()


def _tell_notes(notes: tuple[str, ...], said: set[str], folder: Path, *, quiet: bool) -> None:
    """Say the doctor's notes of a new kind, and remember them; figures in them may change."""
    kinds = {re.sub(r"[\d.,]+", "", note): note for note in notes}
    new = [note for kind, note in kinds.items() if kind not in said]
    said.update(kinds)
    for note in new[:FEW]:
        say(f"doctor: {note}", quiet=quiet)
    if len(new) > FEW:
        say(f"doctor: and {len(new) - FEW} more, see igan info {folder}", quiet=quiet)


def learn_together(
    data: Dataset,
    config: TrainingConfig,
    folder: Path,
    processes: int,
    *,
    resume: bool = False,
    tensorboard: bool = False,
    options: Sequence[str] = (),
    quiet: bool = False,
) -> None:
    """`learn` in equal processes on this machine, each of them an ``igan train`` with further
    ``options``. The data were opened before, so that they find them decoded.

    Raises:
        typer.Exit: one of them failed, with its exit code, and why is said; or stopped by SIGTERM.
    """
    assert data.source is not None, "opened by open_dataset"
    arguments = ["train", data.source.source, *options]
    if resume:
        arguments += ["--resume", str(folder)]
    else:
        changed = config.model_dump(mode="json", exclude_unset=True, exclude={"preset", "family"})
        arguments += ["--model", config.family, "--preset", config.preset, "--out", str(folder)]
        arguments += [f"--set={name}={json.dumps(value)}" for name, value in changed.items()]
    arguments += ["--tensorboard"] * tensorboard + ["--quiet"] * quiet
    try:
        failure = launch(
            [sys.executable, "-m", "interpretable_gan.cli.main", *arguments], processes
        )
    except Terminated:
        raise typer.Exit(TERMINATED) from None
    if failure is None:
        return
    if failure.why:
        go_on = f" To go on: {how_to_resume(folder, processes)}" if failure.killed else ""
        say(f"{WORD}{failure.why}{go_on}")
    raise typer.Exit(failure.code)


def how_to_resume(folder: Path, processes: int) -> str:
    """The command that resumes a run."""
    return f"igan train --resume {folder}" + (f" --nproc {processes}" if processes > 1 else "")
