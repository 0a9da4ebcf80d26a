"""What a report needs beyond the core, asked before anything that takes time to load."""

from __future__ import annotations

from interpretable_gan.errors import MissingExtraError


def need_charts() -> None:
    """Say early that charts cannot be drawn.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise MissingExtraError("a report", "report") from None
