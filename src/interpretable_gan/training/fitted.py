"""A run of a model that is fitted at once, kept in a folder as any other run is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from torch import Tensor

from interpretable_gan.atomic import write_text
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.data.interactions import Interactions
from interpretable_gan.data.tables import TableData
from interpretable_gan.errors import RunError
from interpretable_gan.metrics.result import plain
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.checkpoint import WEIGHTS, save_weights
from interpretable_gan.training.source import save_source


def new_folder(run: str | Path | None) -> Path | None:
    """The folder of a new run; None where nothing is kept.

    Raises:
        RunError: it holds a run already.
    """
    if run is None:
        return None
    folder = Path(run)
    if (folder / "config.json").exists():
        raise RunError(f"{folder} holds a run already: choose another folder.")
    return folder


def keep(
    folder: Path,
    tensors: Mapping[str, Tensor],
    schema: Schema,
    config: BaseModel,
    data: Dataset | TableData | Interactions,
    measured: Mapping[str, Any],
) -> None:
    """Write a run: the ``tensors`` of a model, its schema, its source, a log of one record with
    what was ``measured``, and last the config, which makes the folder a run."""
    record = {
        "data": data.name,
        "checksum": data.checksum,
        "rows": {name: len(rows) for name, rows in data.splits.items()},
        **measured,
        "remarks": data.report.remarks if data.report else [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, tensors)
    schema.save(folder / "schema.yaml")
    save_source(folder, data)
    write_text(folder / "log.jsonl", json.dumps(plain(record), ensure_ascii=False) + "\n")
    write_text(folder / "config.json", config.model_dump_json(indent=2))
