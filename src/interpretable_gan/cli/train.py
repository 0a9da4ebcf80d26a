"""``igan train``: from a data set to a run."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interpretable_gan.cli.card import check_card, is_checked, made_by
from interpretable_gan.cli.data import SchemaFile, open_source
from interpretable_gan.cli.options import SOURCE_HELP, GroupColumn, Quiet, SplitColumn, Strict
from interpretable_gan.cli.options import settings as read_settings
from interpretable_gan.cli.progress import describe, progress, say
from interpretable_gan.errors import RunError

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.gan.config import GANConfig
    from interpretable_gan.progress import Status
    from interpretable_gan.training.run import Run

LAUNCH = "igan"
"""How ``--nproc`` names its launches, so that its processes know who has opened the data before."""

WORD = "igan: "
"""How our errors begin, on a terminal and where a process leaves its own for who launched it."""

FEW = 5
"""Notes of the doctor that are told at once."""


@dataclass(frozen=True)
class Lesson:
    """Which data a run learns from; kept in its folder, so that its name is enough to resume."""

    source: str
    strict: bool = False
    schema: str | None = None
    group: str | None = None
    split_column: str | None = None

    FILE = "source.json"

    def open(self, config: GANConfig, *, quiet: bool) -> Dataset:
        """The data set, as the config wants it."""
        schema = None if self.schema is None else Path(self.schema)
        return open_source(
            self.source,
            size=config.size,
            seed=config.seed,
            strict=self.strict,
            schema=schema,
            roles={"split": self.split_column, "group": self.group},
            quiet=quiet,
        )

    def save(self, run: Path) -> None:
        """Write it into a run folder, which may not be there yet."""
        from interpretable_gan.atomic import write_text

        write_text(run / self.FILE, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def of(cls, run: Path) -> Lesson:
        """What a run learns from.

        Raises:
            RunError: it was not started by this command, or the file is damaged.
        """
        try:
            return cls(**json.loads((run / cls.FILE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise RunError(
                f"{run} does not say what it learns from: igan train SOURCE --resume {run}"
            ) from None
        except (ValueError, TypeError) as error:
            raise RunError(f"{run / cls.FILE} is damaged ({error}); name the data again.") from None


def train(
    source: Annotated[
        str | None, typer.Argument(help=f"{SOURCE_HELP} A run that is resumed knows its own.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="tiny (32×32, CPU minutes), small (64×64), base (128×128, GPU); each draws other "
            "sizes by --set size=64."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run [default: runs/SOURCE].")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the config, such as batch=32.")
    ] = None,
    images: Annotated[int | None, typer.Option(help="How many images to show in all.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of every random choice.", min=0)] = None,
    schema: SchemaFile = None,
    group: GroupColumn = None,
    split_column: SplitColumn = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with a run that was stopped.")] = None,
    strict: Strict = False,
    nproc: Annotated[int, typer.Option(help="Processes on this machine.", min=1)] = 1,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write curves to RUN/tensorboard.")
    ] = False,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Leave out the quick check at the end.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Train a model. Ctrl-C saves; --resume goes on as if it had never stopped.

    At the end it measures how well the model does what it is asked (igan check).

    \b
    Examples:
        igan train portraits --out runs/portraits
        igan train faces/ --preset small --set batch=32 --set weights.obeying=4
        igan train --resume runs/faces
        igan train faces/ --nproc 2
        torchrun --nproc-per-node 8 -m interpretable_gan.cli.main train faces/
    """
    chosen = read_settings(settings or [])
    if "preset" in chosen:
        raise typer.BadParameter(
            f"a preset is chosen by --preset {chosen['preset']}.", param_hint="--set"
        )
    roles = {"group": group, "split_column": split_column}
    chosen |= {k: v for k, v in {"images": images, "seed": seed}.items() if v is not None}
    if resume is not None:
        if chosen or preset or out:
            raise typer.BadParameter(
                "a run is resumed with its own config; leave out --preset, --set, --images, "
                "--seed and --out.",
                param_hint="--resume",
            )
        folder, config = resume, _config_of(resume)
        lesson = Lesson.of(resume) if source is None else _lesson(source, strict, schema, roles)
    elif source is not None:
        folder, config = out or _folder(source), _config(preset or "tiny", chosen)
        lesson = _lesson(source, strict, schema, roles)
        if first() and (folder / "config.json").exists():
            raise typer.BadParameter(
                f"{folder} holds a run: igan train --resume {folder}, or name another folder.",
                param_hint="--out",
            )
    else:
        raise typer.BadParameter(f"name the data: {SOURCE_HELP}", param_hint="SOURCE")

    if launched_here():
        _end_with_launcher()
    quiet = quiet or not first()
    data = lesson.open(config, quiet=quiet or launched_here())
    if resume is not None:
        _refuse_other_data(folder, data)
    if first():
        lesson.save(folder)
    how = {"resume": resume is not None, "tensorboard": tensorboard, "quiet": quiet}
    if nproc > 1 and not _launched():
        learn_together(lesson, config, folder, nproc, **how)
    else:
        learn(data, config, folder, **how)
    if first() and not launched_here():
        if not no_check:
            _check(folder, data, nproc, quiet=quiet)
        typer.echo(str(folder))
        then = f"check {folder} {lesson.source}" if no_check else f"sample {folder} --n 16"
        say(f"Next: igan {then}", quiet=quiet)


def learn(
    data: Dataset,
    config: GANConfig,
    folder: Path,
    *,
    resume: bool = False,
    tensorboard: bool = False,
    quiet: bool = False,
) -> Run:
    """Train with progress and the doctor's notes; says how to go on where Ctrl-C stopped it."""
    from interpretable_gan.training.loop import train as run_training
    from interpretable_gan.training.run import Run
    from interpretable_gan.training.tracking import TensorBoard

    track = TensorBoard(folder) if tensorboard and first() else None
    said: set[str] = set()
    went_on = False
    try:
        with progress("training", quiet=quiet) as report:

            def show(status: Status) -> None:
                nonlocal went_on
                went_on = True
                report(replace(status, remark=describe(status)))
                if track is not None:
                    track(status)
                kinds = {re.sub(r"[\d.,]+", "", n): n for n in status.notes}  # figures change
                new = [note for kind, note in kinds.items() if kind not in said]
                said.update(kinds)
                for note in new[:FEW]:
                    say(f"doctor: {note}", quiet=quiet)
                if len(new) > FEW:
                    say(f"doctor: and {len(new) - FEW} more, see igan info {folder}", quiet=quiet)

            run_training(data, config, run=folder, resume=resume, progress=show)
        if not went_on:
            say(f"{folder} has seen all of its {config.images:,} images before.", quiet=quiet)
    except KeyboardInterrupt:
        world = int(os.environ.get("WORLD_SIZE", "1"))
        say(f"Saved. To go on: {_go_on(folder, world)}", quiet=quiet)
        raise
    finally:
        if track is not None:
            track.close()
    return Run.open(folder)


def learn_together(
    lesson: Lesson,
    config: GANConfig,
    folder: Path,
    processes: int,
    *,
    resume: bool = False,
    tensorboard: bool = False,
    quiet: bool = False,
) -> None:
    """`learn` in equal processes on this machine, started as torchrun does. The data was opened
    before, and ``lesson`` saved.

    Raises:
        typer.Exit: one of them failed, with its exit code; why is said.
    """
    import logging
    import tempfile

    from torch.distributed.elastic.multiprocessing.api import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    arguments = ["train", lesson.source]
    if resume:
        arguments += ["--resume", str(folder)]
    else:
        changed = config.model_dump(mode="json", exclude_unset=True, exclude={"preset"})
        arguments += ["--preset", config.preset, "--out", str(folder)]
        arguments += [f"--set={name}={json.dumps(value)}" for name, value in changed.items()]
    arguments += [f"--schema={lesson.schema}"] if lesson.schema else []
    arguments += [f"--group={lesson.group}"] if lesson.group else []
    arguments += [f"--split-column={lesson.split_column}"] if lesson.split_column else []
    arguments += ["--strict"] * lesson.strict + ["--quiet"] * quiet
    arguments += ["--tensorboard"] * tensorboard
    command = [sys.executable, "-m", "interpretable_gan.cli.main", *arguments]
    logging.disable(logging.CRITICAL)  # what the processes say is shorter
    try:
        with tempfile.TemporaryDirectory() as logs:
            launch = LaunchConfig(
                min_nodes=1,
                max_nodes=1,
                nproc_per_node=processes,
                logs_specs=DefaultLogsSpecs(log_dir=logs),
                run_id=LAUNCH,
                rdzv_backend="c10d",
                rdzv_endpoint="localhost:0",
                monitor_interval=0.2,
                max_restarts=0,
            )
            elastic_launch(launch, command[0])(*command[1:])
    except ChildFailedError as error:
        if why := _why(error.failures, _go_on(folder, processes)):
            say(why)
        raise typer.Exit(max(1, *(each.exitcode for each in error.failures.values()))) from None
    except SignalException:
        raise KeyboardInterrupt from None
    finally:
        logging.disable(logging.NOTSET)


def _why(failures: Mapping[int, ProcessFailure], go_on: str) -> str | None:
    """What to say of processes that failed: the word that one left, or which one was ended from
    outside and not because of another. None where they have printed what only we can mend.
    """
    for failure in failures.values():
        if failure.message.startswith(WORD):
            return failure.message
    for rank, failure in failures.items():
        if failure.exitcode < 0 and failure.exitcode != -signal.SIGTERM:
            return f"{WORD}process {rank} was ended by {failure.signal_name()}. To go on: {go_on}"
    return None


def leave_word(sentence: str) -> None:
    """Why this process fails, for whoever launched it among others, if anybody did."""
    if path := os.environ.get("TORCHELASTIC_ERROR_FILE"):
        word = {"message": f"{WORD}{sentence}", "timestamp": int(time.time())}
        Path(path).write_text(json.dumps(word), encoding="utf-8")


def _check(folder: Path, data: Dataset, processes: int, *, quiet: bool) -> None:
    """The quick check of a trained run, where it has none of its present weights."""
    from interpretable_gan.audit.headline import headline
    from interpretable_gan.training.run import Run

    if is_checked(folder):
        return
    if made_by(folder) == "igan audit":
        say(
            f"The card of {folder} is of earlier weights; to make it again: "
            f"igan audit {folder} --force",
            quiet=quiet,
        )
        return
    run = Run.open(folder)
    try:
        typer.echo(headline(check_card(run, data, by="igan train", quiet=quiet)))
    except KeyboardInterrupt:
        say(f"Trained, but not checked. To go on: {_go_on(folder, processes)}", quiet=quiet)
        raise


def _end_with_launcher() -> None:
    """So that nobody but a launched process trains this run."""
    from interpretable_gan.training.runtime import end_with_parent

    end_with_parent()


def _refuse_other_data(folder: Path, data: Dataset) -> None:
    """Before it is noted as what a run learns from."""
    from interpretable_gan.training.origin import refuse_other_data
    from interpretable_gan.training.run import Run

    refuse_other_data(Run.open(folder), data)


def _config(preset: str, chosen: dict[str, object]) -> GANConfig:
    from interpretable_gan.models.gan.config import GANConfig

    return GANConfig.of(preset, **chosen)


def _config_of(run: Path) -> GANConfig:
    from interpretable_gan.training.run import Run

    return Run.open(run).config


def _lesson(
    source: str, strict: bool, schema: Path | None, roles: Mapping[str, str | None]
) -> Lesson:
    """Paths as seen from anywhere, since a run may be resumed from another folder."""
    named = source if not Path(source).exists() else str(Path(source).resolve())
    return Lesson(named, strict, None if schema is None else str(schema.resolve()), **roles)


def _go_on(folder: Path, processes: int) -> str:
    """The command that resumes a run."""
    return f"igan train --resume {folder}" + (f" --nproc {processes}" if processes > 1 else "")


def _folder(source: str) -> Path:
    return Path("runs") / Path(source).resolve().stem


def _launched() -> bool:
    """Whether torchrun, or ``--nproc``, started this process."""
    return "LOCAL_RANK" in os.environ


def launched_here() -> bool:
    """Whether ``--nproc`` did, and the process that did speaks for all."""
    return os.environ.get("TORCHELASTIC_RUN_ID") == LAUNCH


def first() -> bool:
    """Whether this is the process that writes and talks."""
    return os.environ.get("RANK", "0") == "0"
