"""What holds for all tests: one thread each, the same hypothesis cases, a tiny world to share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
torch.set_num_threads(1)
settings.register_profile("house", deadline=None, derandomize=True)  # busy machines, same cases
settings.load_profile("house")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Two hundred portraits of 16×16, and a run of four steps on them; leave its folder as is."""
    from world import World

    return World.build(tmp_path_factory.mktemp("world"))
