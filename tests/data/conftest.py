"""Small pictures on disk, and a cache that ends with the test."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache folder of its own for each test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("IGAN_CACHE", str(folder))
    return folder


@pytest.fixture
def shared():
    """The folder of real data sets, where this machine has it."""
    if not SHARED.is_dir():
        pytest.skip("not on this machine: the real data sets of ../shared/data")
    return SHARED


@pytest.fixture
def write_image():
    """Save a picture of one colour (red, green, blue), in any mode and format."""

    def write(path, colour=(200, 100, 50), *, size=(12, 8), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, colour).convert(mode).save(path)
        return path

    return write


@pytest.fixture
def write_table():
    """Save rows as CSV."""

    def write(path, header, rows):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


@pytest.fixture
def folder(tmp_path, write_image, write_table):
    """Twenty healthy images; picture i has red value 10 · i and is dark if i is even."""
    root = tmp_path / "things"
    for i in range(20):
        write_image(root / "images" / f"{i:02d}.png", (10 * i, 0, 0))
    rows = [(f"images/{i:02d}.png", (i + 1) % 2, ["low", "high"][i // 10]) for i in range(20)]
    write_table(root / "metadata.csv", ("file_name", "dark", "red"), rows)
    return root
