"""``igan metrics``: score codes, features, folders of images or tables that lie in plain files."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from interpretable_gan.cli.options import AsJson, Quiet
from interpretable_gan.cli.progress import progress, say
from interpretable_gan.cli.table import print_table
from interpretable_gan.errors import DataError, InterpretableGANError, did_you_mean
from interpretable_gan.progress import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from interpretable_gan.metrics.result import Result

    Measurements = dict[str, Callable[[], Result]]

PUBLISHED = {"fid": "frechet_distance", "kid": "kernel_distance", "dci": "dci_gbt"}
"""What the literature calls some metrics that need their exact settings for that name."""


def metrics(
    file: Annotated[
        Path | None,
        typer.Argument(help="An npz of codes and factors, or of features 'real' and 'fake'."),
    ] = None,
    real: Annotated[
        Path | None, typer.Option(help="Folder of images, or table (CSV, Parquet).")
    ] = None,
    fake: Annotated[Path | None, typer.Option(help="Folder of images to judge.")] = None,
    extractor: Annotated[
        str, typer.Option(help="What sees the images: mobilenet_v2, inception_v3 or onnx.")
    ] = "mobilenet_v2",
    weights: Annotated[Path | None, typer.Option(help="The extractor's file of weights.")] = None,
    synthetic: Annotated[Path | None, typer.Option(help="Table to judge.")] = None,
    holdout: Annotated[
        Path | None, typer.Option(help="Table of real rows never trained on.")
    ] = None,
    metadata: Annotated[
        Path | None, typer.Option(help="JSON with the kind of each column.")
    ] = None,
    mode: Annotated[str, typer.Option(help="strict, or reference as published.")] = "strict",
    only: Annotated[str | None, typer.Option(help="Metrics to run, with commas.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same numbers.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Fits at the same time.", min=1)] = 1,
    uncertainty: Annotated[
        bool, typer.Option(help="Also the 95 % interval and chance level (several fits each).")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure anything that lies in plain files.

    A metric that refuses its input is named with the reason; the others are printed all the same,
    and the exit code is 1.

    \b
    Examples:
        igan metrics codes.npz --only mig,dci_gbt
        igan metrics features.npz
        igan metrics --real photos/ --fake samples/ --weights mobilenet.npz
        igan metrics --real real.csv --synthetic made.csv --holdout unseen.csv
    """
    inputs = {"file": file, "real": real, "fake": fake, "synthetic": synthetic}
    extras = {"holdout": holdout, "metadata": metadata, "weights": weights}
    _refuse_mixtures(inputs, extras, mode=mode, uncertainty=uncertainty)
    settings: dict[str, Any] = {"mode": mode, "seed": seed, "jobs": jobs}
    if file is not None:
        available = _of_file(file, uncertainty=uncertainty, **settings)
    elif synthetic is not None:
        from interpretable_gan.metrics.tables.files import table_metrics

        available = table_metrics(real, synthetic, holdout, metadata, **settings)
    else:
        from interpretable_gan.metrics.quality.files import folder_metrics

        settings |= {"extractor": extractor, "weights": weights, "uncertainty": uncertainty}
        available = folder_metrics(real, fake, **settings)  # type: ignore[arg-type]
    _measure(_chosen(available, only), as_json=as_json, quiet=quiet)


def _refuse_mixtures(
    inputs: Mapping[str, Path | None],
    extras: Mapping[str, Path | None],
    *,
    mode: str,
    uncertainty: bool,
) -> None:
    """One kind of input at a time, with the options that belong to it.

    Raises:
        BadParameter: no input, half of one or parts of two; an option that would change nothing.
    """

    def refuse(option: str, why: str) -> NoReturn:
        raise typer.BadParameter(why, param_hint=f"--{option}")

    if mode not in ("strict", "reference"):
        refuse("mode", f"{mode!r} is neither 'strict' nor 'reference'.")
    kinds = [kind for kind in ("file", "fake", "synthetic") if inputs[kind] is not None]
    if len(kinds) != 1 or (kinds == ["file"]) == (inputs["real"] is not None):
        raise typer.BadParameter(
            "give an npz file, --real and --fake folders, or --real and --synthetic tables."
        )
    belongs = {"holdout": "synthetic", "metadata": "synthetic", "weights": "fake"}
    for option, kind in belongs.items():
        if extras[option] is not None and kinds != [kind]:
            refuse(option, f"goes with --real and --{kind}.")
    if uncertainty and kinds == ["synthetic"]:
        refuse("uncertainty", "metrics of tables have no resampled intervals.")
    if (fake := inputs["fake"]) is not None and fake.is_file():
        refuse("fake", f"{fake} is no folder of images; a table goes with --synthetic.")


def _of_file(file: Path, **settings: Any) -> Measurements:
    """What can be measured on an npz: codes with factors, or real with fake features."""
    from interpretable_gan.metrics.arrays import read_arrays

    held = read_arrays(file)
    if {"real", "fake"} <= set(held):
        from interpretable_gan.metrics.quality.files import feature_metrics

        return feature_metrics(held["real"], held["fake"], **settings)
    from interpretable_gan.metrics.representations import READ, representation_metrics

    available = representation_metrics(held, **settings)
    if unread := [name for name in held if name not in READ]:
        say(f"{file}: not read: {', '.join(unread)}; the names read are {', '.join(READ)}.")
    return available


def _chosen(available: Measurements, only: str | None) -> Measurements:
    """The metrics that were asked for, by their names.

    Raises:
        BadParameter: one that this input does not have, with the name it may mean.
    """
    if only is None:
        return available
    names = [name.strip() for name in only.split(",") if name.strip()]
    for name in names or [only]:
        if name not in available:
            meant = PUBLISHED.get(name.lower(), name)
            raise typer.BadParameter(
                f"no metric {name!r} for this input.{did_you_mean(meant, list(available))} "
                f"It has: {', '.join(available)}.",
                param_hint="--only",
            )
    return {name: available[name] for name in names}


def _measure(chosen: Measurements, *, as_json: bool, quiet: bool) -> None:
    """Measure and print.

    Raises:
        Exit: some metric refused; which and why is said.
    """
    results: dict[str, Result] = {}
    refused: dict[str, str] = {}
    try:
        _run(chosen, results, refused, quiet=quiet)
    finally:  # Ctrl-C as well: what is finished is printed
        _print_json(results, refused) if as_json else _print_table(results)
        for reason, names in _by_sentence(refused.items()).items():
            say(f"{names}: {reason}")
    if refused:
        raise typer.Exit(1)


def _run(
    chosen: Measurements, results: dict[str, Result], refused: dict[str, str], *, quiet: bool
) -> None:
    """Measure one after the other into ``results``, or the reason why not into ``refused``.

    Raises:
        DataError: pictures that cannot be read, which all metrics need, before any is measured.
    """
    with progress("measuring", quiet=quiet) as report:
        for done, (name, measure) in enumerate(chosen.items()):
            report(Status(done, len(chosen), name))
            try:
                results[name] = measure()
            except InterpretableGANError as error:
                if isinstance(error, DataError) and not results:
                    raise
                refused[name] = str(error)
            except Exception as error:  # a mistake of ours must not cost the others' minutes
                traceback.print_exc()
                refused[name] = f"a mistake in this program, please report it: {error!r}"


def _print_json(results: dict[str, Result], refused: dict[str, str]) -> None:
    parts = [f"{json.dumps(name)}: {result.to_json()}" for name, result in results.items()]
    for name, reason in refused.items():
        parts.append(f"{json.dumps(name)}: {json.dumps({'metric': name, 'error': reason})}")
    print("{" + ", ".join(parts) + "}")


def _print_table(results: dict[str, Result]) -> None:
    """One line per figure, whole names whatever the width; below it what the metrics say."""
    from rich.table import Table

    if not results:
        return
    table = Table("metric", "value", "95 % interval", "chance", "seconds")
    for name, result in results.items():
        for row in _figures(name, result):
            table.add_row(*row)
    print_table(table)
    said = [(name, sentence) for name, result in results.items() for sentence in result.warnings]
    for sentence, names in _by_sentence(said).items():
        everyone = len(results) > 2 and names == ", ".join(results)
        typer.echo(f"{'all metrics' if everyone else names}: {sentence}")


def _figures(name: str, result: Result) -> list[tuple[str, ...]]:
    """Name, value, interval, chance and seconds of each figure of a metric."""

    def row(label: str, value: float, interval: Any, chance: Any, seconds: Any) -> tuple[str, ...]:
        return (
            label,
            f"{value:.6g}",
            "" if interval is None else "{:.4f} – {:.4f}".format(*interval),
            "" if chance is None else f"{chance:.4f}",
            "" if seconds is None else f"{seconds:.2f}",
        )

    first, *others = result.figures or ("",)
    label = f"{name}: {first}" if first else name
    rows = [row(label, result.value, result.interval, result.chance, result.seconds)]
    intervals, chances = (result.breakdown.get(key) or {} for key in ("intervals", "chance"))
    for other in others:
        if other in result.breakdown:
            ends, chance = intervals.get(other), chances.get(other)
            rows.append(row(f"{name}: {other}", result.breakdown[other], ends, chance, None))
    return rows


def _by_sentence(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each sentence once, with the names of all metrics that say it."""
    names: dict[str, list[str]] = {}
    for name, sentence in said:
        names.setdefault(sentence, []).append(name)
    return {sentence: ", ".join(dict.fromkeys(each)) for sentence, each in names.items()}
