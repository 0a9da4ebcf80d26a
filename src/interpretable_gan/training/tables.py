"""A run of a table: fitted at once, kept in a folder as any other run is."""

from __future__ import annotations

import time
from pathlib import Path

from interpretable_gan.atomic import read_json, write_text
from interpretable_gan.data.tables import TableData, open_table
from interpretable_gan.errors import DataError, RunError, SchemaError
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.fit import fit_table, measure_head
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.models.tables.sampler_fit import measure_sampler
from interpretable_gan.progress import Progress, silent
from interpretable_gan.schema.table_form import TableForm
from interpretable_gan.training.fitted import keep, new_folder
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import source_of

FORM = "form.json"
"""How the table is written, in the folder of a run."""


def train_table(
    data: TableData,
    config: TableConfig | None = None,
    *,
    run: str | Path | None = None,
    progress: Progress = silent,
) -> TableModel:
    """Fit a model of a table, measure it on the test rows, and keep it.

    Args:
        data: from `open_table`; its schema names the target.
        config: settings, see `TableConfig`.
        run: a new folder; by default nothing is kept but the model that is returned.
        progress: told how far it is.

    Raises:
        RunError: the folder holds a run already.
        SchemaError, DataError, MissingExtraError: as `fit_head` does.
    """
    config = config or TableConfig()
    folder = new_folder(run)
    start = time.monotonic()
    model = fit_table(data, config, progress=progress)
    seconds = time.monotonic() - start
    if folder is not None:
        measured = {
            "seconds": round(seconds, 1),
            "quality": measure_head(model.head, data, config) if data.schema.target else {},
            "fidelity": measure_sampler(model.sampler, data, config),
        }
        if data.form is not None:  # before the config, which makes the folder a run
            write_text(folder / FORM, data.form.model_dump_json(indent=2) + "\n")
        keep(folder, model.tensors(), data.schema, config, data, measured)
    return model


def open_form(run: Run) -> TableForm:
    """How the table of a run is written; plainly where the run does not say.

    Raises:
        RunError: the file is damaged.
    """
    path = run.path / FORM
    try:
        return TableForm(**read_json(path))
    except FileNotFoundError:
        return TableForm.plain(run.schema.names)
    except (ValueError, TypeError, SchemaError) as error:
        raise RunError(
            f"{path} is damaged ({error}): remove it, and rows are written with commas."
        ) from None


def open_rows(run: Run, source: str | None = None) -> TableData:
    """The table of a run with the run's own schema, or another with the same columns.

    Raises:
        RunError: no source is named, and the run does not say.
        DataError: nothing usable was found, or a column is missing.
    """
    known = source_of(run) if source is None else None
    path = Path(known.source if known else source or "")
    if not path.exists():
        raise DataError(f"{path} is not there any more: name where the table is now.")
    return open_table(path, seed=known.seed if known else run.config.seed, schema=run.schema)
