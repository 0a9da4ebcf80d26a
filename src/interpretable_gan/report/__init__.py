"""A run told on one page for people who were not there: `report` writes it as HTML.

Importing this package does no work; the public name loads its module on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PUBLIC = {"report": "page"}  # public name → module of this package that holds it


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(PUBLIC)
