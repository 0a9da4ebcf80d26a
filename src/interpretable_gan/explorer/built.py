"""What the front end, in explorer/, was built into."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def asset(name: str) -> bytes:
    """A built file by its name."""
    return files("interpretable_gan.explorer").joinpath("assets", name).read_bytes()
