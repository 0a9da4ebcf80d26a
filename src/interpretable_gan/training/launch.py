"""Several equal processes on this machine, started as torchrun does."""

from __future__ import annotations

import json
import logging
import os
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interpretable_gan.training.interruption import Terminated

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

LAUNCH = "igan"
"""How `launch` names its launches, so that its processes know who has opened the data before."""

WORD = "igan: "
"""How the error begins that a process leaves for whoever launched it."""


@dataclass(frozen=True)
class Failure:
    """Processes that did not end well.

    Args:
        code: the exit code to leave with.
        why: in a sentence; None where one of them has printed a traceback.
        killed: whether one was ended from outside, so that the same can go on.
    """

    code: int
    why: str | None = None
    killed: bool = False


def launch(command: Sequence[str], processes: int) -> Failure | None:
    """Run a command in so many processes that find each other; None when all end well.

    Raises:
        KeyboardInterrupt: this process was asked to stop, and has passed it on; `Terminated` where
            that was SIGTERM.
    """
    from torch.distributed.elastic.multiprocessing.api import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.CRITICAL)  # what the processes say is shorter
    try:
        with tempfile.TemporaryDirectory() as logs:
            config = LaunchConfig(
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
            elastic_launch(config, command[0])(*command[1:])
    except ChildFailedError as error:
        return _failure(error.failures)
    except SignalException as asked:
        raise Terminated if asked.sigval == signal.SIGTERM else KeyboardInterrupt from None
    finally:
        logging.disable(logging.NOTSET)
    return None


def leave_word(sentence: str) -> None:
    """Why this process fails, for whoever launched it among others, if anybody did."""
    if path := os.environ.get("TORCHELASTIC_ERROR_FILE"):
        word = {"message": f"{WORD}{sentence}", "timestamp": int(time.time())}
        Path(path).write_text(json.dumps(word), encoding="utf-8")


def launched() -> bool:
    """Whether torchrun, or `launch`, started this process."""
    return "LOCAL_RANK" in os.environ


def launched_here() -> bool:
    """Whether `launch` did, and the process that did speaks for all."""
    return os.environ.get("TORCHELASTIC_RUN_ID") == LAUNCH


def first() -> bool:
    """Whether this is the process that writes and talks."""
    return os.environ.get("RANK", "0") == "0"


def _failure(failures: Mapping[int, ProcessFailure]) -> Failure:
    """What to say of processes that failed: the word that one left, or which one was ended from
    outside and not because of another."""
    code = max(1, *(each.exitcode for each in failures.values()))
    for failure in failures.values():
        if failure.message.startswith(WORD):
            return Failure(code, failure.message.removeprefix(WORD))
    for rank, failure in failures.items():
        if failure.exitcode < 0 and failure.exitcode != -signal.SIGTERM:
            return Failure(code, f"process {rank} was ended by {failure.signal_name()}.", True)
    return Failure(code)
