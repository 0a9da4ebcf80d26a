"""What holds for all tests: shapes in signatures are checked, one thread each, a tiny world."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings
from jaxtyping import install_import_hook
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from rules import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401, hooks

CHECKED = (
    "augment blocks codes discriminator encoder generator labels learner losses reading step style"
)
"""Modules of models/gan whose shapes are checked; model.py itself says what does not fit."""
CHECKED_VAE = "bound learner networks objectives"
"""The same of models/vae."""
install_import_hook(
    [
        *(f"interpretable_gan.models.gan.{name}" for name in CHECKED.split()),
        *(f"interpretable_gan.models.vae.{name}" for name in CHECKED_VAE.split()),
    ],
    "beartype.beartype",
)
# Two workers share two cores: threads of numeric libraries that wait for a core burn its time.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # what is loaded later
threadpool_limits(1)
torch.set_num_threads(1)
settings.register_profile("house", deadline=None, derandomize=True)  # busy machines, same cases
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _own_chance():
    """No test draws on from where another stopped: global generators begin at a fixed seed."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002, libraries may draw from it
    torch.manual_seed(0)


@pytest.fixture
def rng():
    """A random generator of this test's own."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Two hundred portraits of 16×16, and a run of four steps on them; leave its folder as is."""
    from world import World

    return World.build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def vae(world, tmp_path_factory):
    """A run of a VAE of four steps on the same portraits; leave its folder as is."""
    from world import vae_of

    return vae_of(world, tmp_path_factory.mktemp("vae") / "run")


@pytest.fixture(scope="session")
def loans(tmp_path_factory):
    """Two thousand drawn applicants in a file, and a run that predicts their risk; leave its folder
    as is."""
    from loans import Loans

    return Loans.build(tmp_path_factory.mktemp("loans"))


@pytest.fixture(scope="session")
def room(tmp_path_factory):
    """A drawn library in files, and a recommender on it; leave its folder as is."""
    from reading_room import ReadingRoom

    return ReadingRoom.build(tmp_path_factory.mktemp("room"))


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="not on this machine: playwright, which '.[webtest]' installs"
    )
    if CHROMIUM is None:
        pytest.skip("not on this machine: Chromium (apt install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
