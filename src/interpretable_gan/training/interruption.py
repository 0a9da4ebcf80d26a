"""Ctrl-C as a question that training asks between two steps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Flag:
    """Whether Ctrl-C was pressed."""

    is_set = False


@contextmanager
def interruption() -> Iterator[Flag]:
    """Turn the first Ctrl-C into a flag, so that the step under way can end; the second stops."""
    flag = Flag()

    def note(number: int, frame: object) -> None:
        flag.is_set = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not the main thread: signals are somebody else's
        yield flag
        return
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, before)
