"""A run told on one page for people who were not there: `report` writes it as HTML.

Importing this package does no work; the public name loads its module on first use.
"""

from __future__ import annotations

from interpretable_gan.lazy import on_demand

PUBLIC = {"report": "page"}  # public name → module of this package that holds it

__getattr__, __dir__ = on_demand(__name__, PUBLIC)
