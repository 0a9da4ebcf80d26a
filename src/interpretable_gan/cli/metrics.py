"""``igan metrics``: score codes, features, folders of images or tables that lie in plain files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.errors import MetricError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from interpretable_gan.metrics.result import Result

    Measurements = dict[str, Callable[[], Result]]


def metrics(
    file: Annotated[
        Path | None,
        typer.Argument(help="An npz of codes and factors, or of features 'real' and 'fake'."),
    ] = None,
    real: Annotated[Path | None, typer.Option(help="Folder of images, or CSV table.")] = None,
    fake: Annotated[Path | None, typer.Option(help="Folder of images to judge.")] = None,
    extractor: Annotated[
        str, typer.Option(help="What sees the images: mobilenet_v2, inception_v3 or onnx.")
    ] = "mobilenet_v2",
    weights: Annotated[Path | None, typer.Option(help="The extractor's file of weights.")] = None,
    synthetic: Annotated[Path | None, typer.Option(help="CSV table to judge.")] = None,
    holdout: Annotated[Path | None, typer.Option(help="CSV of real rows never trained on.")] = None,
    metadata: Annotated[
        Path | None, typer.Option(help="JSON with the kind of each column.")
    ] = None,
    mode: Annotated[str, typer.Option(help="strict, or reference as published.")] = "strict",
    only: Annotated[str | None, typer.Option(help="Metrics to run, with commas.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same numbers.")] = 0,
    jobs: Annotated[int, typer.Option(help="Fits at the same time.")] = 1,
    uncertainty: Annotated[
        bool, typer.Option(help="Also the 95 % interval and chance level (several fits each).")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one object, metric → result.")
    ] = False,
) -> None:
    """Measure anything that lies in plain files.

    \b
    Examples:
        igan metrics codes.npz --only mig,dci_gbt
        igan metrics features.npz
        igan metrics --real photos/ --fake samples/ --weights mobilenet.npz
        igan metrics --real real.csv --synthetic made.csv --holdout unseen.csv
    """
    if mode not in ("strict", "reference"):
        raise MetricError(f"--mode: {mode!r} is neither 'strict' nor 'reference'.")
    settings: dict[str, Any] = {"mode": mode, "seed": seed}
    if file is not None:
        available = _of_file(file, jobs=jobs, uncertainty=uncertainty, **settings)
    elif real is not None and synthetic is not None:
        from interpretable_gan.metrics.tables.files import table_metrics

        available = table_metrics(real, synthetic, holdout, metadata, jobs=jobs, **settings)
    elif real is not None and fake is not None:
        from interpretable_gan.metrics.quality.files import folder_metrics

        available = folder_metrics(
            real,
            fake,
            extractor=extractor,
            weights=weights,
            jobs=jobs,
            uncertainty=uncertainty,
            **settings,
        )
    else:
        raise MetricError(
            "give an npz file, --real and --fake folders, or --real and --synthetic tables."
        )
    results = _run(_chosen(available, only))
    if as_json:
        parts = (f"{json.dumps(name)}: {result.to_json()}" for name, result in results.items())
        print("{" + ", ".join(parts) + "}")
    else:
        _print_table(results)


def _of_file(file: Path, **settings: Any) -> Measurements:
    """What can be measured on an npz: codes with factors, or real with fake features."""
    import numpy as np

    if not file.is_file():
        raise MetricError(f"{file}: no such file.")
    try:
        with np.load(file, allow_pickle=False) as arrays:
            held = dict(arrays)
    except (ValueError, OSError, EOFError) as error:
        raise MetricError(f"{file}: not an npz file of plain arrays ({error}).") from error
    if {"real", "fake"} <= set(held):
        from interpretable_gan.metrics.quality.files import feature_metrics

        return feature_metrics(held["real"], held["fake"], **settings)
    from interpretable_gan.metrics.representations import representation_metrics

    return representation_metrics(held, **settings)


def _chosen(available: Measurements, only: str | None) -> Measurements:
    if only is None:
        return available
    names = [name.strip() for name in only.split(",")]
    for name in names:
        if name not in available:
            raise MetricError(
                f"--only: no metric {name!r} for this input."
                f"{did_you_mean(name, list(available))} It has: {', '.join(available)}."
            )
    return {name: available[name] for name in names}


def _run(chosen: Measurements) -> dict[str, Result]:
    """Measure one after the other, with progress on standard error."""
    from rich.console import Console
    from rich.progress import (
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    results = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(chosen))
        for name, measure in chosen.items():
            progress.update(task, description=name)
            results[name] = measure()
            progress.advance(task)
    return results


def _print_table(results: dict[str, Result]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("metric", "value", "95 % interval", "chance", "seconds", "warnings")
    for name, result in results.items():
        interval = "" if result.interval is None else "{:.4f} – {:.4f}".format(*result.interval)
        chance = "" if result.chance is None else f"{result.chance:.4f}"
        seconds = "" if result.seconds is None else f"{result.seconds:.2f}"
        table.add_row(
            name, f"{result.value:.6g}", interval, chance, seconds, "\n".join(result.warnings)
        )
    Console().print(table)
