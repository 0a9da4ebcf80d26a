"""Tables on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def print_table(table: Table) -> None:
    """Print a table as wide as its longest cells, so that a pipe or a narrow terminal cuts none."""
    from rich.console import Console

    for column in table.columns:
        column.no_wrap = True
    width = Console(width=10_000).measure(table).maximum
    Console(width=width, highlight=False, markup=False).print(table)
