"""Ctrl-C, or being told to end, as a question that training asks between two steps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ASKED = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what schedulers and ``kill`` send."""


class Terminated(KeyboardInterrupt):
    """Stopped by SIGTERM, as schedulers do before they take a machine away."""


class Flag:
    """Whether we were asked to stop, and by which signal."""

    is_set = False
    signal: int | None = None

    def stop(self) -> KeyboardInterrupt:
        """What to raise once the work is saved."""
        return Terminated() if self.signal == signal.SIGTERM else KeyboardInterrupt()


@contextmanager
def interruption() -> Iterator[Flag]:
    """Turn the first signal into a flag, so that the step under way can end; the second stops."""
    flag = Flag()

    def note(number: int, frame: object) -> None:
        flag.is_set, flag.signal = True, number
        for each, handler in before.items():
            signal.signal(each, handler)

    before = {each: signal.getsignal(each) for each in ASKED}
    try:
        for each in ASKED:
            signal.signal(each, note)
    except ValueError:  # not the main thread: signals are somebody else's
        yield flag
        return
    try:
        yield flag
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
