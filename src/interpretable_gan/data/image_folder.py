"""A folder of images and a table of their attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import (
    Files,
    hidden_remark,
    is_called_picture,
    is_hidden,
)
from interpretable_gan.data.source import Source
from interpretable_gan.errors import DataError
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Table, is_table, read_table

FILE = ("file_name", "filename", "file", "image", "img_name", "image_id", "path", "frame", "name")
SPLIT = ("split", "partition", "fold")
GROUP = ("group", "identity", "subject", "subject_id", "patient", "patient_id", "person")
"""Columns that are no attributes, by their usual names; the first that is there counts."""

Row = TypeVar("Row", bound=Hashable)


def find_table(folder: Path) -> Path | None:
    """``metadata.*`` in a folder, or its only table."""
    tables = sorted(path for path in folder.iterdir() if path.is_file() and is_table(path))
    named = [path for path in tables if path.name.startswith("metadata.")]
    if len(tables) > 1 and not named:
        names = ", ".join(path.name for path in tables)
        raise DataError(f"{folder} has several tables ({names}); name one of them instead.")
    return next(iter(named or tables), None)


def image_folder_source(table_path: Path) -> Source:
    """Images beside or below a CSV, JSON lines or Parquet table with one row per image.

    One column holds file names, relative to the table (or just names, if the image lies deeper);
    ``split`` and ``group`` columns are used if present; all others are attributes. A
    ``schema.yaml`` beside the table says what they mean; without it they are inferred.

    Raises:
        DataError: no column holds the names of images.
    """
    root, intake = table_path.parent, Intake(str(table_path.parent))
    table = read_table(table_path)
    present = _files(root)
    column = _file_column(table, present, table_path)
    others = [name for name in table if name != column]
    listed = [present.get(_path(name), _path(name)) for name in table[column]]
    cells = (tuple(_hashable(table[name][row]) for name in others) for row in range(len(listed)))
    rows = dict(unambiguous_rows(zip(listed, cells, strict=True), intake))
    files = [name for name in rows if name in present]
    for name in rows.keys() - present.keys():
        intake.note("row without an image", name or "(no name)")
    _note_unlisted(set(present.values()) - set(files), intake)
    kept = {name: [rows[file][i] for file in files] for i, name in enumerate(others)}
    split, group = _first(kept, SPLIT), _first(kept, GROUP)
    return Source(
        name=root.resolve().name,
        pictures=Files(root, files),
        table={name: kept[name] for name in others if name not in (split, group)},
        intake=intake,
        split=kept[split] if split else None,
        group=kept[group] if group else None,
        schema=beside(root),
    )


def beside(folder: Path) -> Schema | None:
    """The ``schema.yaml`` or ``schema.json`` of a folder, if it has one."""
    paths = (folder / "schema.yaml", folder / "schema.json")
    return next((Schema.load(path) for path in paths if path.is_file()), None)


def unambiguous_rows(rows: Iterable[tuple[str, Row]], intake: Intake) -> Iterable[tuple[str, Row]]:
    """One row per name: equal doubles once, contradicting ones not at all, both noted."""
    rows = list(rows)
    times = Counter(name for name, _ in rows)
    different = Counter(name for name, _ in set(rows)) if len(times) < len(rows) else times
    for name, count in times.items():
        if count > 1:
            equal = different[name] == 1
            intake.note("doubled row" if equal else "contradicting rows", name, times=count - equal)
    return [(name, row) for name, row in dict(rows).items() if different[name] == 1]


def _files(root: Path) -> dict[str, str]:
    """Every file below ``root``, by its relative path and, where that is unique among those that
    are not hidden, its bare name."""
    paths = [path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file()]
    visible = [path for path in paths if not is_hidden(path)]
    times = Counter(path.name for path in visible)
    unique = {path.name: path.as_posix() for path in visible if times[path.name] == 1}
    return unique | {path.as_posix(): path.as_posix() for path in paths}


def _file_column(table: Table, present: dict[str, str], path: Path) -> str:
    """The column that names files: one usually called so, or else the one that does."""
    for column in (*FILE, *table):
        if any(_path(name) in present for name in table.get(column, ())):
            return column
    raise DataError(
        f"{path}: no column holds names of images below {path.parent}. "
        f"It has {', '.join(table)}; expected one such as file_name."
    )


def _note_unlisted(names: set[str], intake: Intake) -> None:
    """Note files that no row names. Beside the table, other files than images may lie about."""
    hidden = []
    for name in sorted(names):
        path = Path(name)
        if is_hidden(path):
            hidden += [name] if is_called_picture(path) else []
        elif path.suffix.lower() in Image.registered_extensions():
            intake.note("image without a row", name)
        elif len(path.parts) > 1:
            intake.note("not an image", name)
    if hidden:
        intake.remarks.append(hidden_remark(hidden))


def _first(table: Table, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in table), None)


def _path(name: Any) -> str:
    return str(name or "").replace("\\", "/")


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)
