"""Where the data of a run come from, kept in its folder, so that the run is enough to open them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from interpretable_gan.atomic import read_json, write_text
from interpretable_gan.data.dataset import Dataset, DataSource
from interpretable_gan.data.interactions import Interactions
from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.progress import Progress, silent
from interpretable_gan.training.run import Run

FILE = "source.json"


def save_source(run: Path, data: Dataset | TableData | Interactions) -> None:
    """Note in a run's folder where its data come from, as far as that is known."""
    if data.source is not None:
        write_text(run / FILE, json.dumps(asdict(data.source), indent=2) + "\n")


def source_of(run: Run) -> DataSource:
    """Where the data of a run come from.

    Raises:
        RunError: the run does not say, or the file is damaged.
    """
    path = run.path / FILE
    try:
        told = read_json(path)
        return DataSource(str(told["source"]), int(told.get("seed", run.config.seed)))
    except FileNotFoundError:
        raise RunError(
            f"{run.path} does not say which data it learned from: name the SOURCE as well."
        ) from None
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise RunError(
            f"{path} is damaged ({error!r}): name the SOURCE of the data as well."
        ) from None


def open_data(
    run: Run, source: str | None = None, *, strict: bool = False, progress: Progress = silent
) -> Dataset:
    """The data of a run with the run's own schema and image size.

    Args:
        source: where the data are now, or others with the same attributes; by default what the
            run learned from.
        strict: stop on anything wrong with the source.
        progress: told how many images are decoded or drawn.

    Raises:
        RunError: no source is named, and the run does not say.
        DataError: nothing usable was found, or data with other attributes.
    """
    known = source_of(run) if source is None else DataSource(source, run.config.seed)
    schema = run.schema.with_discovered(0)
    data = open_dataset(
        known.source,
        size=run.config.size,
        seed=known.seed,
        strict=strict,
        schema=schema,
        progress=progress,
    )
    if data.schema.named != schema.named:
        raise DataError(
            f"{known.source} has other attributes than the run {run.path}: name what it was "
            "trained on."
        )
    return data
