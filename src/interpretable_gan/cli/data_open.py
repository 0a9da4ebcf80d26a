"""Data sets opened with progress, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.schema.schema import Schema
    from interpretable_gan.training.run import Run


def open_source(
    source: str,
    *,
    size: int,
    seed: int = 0,
    strict: bool = False,
    schema: Path | Schema | None = None,
    roles: Mapping[str, str | None] | None = None,
    quiet: bool = False,
) -> Dataset:
    """Open a data set with progress, and say which column is what and what was wrong with it."""
    from interpretable_gan.data.open import open_dataset
    from interpretable_gan.schema.roles import Roles
    from interpretable_gan.schema.schema import Schema

    with progress(f"reading {source}", quiet=quiet) as report:
        found = open_dataset(
            source,
            size=size,
            seed=seed,
            strict=strict,
            schema=Schema.load(schema) if isinstance(schema, Path) else schema,
            roles=Roles(**(roles or {})),
            progress=report,
        )
    _tell_report(found, quiet=quiet)
    return found


def open_data(
    run: Run, source: str | None = None, *, strict: bool = False, quiet: bool = False
) -> Dataset:
    """The data of a run, or others with its attributes, with progress; says what was wrong."""
    from interpretable_gan.training import source as data_source

    with progress(f"reading {source or data_source.source_of(run).source}", quiet=quiet) as report:
        found = data_source.open_data(run, source, strict=strict, progress=report)
    _tell_report(found, quiet=quiet)
    return found


def _tell_report(found: Dataset, *, quiet: bool) -> None:
    if found.report is not None:
        say(str(found.report), quiet=quiet)
