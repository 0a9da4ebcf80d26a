"""``igan explain RUN rows.csv``: why rows of a table get their predicted target."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import (
    RUN_HELP,
    AsJson,
    Force,
    Quiet,
    pairs,
    refuse_overwriting,
    refuse_picture,
)
from interpretable_gan.cli.progress import say

if TYPE_CHECKING:
    from interpretable_gan.explain.head_shapes import HeadExplanation
    from interpretable_gan.explain.rows import RowExplanation
    from interpretable_gan.models.tables.model import TableModel
    from interpretable_gan.models.tables.reference import Reference
    from interpretable_gan.training.run import Run

TOLD = 10
"""Rows, columns or pairs that are printed."""

DECISION, RANGE = "decision", ".."
"""What is to be flipped, and between the ends of a number that is wanted."""

Rows = Annotated[
    Path | None,
    typer.Argument(help="Rows to explain, a table; without one, what counts over all."),
]
RowNumber = Annotated[
    int | None, typer.Option("--row", help="One row alone, counted from 1, in full.", min=1)
]
Against = Annotated[
    str | None,
    typer.Option(
        help="Whom to compare with: approved or all training rows, or those of a value, such as "
        "age=18..25."
    ),
]
Column = Annotated[str | None, typer.Option("--column", help="The shape function of one column.")]
Flip = Annotated[
    str | None,
    typer.Option(
        help="'decision': small changes by which the row would be approved. Of a target that is a "
        "number, from where to where it should be, such as 25.. or ..40."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="A table with probability and reasons of every row, or a picture of one."),
]


def rows(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    table: Rows = None,
    row: RowNumber = None,
    against: Against = None,
    column: Column = None,
    flip: Flip = None,
    out: Out = None,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say why rows of a table get their predicted target.

    The score is an exact sum over columns and pairs of columns. Reasons are the columns that count
    most against a row, compared with approved training rows. The word rows may be left out.

    \b
    Examples:
        igan explain rows runs/credit
        igan explain rows runs/credit --column age_years
        igan explain runs/credit applicants.csv --out reasons.csv
        igan explain runs/credit applicants.csv --row 3 --out why.png
        igan explain runs/credit applicants.csv --row 3 --against age_years=18..25
        igan explain runs/credit applicants.csv --row 3 --flip decision
        igan explain runs/wages people.csv --row 3 --flip 2500..
    """
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    _refuse_other(opened)
    _refuse_flip(flip, row)
    if out is not None:
        _refuse_out(out, row, force=force)
    model: TableModel = opened.model("cpu")
    model.head  # noqa: B018, it says early where there is none
    if table is None:
        _over_all(opened, model, column, as_json=as_json)
        return
    from interpretable_gan.explain.rows import explain_rows

    cells = model.modality.check(table)
    if row is not None and row > len(cells):
        raise typer.BadParameter(f"{table} has {len(cells):,} rows.", param_hint="--row")
    chosen = cells if row is None else cells[row - 1 : row]
    if flip is not None:
        _changes(opened, model, chosen, flip, out, as_json=as_json, quiet=quiet)
        return
    group = _group(opened, model, against)
    found = explain_rows(model, chosen, against=group)
    if as_json:
        typer.echo(found.to_json())
    elif row is None:
        _print_rows(found)
    else:
        typer.echo("\n".join(_in_full(found)))
    if out is not None:
        _save(found, out, row, quiet=quiet)


def _refuse_other(run: Run) -> None:
    """Rows are of tables.

    Raises:
        BadParameter: the run is of something else.
    """
    others = {
        "recommend": f"is a recommender: igan explain {run.path} --user ID --item ID.",
        "gan": f"is a run of images: igan explain image {run.path} IMAGE.",
    }
    if told := others.get(run.config.family):
        raise typer.BadParameter(f"{run.path} {told}", param_hint="RUN")


def _refuse_flip(flip: str | None, row: int | None) -> None:
    """Changes are of the decision on one row, or of its number.

    Raises:
        BadParameter: of something else.
    """
    if flip is not None and (row is None or not (flip == DECISION or RANGE in flip)):
        raise typer.BadParameter(
            "say --row N --flip decision, or of a number --row N --flip 25..", param_hint="--flip"
        )


def _refuse_out(out: Path, row: int | None, *, force: bool) -> None:
    """Before the work begins: what cannot be written."""
    if out.suffix.lower() == ".csv":
        refuse_overwriting(out, force=force)
    elif row is None:
        raise typer.BadParameter(
            "--out takes a table of all rows, reasons.csv, or with --row a picture of one.",
            param_hint="--out",
        )
    else:
        refuse_picture(out, force=force)


def _over_all(run: Run, model: TableModel, column: str | None, *, as_json: bool) -> None:
    """What counts over all training rows, or the shape function of a column."""
    from interpretable_gan.explain.head_shapes import explain_head
    from interpretable_gan.training.tables import open_rows

    found = explain_head(model, open_rows(run))
    if as_json:
        typer.echo(found.to_json())
    elif column is None:
        typer.echo("\n".join(_importance(found)))
    else:
        typer.echo("\n".join(_shape(found, column)))


def _importance(found: HeadExplanation) -> list[str]:
    names = found.strongest(TOLD)
    width = max(map(len, names))
    lines = [f"{name:<{width}}  {found.importance[name]:10.3f}" for name in names]
    return [found.sentence(), "", f"{'column':<{width}}  importance", *lines]


def _shape(found: HeadExplanation, column: str) -> list[str]:
    pieces = found.shape(column)
    width = max(len(column), *(len(piece.label) for piece in pieces))
    lines = [
        f"{p.label:<{width}}  {p.value:+8.3f}  [{p.interval[0]:+.3f}, {p.interval[1]:+.3f}]  "
        f"{p.rows:8,}"
        for p in pieces
    ]
    note = "Points are added to the score; intervals are those of refits on 85 % of the rows."
    return [f"{column:<{width}}  {'points':>8}  {'95 %':<16}  {'rows':>8}", *lines, "", note]


def _changes(
    run: Run,
    model: TableModel,
    row: Any,
    flip: str,
    out: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Small changes by which a row would be approved, or its number be as asked.

    Raises:
        BadParameter: a goal that is none of the target.
    """
    from interpretable_gan.errors import SchemaError
    from interpretable_gan.explain.row_changes import explain_changes
    from interpretable_gan.modalities.pictures import save
    from interpretable_gan.training.tables import open_rows

    goal = None if flip == DECISION else flip
    try:
        found = explain_changes(model, row, open_rows(run), goal=goal)
    except SchemaError as error:
        raise typer.BadParameter(str(error), param_hint="--flip") from None
    typer.echo(found.to_json() if as_json else found.sentence())
    if out is not None:
        save(found.plot(), out)
        say(f"Saved {out}.", quiet=quiet)


def _group(run: Run, model: TableModel, against: str | None) -> str | Reference | None:
    """The group to compare with: a kept one by its name, or training rows of some value."""
    if against is None or "=" not in against:
        return against
    import torch

    from interpretable_gan.models.tables.reference import Reference
    from interpretable_gan.schema.conditions import conditions
    from interpretable_gan.training.tables import open_rows

    data = open_rows(run)
    cells = data.cells[data.rows("train")]
    for name, condition in conditions(data.schema, pairs([against])).items():
        cells = cells[condition.holds(cells[:, data.schema.names.index(name)])]
    return Reference.of(model.head, torch.from_numpy(cells), against)


def _print_rows(found: RowExplanation) -> None:
    """Prediction and reasons of the first rows."""
    for number in range(min(len(found), TOLD)):
        typer.echo(f"row {number + 1}: {found.sentence(number)}")
    if len(found) > TOLD:
        typer.echo(f"… and {len(found) - TOLD:,} more rows; --out reasons.csv has all.")
    typer.echo(f"All terms add up to the score; the largest gap is {found.sum_error:.0e}.")


def _in_full(found: RowExplanation) -> list[str]:
    """Sentence, bars in numbers, and reasons of one row."""
    ranked = found.strongest(0, TOLD)
    width = max(len(name) for name, _ in ranked)
    lines = [f"{name:<{width}}  {share:+8.3f}  {found.cells[name][0]}" for name, share in ranked]
    pairs_of = [part for part in found.terms.parts if "pairs" in part.kind]
    strongest = sorted(
        (
            (name, float(value))
            for part in pairs_of
            for name, value in zip(part.rows, part.values[0, :, 0], strict=True)
        ),
        key=lambda pair: -abs(pair[1]),
    )[:3]
    told = [found.sentence(), "", f"{'column':<{width}}    points  value", *lines]
    if strongest:
        pairs_told = ", ".join(f"{name} {value:+.3f}" for name, value in strongest)
        told += ["", f"Of this pairs of columns hold: {pairs_told}."]
    if reasons := found.reasons():
        told += ["", "Reasons:", *(f"{n}. {reason}" for n, reason in enumerate(reasons, 1))]
    return [*told, "", f"All terms add up to the score; the largest gap is {found.sum_error:.0e}."]


def _save(found: RowExplanation, out: Path, row: int | None, *, quiet: bool) -> None:
    """A table of all rows, or a picture of one."""
    from interpretable_gan.atomic import write_text
    from interpretable_gan.modalities.pictures import save

    if out.suffix.lower() != ".csv":
        save(found.plot(), out)
        say(f"Saved {out}: orange pulls up, blue pulls down.", quiet=quiet)
        return
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    reasons = [found.reasons(number) for number in range(len(found))]
    most = max(map(len, reasons), default=0)
    writer.writerow(["row", "predicted", "approved", *(f"reason_{n + 1}" for n in range(most))])
    for number, told in enumerate(reasons):
        verdict = "yes" if found.approved[number] else "no"
        cells = [row or number + 1, f"{found.predicted[number]:.6g}", verdict, *told]
        writer.writerow(cells + [""] * (most - len(told)))
    write_text(out, text.getvalue())
    say(f"Saved {out}.", quiet=quiet)
