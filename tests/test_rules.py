"""The rules of the suite hold: see ``rules.py``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = {
    "extra": "import pytest\npytest.importorskip('no_such_extra')\n",
    "inside": "import pytest\ndef test_it():\n    pytest.importorskip('no_such_extra')\n",
    "data": "import pytest\ndef test_it():\n    pytest.skip('not on this machine: weights')\n",
    "known": "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n",
}


@pytest.fixture
def ran(tmp_path):
    """What a run of the files above says of each test."""

    def run(ci):
        for name, text in FILES.items():
            (tmp_path / f"test_{name}.py").write_text(text)
        (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
        command = [sys.executable, "-m", "pytest", "-p", "rules", "-q", "-rA"]
        command += ["--continue-on-collection-errors"]
        environment = os.environ | {
            "CI": ci,
            "PYTHONPATH": str(Path(__file__).parent),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    return run


def test_in_ci_a_missing_extra_fails_and_missing_data_may_skip(ran):
    said = ran("true")
    assert "ERROR test_extra.py - Skipped in CI: could not import 'no_such_extra'" in said
    assert "FAILED test_inside.py::test_it - Skipped in CI" in said
    assert "SKIPPED [1] test_data.py:3: not on this machine: weights" in said
    assert "XFAIL test_known.py::test_it" in said


def test_elsewhere_both_skip(ran):
    assert "3 skipped, 1 xfailed" in ran("")
