"""Commands in processes of their own, forked from one that has loaded everything: what the parts
of faults.py share."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

TINY = {
    "size": 16,
    "generator_widths": (8, 8, 8),
    "discriminator_widths": (8, 8),
    "discovered": 2,
    "style": 4,
    "images": 96,
    "batch": 8,
    "precision": "float32",
    "threads": 1,
    "save_every": 24,
}
"""Settings of the smallest networks, and of a run of twelve steps with a checkpoint every three."""


def warm() -> None:
    """Load what commands load, so that a fork begins to work at once, and make everything small.

    No thread may run before the forks: `ALONE` belongs into the environment of this process.
    """
    import accelerate.state  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import torch._dynamo
    import torch.profiler
    from PIL import Image

    from interpretable_gan.audit import auditing, headline  # noqa: F401
    from interpretable_gan.audit.sizes import Sizes
    from interpretable_gan.cli import main  # noqa: F401
    from interpretable_gan.explorer import hub, onnx_files, page  # noqa: F401
    from interpretable_gan.report import page as report  # noqa: F401
    from interpretable_gan.steer import fit  # noqa: F401
    from interpretable_gan.training import loop

    Image.init()
    torch.set_num_threads(1)
    loop.LOG_EVERY = 3
    few = Sizes(
        samples=40, edits=5, pictures=40, places=1, curves=4, codes=50, evaluator=64, resamples=50
    )
    Sizes.quick = classmethod(lambda cls: few)  # type: ignore[assignment, method-assign]


def fork(
    action: Callable[[], int], talk: Path, environment: Mapping[str, str] | None = None
) -> int:
    """Do something in a process of its own, which says what it says to a file; its number."""
    process = os.fork()
    if process:
        return process
    code = 99
    with suppress(BaseException):  # nothing of the parent may run on in this process
        os.environ |= environment or {}
        file = os.open(talk, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(file, 2)
        try:
            code = action()
        except BaseException:
            os.write(2, traceback.format_exc().encode())
    os._exit(code)


def igan(*arguments: object) -> Callable[[], int]:
    """A command, to be called in a fork."""

    def call() -> int:
        from interpretable_gan.cli.main import run

        return run([str(each) for each in arguments])

    return call


def ended(process: int, patience: float) -> int | None:
    """The exit code of a process, negative for a signal; None while it runs on."""
    until = time.monotonic() + patience
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        time.sleep(0.002)


def finish(process: int, patience: float = 120) -> int:
    """The exit code of a process; one that does not end in time is killed.

    Raises:
        TimeoutError: it did not end.
    """
    code = ended(process, patience)
    if code is None:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        raise TimeoutError(f"a process ran for {patience} seconds")
    return code
