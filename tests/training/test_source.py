"""A run is enough to open the data that it was trained on."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from interpretable_gan.cli.data_write import write_image_folder
from interpretable_gan.data import open_dataset, portraits
from interpretable_gan.errors import DataError, RunError
from interpretable_gan.schema.roles import Roles
from interpretable_gan.training.origin import origin
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import FILE, open_data, save_source

CONFIG = SimpleNamespace(size=8, seed=0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Forty portraits of twenty sitters, without splits or a schema of their own."""
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    write_image_folder(portraits.dataset(size=8, count=40, seed=0), tmp_path / "faces")
    (tmp_path / "faces/schema.yaml").unlink()
    (tmp_path / "faces/metadata.csv").write_text(
        "file_name,sitter,hat\n" + "".join(f"{i:06d}.png,{i // 2},{i % 2}\n" for i in range(40))
    )
    return tmp_path / "faces"


def run_on(data, path):
    """As much of a run as says what it learned from."""
    path.mkdir()
    save_source(path, data)
    return Run(path, CONFIG, data.schema.with_discovered(2))


def test_the_same_rows_are_split_again_whatever_the_seed_and_the_columns(folder, tmp_path):
    roles = Roles(split="none", group="Sitter")
    data = open_dataset(folder, size=8, seed=5, roles=roles)
    again = open_data(run_on(data, tmp_path / "run"))
    assert origin(again) == origin(data)
    assert again.schema == data.schema
    assert len(set(again.groups.tolist())) == 20
    assert origin(open_dataset(folder, size=8, seed=6, roles=roles)) != origin(data)


def test_a_relative_path_is_found_from_anywhere(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_on(open_dataset("faces", size=8), tmp_path / "run")
    monkeypatch.chdir("/")
    assert len(open_data(run)) == 40


def test_a_source_that_version_0_1_wrote_is_read(folder, tmp_path):
    run = run_on(open_dataset(folder, size=8), tmp_path / "run")
    old = {"source": str(folder), "strict": False, "schema": None}
    (run.path / FILE).write_text(json.dumps(old))
    assert len(open_data(run)) == 40


def test_data_from_arrays_are_not_named(tmp_path):
    run = run_on(portraits.dataset(size=8, count=20), tmp_path / "run")
    with pytest.raises(RunError, match=r"does not say which data .* name the SOURCE as well"):
        open_data(run)


def test_a_damaged_file_is_named(folder, tmp_path):
    run = run_on(open_dataset(folder, size=8), tmp_path / "run")
    (run.path / FILE).write_text("{}")
    with pytest.raises(RunError, match=r"source\.json is damaged .*'source'"):
        open_data(run)
    (run.path / FILE).write_text('{"source": "faces", "seed": Infinity}')
    with pytest.raises(RunError, match=r"source\.json is damaged .*infinity"):
        open_data(run)


def test_other_attributes_are_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("interpretable_gan.data.open.PORTRAIT_COUNT", 20)
    run = run_on(open_dataset(folder, size=8), tmp_path / "run")
    with pytest.raises(DataError, match="portraits has other attributes than the run"):
        open_data(run, "portraits")
    other = replace(run, schema=portraits.schema())
    with pytest.raises(DataError):
        open_data(other)
