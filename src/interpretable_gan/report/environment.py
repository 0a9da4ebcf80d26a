"""How templates of pages are filled."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """Names from schemas and tables are never taken for HTML."""
    return Environment(
        loader=PackageLoader("interpretable_gan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
