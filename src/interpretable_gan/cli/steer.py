"""``igan steer``: shift z where a value is asked for in full, so that it shows."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.data_open import open_data
from interpretable_gan.cli.options import (
    RUN_HELP,
    SOURCE_HELP,
    AsJson,
    Force,
    Quiet,
    image_run,
    refuse_overwriting,
)
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.progress import Progress, Status

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.steered import Steerable, Steered


def steer(
    run: Annotated[Path, typer.Argument(help=RUN_HELP)],
    source: Annotated[
        str | None, typer.Argument(help=f"By default what the run learned from; {SOURCE_HELP}")
    ] = None,
    budget: Annotated[
        float,
        typer.Option(
            help="Most that an edit may change the other attributes, where 1 is what a fresh style "
            "changes.",
            min=0,
        ),
    ] = 1.0,
    directions: Annotated[
        str,
        typer.Option(
            help="Where they come from: boundaries of what is read, principal components of what "
            "is drawn, or closed-form, of a frozen generator's first layer."
        ),
    ] = "boundaries",
    seed: Annotated[int, typer.Option(help="Of readers and samples.", min=0)] = 0,
    as_json: AsJson = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Make what is asked in full easier to see.

    Fits one constant shift of the generator's input for each value of each attribute, and saves
    them as RUN/shifts.safetensors. What a value should look like is told by readers: small
    networks trained on half of the training groups of the data. The other half stays unseen,
    for those who judge the run.

    For each value it prints how often readers see it in edited images that did not show it, and
    how much an edit changes the other attributes, both without and with the shift.

    \b
    Examples:
        igan steer runs/faces
        igan steer runs/faces faces/ --budget 0.5 --force
        igan steer runs/theirs --directions components
    """
    from interpretable_gan.models.steered import FILE, save_shifts

    opened = image_run(run)
    refuse_overwriting(run / FILE, force=force)
    model = opened.model(steered=False, taught=False)
    if told := opened.unfinished():
        say(told, quiet=quiet)
    if model.typical == 1:
        say(
            f"{run} was trained with typical 1: labels say all, and nothing can be asked beyond "
            "them. There is nothing to steer, and no shifts were saved."
        )
        return
    data = open_data(opened, source, quiet=quiet)
    with progress("steering", quiet=quiet) as report:
        steered, found = _steer(model, data, budget, directions, seed, report)
    save_shifts(run / FILE, steered.shifts)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(_table(found)))
    say(f"Saved {run / FILE}", quiet=quiet)


def _steer(
    model: Steerable,
    data: Dataset,
    budget: float,
    directions: str,
    seed: int,
    progress: Progress,
) -> tuple[Steered, dict[str, Any]]:
    """The steered model, and what each value gained on samples that shifts were not fitted with."""
    from interpretable_gan.steer.fit import check_budget, steer
    from interpretable_gan.steer.readers import train_readers
    from interpretable_gan.steer.trial import Trial, values

    check_budget(budget)
    readers = train_readers(data, device=model.device, seed=seed, progress=progress)
    how: dict[str, Any] = {"budget": budget, "directions": directions, "seed": seed}
    steered = steer(model, data, readers=readers, progress=progress, **how)
    rows: list[dict[str, Any]] = []
    if values(model.schema, readers.readable):
        progress(Status(0, 2, "comparing edits"))
        trial = Trial(model, readers, seed + 1)
        outcomes = {"plain": trial.outcome(model), "steered": trial.outcome(steered)}
        progress(Status(2, 2, "comparing edits"))
        for number, value in enumerate(trial.values):
            row: dict[str, Any] = {"attribute": value.attribute, "value": value.label}
            for name, outcome in outcomes.items():
                row[f"seen_{name}"] = _number(outcome.success[number].item())
                row[f"change_{name}"] = _number(outcome.change[number].item())
            side = steered.shifts.on if value.side > 0 else steered.shifts.off
            rows.append(row | {"shift": side[value.column].norm().item()})
    named, readable = data.schema.named, readers.readable
    return steered, {
        "budget": budget,
        "directions": directions,
        "readers": readers.checksum,
        "steered": steered.shifts.steered,
        "continuous": [each.name for each in named if each.kind == "continuous"],
        "unreadable": [each.name for each in named if each.name not in readable],
        "values": rows,
    }


def _table(found: dict[str, Any]) -> list[str]:
    """A line for each value, and what is not steered, and why."""
    rows, budget = found["values"], found["budget"]
    names = [f"{row['attribute']} {row['value']}" for row in rows]
    width = max(map(len, [*names, "value"])) + 2
    lines = [
        f"{'':<{width}}  seen when asked for   others change",
        f"{'value':<{width}}     plain   steered   plain  steered",
    ]
    for name, row in zip(names, rows, strict=True):
        mark = "" if row["shift"] else " *"
        lines.append(
            f"{name + mark:<{width}}  {_percent(row['seen_plain']):>8}  "
            f"{_percent(row['seen_steered']):>8}  {_times(row['change_plain']):>6}  "
            f"{_times(row['change_steered']):>7}"
        )
    lines += [
        "Seen: of images without the value, the share in which readers see it after the edit.",
        "Others change: the mean change of the other attributes' log-odds; 1 is what a fresh style "
        "changes.",
    ]
    if not all(row["shift"] for row in rows):
        lines.append(
            f"* no shift: others change by more than the budget of {budget:g} already, or look the "
            "same to readers."
        )
    unread = [name for name in found["unreadable"] if name not in found["continuous"]]
    for why, unsteered in (
        ("readers cannot read them", unread),
        ("they are continuous", found["continuous"]),
    ):
        if unsteered:
            lines.append(f"Not steered, since {why}: {', '.join(unsteered)}.")
    return lines


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _times(change: float | None) -> str:
    return "–" if change is None else f"{change:.2f}"
