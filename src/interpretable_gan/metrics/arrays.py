"""Arrays of codes, factors or features from an npz file."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.errors import MetricError

FOR_NPZ = "igan metrics reads an npz file, as np.savez writes it"


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """Every array of an npz file, by name.

    Raises:
        MetricError: no such file, another kind of file, a damaged one, or Python objects in it.
    """
    path = Path(path)
    if path.is_dir():
        raise MetricError(f"{path} is a folder; compare folders of images with --real and --fake.")
    if not path.is_file():
        raise MetricError(f"{path}: no such file.")
    if path.suffix.lower() == ".npy":
        raise MetricError(
            f"{path} holds one array without a name. {FOR_NPZ}: codes_train with factors_train, "
            "or real with fake."
        )
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            begins_well = file.read(4) == b"PK\x03\x04"
        why = "is cut off or damaged; copy it again" if begins_well else "is not an npz file"
        raise MetricError(f"{path} {why}. {FOR_NPZ}.")
    try:
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except ValueError:
        raise MetricError(
            f"{path} holds Python objects, which are not read; save arrays of numbers or text."
        ) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise MetricError(f"{path} is damaged ({error}); save or copy it again.") from None
