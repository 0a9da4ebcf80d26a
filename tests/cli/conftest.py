"""Runs commands as a shell would, in a folder of their own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.cli import main
from world import TINY


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output as data."""
        return json.loads(self.out)


@pytest.fixture
def igan(tmp_path, monkeypatch, capsys):
    """Call a command in an empty folder with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))

    def call(*arguments):
        capsys.readouterr()
        code = main.run([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def small():
    """Options of ``igan train`` for the smallest networks, which nobody checks."""
    return ["--no-check", *(f"--set={name}={json.dumps(value)}" for name, value in TINY.items())]


@pytest.fixture
def photo(world, tmp_path):
    """A test image as a file."""
    path = tmp_path / "photo.png"
    Image.fromarray(np.asarray(world.data.images[world.data.rows("test")[0]])).save(path)
    return path


@pytest.fixture
def run(world, tmp_path):
    """A copy of the run, to be changed."""
    shutil.copytree(world.run.path, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def folder(igan, tmp_path):
    """Forty portraits of 16×16 as a folder of images with a table."""
    assert igan("data", "portraits", "--out", "faces", "--n", 40, "--size", 16).code == 0
    return tmp_path / "faces"


@pytest.fixture
def faces(igan, tmp_path):
    """Enough portraits that twenty of them are test images."""
    assert igan("data", "portraits", "--out", "many", "--n", 200, "--size", 16).code == 0
    return tmp_path / "many"


@pytest.fixture
def quick(monkeypatch):
    """A quick check that is quicker still: barely trained evaluators and forty samples."""
    from interpretable_gan.audit.sizes import Sizes

    small = Sizes(
        samples=40, edits=5, pictures=40, places=1, curves=4, codes=50, evaluator=64, resamples=50
    )
    monkeypatch.setattr(Sizes, "quick", classmethod(lambda cls: small))
