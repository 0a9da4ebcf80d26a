"""A folder such as the pages speak of: ``faces/`` with images and a table, ``runs/faces`` trained
on them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from interpretable_gan.steer import trial

sys.path.insert(0, str(Path(__file__).parent))

NETWORKS = {
    "generator_widths": (16, 16, 12, 8),
    "discriminator_widths": (8, 12),
    "discovered": 2,
    "style": 4,
    "batch": 16,
    "precision": "float32",
    "threads": 1,
}
"""The smallest networks for 32×32 pixels."""


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The folder, made once: copy it, leave it as it is."""
    from interpretable_gan.cli.main import run

    folder = tmp_path_factory.mktemp("pages")
    settings = [f"--set={name}={json.dumps(value)}" for name, value in NETWORKS.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("IGAN_CACHE", str(folder / "cache"))
        assert run(["data", "portraits", "--out", "faces", "--n", "120", "--size", "32"]) == 0
        train = ["train", "faces", "--out", "runs/faces", "--images", "64", "--no-check"]
        assert run([*train, *settings]) == 0
    return folder


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty folder, in which the test then runs, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def workplace(template, empty, monkeypatch):
    """A copy of the folder of the pages, in which the test then runs. All share one cache, so that
    an evaluator is trained once.
    """
    shutil.copytree(template, empty, dirs_exist_ok=True, ignore=shutil.ignore_patterns("cache"))
    monkeypatch.setenv("IGAN_CACHE", str(template / "cache"))
    monkeypatch.setattr(trial, "SAMPLES", 256)  # enough for a page that says how, not how well
    return empty
