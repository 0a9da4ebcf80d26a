"""Sixty portraits in shards of eight."""

from __future__ import annotations

import shutil

import pytest

from interpretable_gan.data import portraits
from interpretable_gan.data.sharded.write import write_shards


@pytest.fixture(scope="session")
def drawn():
    """The data set that was put into shards; some of its labels are not known."""
    data = portraits.dataset(size=8, count=60, seed=0)
    data.known[::7, 0], data.codes[::7, 0] = False, 0
    return data


@pytest.fixture(scope="session")
def written(drawn, tmp_path_factory):
    """Both forms; leave them as they are."""
    root = tmp_path_factory.mktemp("sharded")
    for kind in ("tar", "parquet"):
        write_shards(drawn, root / kind, rows=8, kind=kind)
    return root


@pytest.fixture
def shards(written, tmp_path):
    """A copy as tar files, to be changed."""
    return shutil.copytree(written / "tar", tmp_path / "shards")
