"""``igan train`` of a table: a head for a target, fitted at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.options import pairs, refuse_run
from interpretable_gan.cli.progress import progress, say

if TYPE_CHECKING:
    from interpretable_gan.data.tables import TableData
    from interpretable_gan.schema.schema import Schema


def train_table(
    source: str,
    target: str | None,
    out: Path | None,
    changes: dict[str, Any],
    columns: Mapping[str, Any],
    strict: bool,
    *,
    quiet: bool,
) -> None:
    """Fit a model of a table, say how good it is and what it rests on.

    Raises:
        BadParameter: the folder holds a run, or no target is named.
    """
    from interpretable_gan.explain.head_shapes import explain_head
    from interpretable_gan.models.tables.config import TableConfig
    from interpretable_gan.training.run import Run
    from interpretable_gan.training.tables import train_table as train

    config = TableConfig.of(**changes)
    folder = out or Path("runs") / Path(source).resolve().name.partition(".")[0]
    refuse_run(folder)
    data = open_rows_of(
        source,
        target,
        seed=config.seed,
        strict=strict,
        schema=columns["schema"],
        roles={"split": columns["split_column"], "group": columns["group"]},
        quiet=quiet,
    )
    with progress("fitting", quiet=quiet) as show:
        model = train(data, config, run=folder, progress=show)
    for line in quality_lines(Run.open(folder)):
        typer.echo(line)
    if data.schema.target is not None:
        typer.echo(explain_head(model, data).sentence())
    typer.echo(str(folder))
    then = "sample" if data.schema.target is None else "explain"
    say(f"Next: igan {then} {folder}", quiet=quiet)


def is_rows(source: str) -> bool:
    """Whether a source is a table of rows, and not one of images."""
    from interpretable_gan.data.tables import holds_rows

    return holds_rows(source)


def open_rows_of(
    source: str,
    target: str | None,
    *,
    seed: int = 0,
    strict: bool = False,
    schema: Path | None = None,
    roles: Mapping[str, str | None] | None = None,
    quiet: bool = False,
) -> TableData:
    """Open a table with its target, and say which column is what and what was decided."""
    from dataclasses import replace

    from interpretable_gan.data.tables import open_table
    from interpretable_gan.schema.roles import Roles
    from interpretable_gan.schema.schema import Schema

    with progress(f"reading {source}", quiet=quiet):
        data = open_table(
            source,
            seed=seed,
            strict=strict,
            schema=Schema.load(schema) if schema else None,
            roles=Roles(**(roles or {})),
        )
    if data.report is not None:
        say(str(data.report), quiet=quiet)
    if target is None and data.schema.target is None:
        return data
    return replace(data, schema=aimed(data.schema, target, quiet=quiet))


def aimed(schema: Schema, target: str | None, *, quiet: bool) -> Schema:
    """The schema with a target, given as ``name`` or ``name=wanted value``; says which value is
    wanted where none was named."""
    from interpretable_gan.schema.schema import Schema

    name, wanted = schema.target or "", schema.wanted
    if target is not None:
        name, wanted = target, None
        if name not in schema.names and "=" in target:
            ((name, wanted),) = pairs([target]).items()
    name, found = schema.aim(name, wanted)
    if found and wanted is None:
        others = schema[name].levels or schema[name].words or ("0", "1")
        say(
            f"{name}: {found!r} is taken for the wanted value; for the other one say "
            f"--target {name}={others[0]}",
            quiet=quiet,
        )
    return Schema(**(schema.to_dict() | {"target": name, "wanted": found or None}))


def quality_lines(run: Any) -> list[str]:
    """How well drawn rows pass for test rows, and how well a head predicts these, in words."""
    schema, record = run.schema, run.log()[0]
    what = f"{schema.target} = {schema.wanted}" if schema.wanted else schema.target
    lines = []
    for name, measures in (("drawn rows", record.get("fidelity")), (what, record.get("quality"))):
        if not measures:
            continue
        told = [
            f"{each.replace('_', ' ')} {_measure(measure)}"
            for each, measure in measures.items()
            if each != "rows"
        ]
        lines.append(f"{name}, {measures['rows']:,} test rows: {', '.join(told)}")
    return lines


def _measure(measure: Mapping[str, Any]) -> str:
    """``0.83 [0.80, 0.86]``, beside what the most frequent value alone would reach."""
    text = f"{measure['value']:.3f}"
    if measure.get("interval"):
        low, high = measure["interval"]
        text += f" [{low:.3f}, {high:.3f}]"
    if "usual" in measure:
        text += f" (always the most frequent: {measure['usual']:.3f})"
    return text
