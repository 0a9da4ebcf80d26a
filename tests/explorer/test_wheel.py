"""Whoever installs the wheel has the page: no Node, no file beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPORT = """
import sys
from pathlib import Path
import interpretable_gan
from interpretable_gan.explorer.page import export_page
from interpretable_gan.training.run import Run
assert Path(interpretable_gan.__file__).is_relative_to(sys.argv[1])
export_page(Run.open(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What the wheel holds, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow
def test_a_page_out_of_the_wheel_opens(installed, world, browser, tmp_path):
    page_file = tmp_path / "page.html"
    arguments = [installed, world.run.path, page_file]
    done = subprocess.run(
        [sys.executable, "-c", EXPORT, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector("#picture")
    page.close()
    assert (installed / "interpretable_gan/explorer/assets/LICENSES.txt").is_file()
