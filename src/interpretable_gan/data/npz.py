"""Images and attributes in one npz file: arrays, MedMNIST's keys, or packed image files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.image_folder import GROUP, SPLIT, beside
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Arrays, Packed, Pictures
from interpretable_gan.data.source import Source
from interpretable_gan.errors import DataError
from interpretable_gan.semantics.schema import Schema

Columns = dict[str, NDArray[Any]]

MEDMNIST = {"train": "train", "val": "validation", "test": "test"}
LISTS = (("attrs", "attr_names"), ("attr_codes", "attr_names"), ("labels", "label_names"))
"""Two-dimensional arrays of labels, and the names of their columns."""


def npz_source(path: Path) -> Source:
    """Read one of three layouts, told apart by their keys.

    packed: ``jpeg`` bytes and ``offsets`` (see ``packed_source``).
    MedMNIST: ``train_images``, ``train_labels``, ``val_…``, ``test_…``; one label column becomes
    the attribute ``label``, several become ``label_0``, ``label_1``, …
    arrays: ``images`` uint8 (N, H, W) or (N, H, W, channels), and one array of N labels per
    attribute, or ``attrs`` (N, attributes) with ``attr_names``.

    Raises:
        DataError: none of these; says which keys there are.
    """
    keys = _keys(path)
    if {"jpeg", "offsets"} <= keys:
        return packed_source(path)
    if "train_images" in keys:
        return _medmnist_source(path, keys)
    if "images" in keys:
        return _array_source(path)
    raise DataError(
        f"{path} has the arrays {', '.join(sorted(keys))}; looked for images, "
        "train_images and train_labels (MedMNIST), or jpeg and offsets (packed)."
    )


def packed_source(path: Path, *, name: str = "", schema: Schema | None = None) -> Source:
    """Image files packed in ``jpeg``: number i is ``jpeg[offsets[i]:offsets[i + 1]]``.

    Labels are ``attrs`` or ``attr_codes`` with ``attr_names`` (texts of codes in
    ``values_<attribute>``), ``labels`` with ``label_names``, or a one-dimensional ``label``, which
    becomes the target. ``filenames``, ``partition`` or ``split``, and ``identity`` or ``group``
    are used where they are present.
    """
    arrays = _read(path, leave={"jpeg"})
    rows = len(arrays["offsets"]) - 1
    names = arrays.get("filenames", np.arange(rows)).astype(str).tolist()
    return _source(path, Packed(path, names), arrays, name or path.stem, schema)


def _array_source(path: Path) -> Source:
    arrays = _read(path)
    images = arrays.pop("images")
    names = arrays.get("filenames", np.arange(len(images))).astype(str).tolist()
    return _source(path, Arrays(path, names, _uint8(images, path)), arrays, path.stem, None)


def _medmnist_source(path: Path, keys: set[str]) -> Source:
    arrays = _read(path)
    parts = [part for part in MEDMNIST if f"{part}_images" in keys]
    sizes = [len(arrays[f"{part}_images"]) for part in parts]
    images = _uint8(np.concatenate([arrays[f"{part}_images"] for part in parts]), path)
    labels = np.concatenate(
        [arrays[f"{part}_labels"].reshape(n, -1) for part, n in zip(parts, sizes, strict=True)]
    )
    columns = ["label"] if labels.shape[1] == 1 else [f"label_{i}" for i in range(labels.shape[1])]
    names = [f"{part} {i}" for part, n in zip(parts, sizes, strict=True) for i in range(n)]
    return Source(
        name=path.stem,
        pictures=Arrays(path, names, images),
        table=dict(zip(columns, labels.T, strict=True)),
        intake=Intake(str(path)),
        split=np.repeat([MEDMNIST[part] for part in parts], sizes),
        schema=beside(path.parent),
        target="label" if columns == ["label"] else None,
    )


def _source(
    path: Path, pictures: Pictures, arrays: Columns, name: str, schema: Schema | None
) -> Source:
    """Sort the arrays into attributes, splits and groups."""
    rows = len(pictures.names)
    table = _table(arrays, rows)
    if not table:
        raise DataError(f"{path}: no array holds {rows:,} labels. It has {', '.join(arrays)}.")
    split = next((arrays[key] for key in SPLIT if key in arrays), None)
    group = next((arrays[key] for key in GROUP if key in arrays), None)
    target = "label" if "label" in table else None
    schema = schema or beside(path.parent)
    return Source(name, pictures, table, Intake(str(path)), split, group, schema, target)


def _table(arrays: Columns, rows: int) -> Columns:
    """The attributes: a named list of columns, and ``label``; or else every array of labels."""
    named: Columns = {}
    for values, names in LISTS:
        if values in arrays and names in arrays and arrays[values].ndim == 2:
            named |= dict(zip(arrays[names].tolist(), arrays[values].T, strict=True))
    aside = {"filenames", *SPLIT, *GROUP}
    plain = {
        name: array.reshape(-1)
        for name, array in arrays.items()
        if array.shape in {(rows,), (rows, 1)} and name not in aside
    }
    if named and "label" in plain:
        named["label"] = plain["label"]
    columns = named or plain
    texts = {name: f"values_{name}" for name in columns} | {"label": "label_names"}
    return {
        name.strip().lower().replace(" ", "_"): _texts(column, arrays.get(texts[name]))
        for name, column in columns.items()
    }


def _texts(codes: NDArray[Any], texts: NDArray[Any] | None) -> NDArray[Any]:
    """Codes as the texts they stand for; codes without one, such as −1, are missing."""
    if texts is None:
        return codes
    return np.array([*texts.tolist(), ""])[np.where((codes >= 0) & (codes < len(texts)), codes, -1)]


def _uint8(images: NDArray[Any], path: Path) -> NDArray[np.uint8]:
    if (
        images.dtype != np.uint8
        or images.ndim not in (3, 4)
        or images.shape[3:] not in {(), (1,), (3,), (4,)}
    ):
        raise DataError(
            f"{path}: images must be uint8 (N, H, W) or (N, H, W, 1, 3 or 4), "
            f"but got {images.dtype} {images.shape}."
        )
    return images


def _keys(path: Path) -> set[str]:
    with _open(path) as arrays:
        return set(arrays.files)


def _read(path: Path, leave: Sequence[str] | set[str] = ()) -> Columns:
    with _open(path) as arrays:
        try:
            return {key: arrays[key] for key in arrays.files if key not in leave}
        except (ValueError, OSError) as error:
            raise DataError(f"{path}: {error}. Save plain arrays, not objects.") from None


def _open(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as npz: {error}.") from None
