"""What can be said about an example: attributes, their schema, and tables of labels.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PUBLIC = {  # public name → module of this package that holds it
    "Attribute": "attribute",
    "Schema": "schema",
    "infer_schema": "inference",
    "celeba_schema": "celeba",
}


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(PUBLIC)
