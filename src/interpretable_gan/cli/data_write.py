"""A data set as a folder of images with a table and a schema."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset


def write_image_folder(data: Dataset, folder: Path) -> None:
    """Save a data set as PNG images, ``metadata.csv`` and ``schema.yaml``."""
    from interpretable_gan.modalities.pictures import as_image, save

    values = data.schema.read(data.codes)
    split = {int(row): name for name, rows in data.splits.items() for row in rows}
    folder.mkdir(parents=True, exist_ok=True)
    data.schema.save(folder / "schema.yaml")
    part = folder / "metadata.csv.part"
    with part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file_name", "split", *values])
        for row, pixels in enumerate(data.images):
            name = f"images/{row:06d}.png"
            save(as_image(pixels), folder / name)
            labels = (_plain(data.schema[a].kind, column[row]) for a, column in values.items())
            table.writerow([name, split[row], *labels])
    part.replace(folder / "metadata.csv")


def _plain(kind: str, value: Any) -> str:
    """A label as a table holds it."""
    if kind == "continuous":
        return f"{value:.6g}"
    return str(value) if kind == "categorical" else str(int(value > 0.5))
