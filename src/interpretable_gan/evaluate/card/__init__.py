"""The card: every claim of the design measured on one model, each with a verdict.

Importing this package does no work; each public name loads its module on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PUBLIC = {  # public name → module of this package that holds it
    "Card": "card",
    "Claim": "claim",
    "Measure": "claim",
    "Threshold": "thresholds",
    "THRESHOLDS": "thresholds",
    "Sizes": "sizes",
    "audit": "audit",
    "lost_claims": "audit",
    "importance": "stability",
}


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(PUBLIC)
