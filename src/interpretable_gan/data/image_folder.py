"""A folder of images and a table of their attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from interpretable_gan.data.file_names import Folder, Found
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Files, hidden_remark, is_called_picture
from interpretable_gan.data.source import Source
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import distinct
from interpretable_gan.schema.naming import plain
from interpretable_gan.schema.schema import Schema
from interpretable_gan.schema.table import Table, headless, is_table, read_table

FILE = (
    *("file_name", "file", "image", "img", "img_name", "image_name", "image_id", "image_index"),
    *("file_path", "image_path", "img_path", "image_file", "path", "frame", "name"),
)
"""Usual names of the column with file names, the likeliest first."""

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

    One column holds file names, see `Folder.find`. A ``schema.yaml`` beside the table says what the
    others mean; without it that is inferred.

    Raises:
        DataError: no column holds the names of images.
    """
    root, intake = table_path.parent, Intake(str(table_path.parent))
    table = read_table(table_path, intake.remarks)
    folder = Folder(root)
    column, names = _file_column(table, folder, table_path)
    intake.remarks += names.remarks
    others = [name for name in table if name != column]
    texts, which = distinct(table[column])
    listed = [names.files[name] or texts[name] for name in which]
    cells = (tuple(_hashable(table[name][row]) for name in others) for row in range(len(listed)))
    rows = dict(unambiguous_rows(zip(listed, cells, strict=True), intake))
    present = set(folder.files)
    files = [name for name in rows if name in present]
    for name in rows:
        if name not in present:
            intake.note("row without an image", name or "(no name)")
    _note_unlisted(present.difference(files), intake)
    if folder.hidden:
        intake.remarks.append(hidden_remark(folder.hidden))
    return Source(
        name=root.resolve().name,
        pictures=Files(root, files),
        table={name: [rows[file][i] for file in files] for i, name in enumerate(others)},
        intake=intake,
        columns={"file": column},
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


def _file_column(table: Table, folder: Folder, path: Path) -> tuple[str, Found]:
    """The column that names most files, or nearly so and is usually called so; and the files of its
    `distinct` names.

    Raises:
        DataError: there is none, or the first line names a file too.
    """
    names = {column: distinct(values)[0] for column, values in table.items()}
    found = {column: folder.find(texts) for column, texts in names.items()}
    for column, texts in names.items():
        if not any(found[column].files):
            found[column] = folder.find_moved(texts)
    usual = [plain(name) for name in FILE]
    hits = {
        column: len(set(each.files) - {None})
        for column, each in found.items()
        if plain(column) in usual or 2 * len(names[column]) > len(table[column])
    }  # a column of labels may be like the names of a few files, but not different in most rows
    best = max(hits.values(), default=0)
    if not best:
        raise DataError(f"{path}: {_no_file_column(names, folder)}")
    able = [column for column, count in hits.items() if count == best or count > best / 2]
    called = [column for name in usual for column in able if plain(column) == name]
    column = next(iter(called), max(able, key=hits.__getitem__))
    if not called and any(folder.find([column]).files):
        raise headless(path, column)
    return column, found[column]


def _no_file_column(names: Mapping[str, Sequence[str]], folder: Folder) -> str:
    """Why no column names an image, by an example of both sides."""
    if not folder.images:
        return f"there is no image below {folder.root}."
    usual = {plain(name) for name in FILE}
    said = [texts[0] for column, texts in names.items() if plain(column) in usual and texts]
    said += [text for texts in names.values() for text in texts[:1] if is_called_picture(text)]
    example = f"It says {said[0]!r}, and the folder has {folder.images[0]!r}. " if said else ""
    return (
        f"no column holds names of images below {folder.root}. {example}"
        f"The columns are {', '.join(names)}; expected one such as file_name."
    )


def _note_unlisted(names: set[str], intake: Intake) -> None:
    """Note files that no row names. Beside the table, other files than images may lie about."""
    for name in sorted(names):
        if is_called_picture(name):
            intake.note("image without a row", name)
        elif "/" in name:
            intake.note("not an image", name)


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)
