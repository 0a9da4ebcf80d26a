"""One door: whatever the source is, it is recognised, or the error lists what would be."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from interpretable_gan import data as room
from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import DataSource
from interpretable_gan.data.open import find_source, open_dataset
from interpretable_gan.errors import DataError


def test_portraits_are_drawn(monkeypatch):
    asked, drawn = {}, portraits.dataset(count=10, size=16)
    monkeypatch.setattr(portraits, "dataset", lambda **options: asked.update(options) or drawn)
    assert open_dataset("portraits", size=16, seed=3).source == DataSource("portraits", 3)
    assert (asked["size"], asked["seed"]) == (16, 3)


def test_a_folder_its_table_and_a_path_are_the_same(folder):
    names = [find_source(path, 8).pictures.names for path in (folder, folder / "metadata.csv")]
    assert names[0] == names[1]
    assert len(open_dataset(str(folder), size=8)) == 20


def test_a_folder_with_one_npz(tmp_path):
    images, hat = np.zeros((4, 8, 8), np.uint8), np.array([0, 1] * 2)
    (tmp_path / "npz").mkdir()
    np.savez(tmp_path / "npz" / "a.npz", images=images, hat=hat)
    assert find_source(tmp_path / "npz", 8).name == "a"


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_anything_else_lists_what_was_looked_for(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=f"{name} .*'portraits'.*CelebA.*metadata.csv.*MedMNIST"):
        open_dataset(tmp_path / name, size=8)


def test_the_checksum_follows_pixels_and_labels(folder):
    first = open_dataset(folder, size=8)
    assert open_dataset(folder, size=8).checksum == first.checksum
    assert open_dataset(folder, size=4).checksum != first.checksum
    table = folder / "metadata.csv"
    table.write_text(table.read_text().replace("00.png,1", "00.png,0"))
    assert open_dataset(folder, size=8).checksum != first.checksum


def test_an_opened_data_set_travels_to_a_worker(folder):
    data = open_dataset(folder, size=8)
    arrived = pickle.loads(pickle.dumps(data))
    assert isinstance(arrived.images, np.memmap)
    np.testing.assert_array_equal(arrived.images, data.images)
    assert str(arrived.report) == str(data.report)


def test_the_seed_draws_the_splits(folder):
    rows = [open_dataset(folder, size=8, seed=seed).rows("test").tolist() for seed in (0, 0, 1)]
    assert rows[0] == rows[1] != rows[2]


def test_importing_the_room_does_no_work():
    code = "import sys, interpretable_gan.data; print({'torch', 'numpy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
    assert room.open_dataset is open_dataset
    assert set(dir(room)) >= {"Dataset", "open_dataset"}
    with pytest.raises(AttributeError, match="no attribute 'opendataset'"):
        _ = room.opendataset
