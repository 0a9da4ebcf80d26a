"""Images and attributes in one npz file: arrays, MedMNIST's keys, or packed image files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.archive import Archive
from interpretable_gan.data.arrays import MODES, Arrays, Packed
from interpretable_gan.data.columns import has_role_name
from interpretable_gan.data.image_folder import beside
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Pictures
from interpretable_gan.data.source import Source
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import as_text
from interpretable_gan.schema.schema import Schema

Columns = dict[str, NDArray[Any]]

MEDMNIST = {"train": "train", "val": "validation", "test": "test"}
LISTS = (("attrs", "attr_names"), ("attr_codes", "attr_names"), ("labels", "label_names"))
"""Two-dimensional arrays of labels, and the names of their columns."""
ASIDE = {"filenames", "attr_names", "label_names"}
"""Arrays that are no attributes, by their usual names."""


def npz_source(path: Path) -> Source:
    """Read one of three layouts, told apart by their keys.

    packed: ``jpeg`` bytes and ``offsets`` (see ``packed_source``).
    MedMNIST: ``train_images``, ``train_labels``, ``val_…``, ``test_…``; one label column becomes
    the attribute ``label``, several become ``label_0``, ``label_1``, …
    arrays: ``images`` uint8 (N, H, W) or (N, H, W, channels), and one array of N labels per
    attribute, or ``attrs`` (N, attributes) with ``attr_names``.

    Images are left on the disk until they are decoded. Arrays that are not used are noted.

    Raises:
        DataError: none of these; says which keys there are. A damaged file; arrays that do not fit
            together.
    """
    archive = Archive(path)
    if {"jpeg", "offsets"} <= archive.headers.keys():
        return packed_source(path)
    if "train_images" in archive.headers:
        return _medmnist_source(archive)
    if "images" in archive.headers:
        return _array_source(archive)
    raise DataError(
        f"{path} has the arrays {', '.join(sorted(archive.headers))}; looked for images, "
        "train_images and train_labels (MedMNIST), or jpeg and offsets (packed)."
    )


def packed_source(path: Path, *, name: str = "", schema: Schema | None = None) -> Source:
    """Image files packed in ``jpeg``: number i is ``jpeg[offsets[i]:offsets[i + 1]]``.

    Labels are ``attrs`` or ``attr_codes`` with ``attr_names`` (texts of codes in
    ``values_<attribute>``), ``labels`` with ``label_names``, or a one-dimensional ``label``, which
    becomes the target. ``filenames`` are used where they are present, and so are arrays with a
    split or a group (see `columns`).
    """
    archive = Archive(path)
    offsets = _offsets(archive)
    pictures = Packed(archive, offsets, _names(archive, len(offsets) - 1))
    return _source(archive, pictures, {"jpeg", "offsets"}, name or path.stem, schema)


def _array_source(archive: Archive) -> Source:
    rows, *_ = _image_shape(archive, "images")
    pictures = Arrays(archive, ["images"], _names(archive, rows))
    return _source(archive, pictures, {"images"}, archive.path.stem, None)


def _medmnist_source(archive: Archive) -> Source:
    parts = [part for part in MEDMNIST if f"{part}_images" in archive.headers]
    images = [f"{part}_images" for part in parts]
    rows = [_image_shape(archive, key)[0] for key in images]
    _refuse_different(archive, images)
    labels = [f"{part}_labels" for part in parts]
    table = _medmnist_table(archive, dict(zip(labels, rows, strict=True)))
    intake = Intake(str(archive.path))
    others = [key for key in archive.headers if key not in (*images, *labels)]
    intake.remarks += [f"{key}: left out, MedMNIST has no such array" for key in others]
    return Source(
        name=archive.path.stem,
        pictures=Arrays(
            archive,
            images,
            [f"{part} {i}" for part, n in zip(parts, rows, strict=True) for i in range(n)],
        ),
        table=table,
        intake=intake,
        split=np.repeat([MEDMNIST[part] for part in parts], rows),
        schema=beside(archive.path.parent),
        target="label" if "label" in table else None,
    )


def _medmnist_table(archive: Archive, rows: dict[str, int]) -> Columns:
    """The labels of all parts by column, one part behind the other; ``rows`` is key → images."""
    for key, count in rows.items():
        if key not in archive.headers:
            raise DataError(f"{archive.path} has no {key}; add one row for each image.")
        shape = archive.headers[key].shape
        if len(shape) not in (1, 2) or shape[0] != count:
            raise DataError(
                f"{archive.path}: {key} must be one row for each of {count:,} images, "
                f"but its shape is {shape}."
            )
    _refuse_different(archive, list(rows))
    labels = np.concatenate([archive[key] for key in rows])
    if labels.ndim == 1 or labels.shape[1] == 1:
        return {"label": labels.reshape(-1)}
    return {f"label_{i}": column for i, column in enumerate(labels.T)}


def _source(
    archive: Archive, pictures: Pictures, used: set[str], name: str, schema: Schema | None
) -> Source:
    """Pictures with the arrays of labels that are not ``used`` for them."""
    rows, intake = len(pictures.names), Intake(str(archive.path))
    table = _table(archive, used, rows, intake)
    if not table:
        held = ", ".join(f"{key} {header.shape}" for key, header in archive.headers.items())
        raise DataError(f"{archive.path}: no array holds {rows:,} labels. It has {held}.")
    return Source(
        name=name,
        pictures=pictures,
        table=table,
        intake=intake,
        schema=schema or beside(archive.path.parent),
        target="label" if "label" in table else None,
    )


def _table(archive: Archive, used: set[str], rows: int, intake: Intake) -> Columns:
    """The attributes: named lists of columns, and ``label``; or else every array of labels.

    What is left out is noted: as a problem where it seems to be labels, but of other rows.
    """
    lists = [pair for pair in LISTS if _is_list(archive, *pair)]
    columns = [column for pair in lists for column in _listed(archive, *pair, rows)]
    texts = {f"values_{name}" for name in (*archive.headers, *(name for name, _ in columns))}
    for key, header in archive.headers.items():
        if key in ASIDE.union(used, texts, *lists):
            continue
        length = _length(header.shape)
        if has_role_name(key):
            columns.append((key, _column(archive, key, rows)))
        elif lists and key != "label":
            intake.remarks.append(f"{key}: left out, {lists[0][0]} has the attributes")
        elif length is None:
            intake.remarks.append(f"{key}: left out, no column of labels has shape {header.shape}")
        elif length != rows:
            intake.note("array of another length", f"{key} ({length:,} for {rows:,} images)")
        else:
            columns.append((key, _column(archive, key, rows)))
    return _by_name(archive, columns)


def _is_list(archive: Archive, values: str, names: str) -> bool:
    headers = archive.headers
    return values in headers and names in headers and len(headers[values].shape) == 2


def _listed(
    archive: Archive, values: str, names: str, rows: int
) -> Iterable[tuple[str, NDArray[Any]]]:
    """The columns of a two-dimensional array of labels, by name."""
    texts, shape = _texts(archive, names), archive.headers[values].shape
    if shape != (rows, len(texts)):
        raise DataError(
            f"{archive.path}: {values} must be {rows:,} rows (images) of {len(texts)} columns "
            f"({names}), but its shape is {shape}."
        )
    return zip(texts, archive[values].T, strict=True)


def _by_name(archive: Archive, columns: Iterable[tuple[str, NDArray[Any]]]) -> Columns:
    """Columns by their names in lower case, codes as the texts they stand for."""
    table: Columns = {}
    for name, column in columns:
        plain = name.strip().lower().replace(" ", "_")
        if plain in table:
            raise DataError(
                f"{archive.path}: two arrays of labels are called {plain!r}; rename or remove one."
            )
        key = "label_names" if name == "label" else f"values_{name}"
        table[plain] = _decoded(archive, name, column, key) if key in archive.headers else column
    return table


def _decoded(archive: Archive, name: str, codes: NDArray[Any], key: str) -> NDArray[Any]:
    """Codes as the texts they stand for; codes without one, such as −1, are missing."""
    if codes.dtype.kind not in "iub":
        raise DataError(
            f"{archive.path}: {name} must be whole numbers, places in {key}, "
            f"but it is {codes.dtype}. Remove {key} if there is nothing to look up."
        )
    texts = _texts(archive, key)
    return np.array([*texts, ""])[np.where((codes >= 0) & (codes < len(texts)), codes, -1)]


def _texts(archive: Archive, key: str) -> list[str]:
    """A one-dimensional array as texts."""
    shape = archive.headers[key].shape
    if len(shape) != 1:
        raise DataError(f"{archive.path}: {key} must be a list of texts, but its shape is {shape}.")
    return [as_text(text) for text in archive[key].tolist()]


def _length(shape: tuple[int, ...]) -> int | None:
    """How many labels an array of one column has; None if it is none."""
    return shape[0] if len(shape) == 1 or shape[1:] == (1,) else None


def _column(archive: Archive, key: str, rows: int) -> NDArray[Any]:
    """An array of one label for each row."""
    shape = archive.headers[key].shape
    if _length(shape) != rows:
        raise DataError(
            f"{archive.path}: {key} must have one value for each of {rows:,} images, "
            f"but its shape is {shape}."
        )
    return archive[key].reshape(-1)


def _names(archive: Archive, rows: int) -> list[str]:
    """What the file calls its images, or their numbers."""
    if "filenames" not in archive.headers:
        return [str(row) for row in range(rows)]
    return [as_text(name) for name in _column(archive, "filenames", rows).tolist()]


def _offsets(archive: Archive) -> NDArray[np.int64]:
    """Where packed files begin and end: ascending places in ``jpeg``."""
    jpeg, header = archive.headers["jpeg"], archive.headers["offsets"]
    if jpeg.dtype != np.uint8 or len(jpeg.shape) != 1:
        raise DataError(
            f"{archive.path}: jpeg must be uint8 (bytes), but got {jpeg.dtype} {jpeg.shape}."
        )
    if header.dtype.kind not in "iu" or len(header.shape) != 1 or header.shape[0] < 2:
        raise DataError(
            f"{archive.path}: offsets must be whole numbers (images + 1), "
            f"but got {header.dtype} {header.shape}."
        )
    offsets = archive["offsets"].astype(np.int64)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > jpeg.shape[0]:
        raise DataError(
            f"{archive.path}: offsets must ascend from 0 to at most {jpeg.shape[0]:,}, "
            "the length of jpeg; image i is jpeg[offsets[i]:offsets[i + 1]]."
        )
    return offsets


def _image_shape(archive: Archive, key: str) -> tuple[int, ...]:
    """The shape of an array of images."""
    shape, dtype = archive.headers[key].shape, archive.headers[key].dtype
    if (
        dtype != np.uint8
        or len(shape) not in (3, 4)
        or 0 in shape[1:]
        or (*shape, 1)[3] not in MODES
    ):
        raise DataError(
            f"{archive.path}: {key} must be uint8 (N, H, W) or (N, H, W, 1, 3 or 4), "
            f"but got {dtype} {shape}."
        )
    return shape


def _refuse_different(archive: Archive, keys: Sequence[str]) -> None:
    """Arrays that are to stand one behind the other must differ in length alone."""
    shapes = {key: archive.headers[key].shape for key in keys}
    if len({shape[1:] for shape in shapes.values()}) > 1:
        told = ", ".join(f"{key} {shape}" for key, shape in shapes.items())
        raise DataError(f"{archive.path}: arrays must differ in their first number alone: {told}.")
