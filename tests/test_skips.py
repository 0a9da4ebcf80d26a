"""In CI a test that needs a missing extra fails; one without its data may skip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXTRA = "import pytest\nxlsx = pytest.importorskip('no_such_extra')\ndef test_it(): pass\n"
INSIDE = "import pytest\ndef test_it():\n    pytest.importorskip('no_such_extra')\n"
DATA = "import pytest\ndef test_it():\n    pytest.skip('not on this machine: the weights')\n"
KNOWN = "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n"


@pytest.mark.parametrize(
    ("text", "ci", "ends"),
    [
        pytest.param(EXTRA, "true", "1 error", id="a file needs an extra, in CI"),
        pytest.param(INSIDE, "true", "1 failed", id="a test needs an extra, in CI"),
        pytest.param(INSIDE, "", "1 skipped", id="a test needs an extra, elsewhere"),
        pytest.param(DATA, "true", "1 skipped", id="no data, in CI"),
        pytest.param(KNOWN, "true", "1 xfailed", id="a known fault, in CI"),
    ],
)
def test_a_skip_for_a_missing_extra_fails_in_ci_only(tmp_path, text, ci, ends):
    (tmp_path / "test_some.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "skips", "-p", "no:cacheprovider", "-q"]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert f"{ends} in " in done.stdout, done.stdout
