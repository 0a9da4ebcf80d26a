"""A run on one page: where it goes, and what stops it."""

import subprocess
import sys

import pytest

from interpretable_gan.training.run import save_model


def test_a_page_is_written_and_never_replaced_unasked(run, folder, igan):
    done = igan("report", run, folder)
    assert (done.code, done.out) == (0, f"{run / 'report.html'}\n")
    assert "reporting" in done.err
    written = (run / "report.html").read_bytes()
    assert written.startswith(b"<!DOCTYPE html>")
    assert len(written) < 10_000_000

    (run / "report.html").write_text("mine")
    refused = igan("report", run, folder)
    assert refused.code == 2
    assert "--force" in refused.err
    assert (run / "report.html").read_text() == "mine"

    elsewhere = igan("report", run, folder, "--out", "page.html", "-q")
    assert (elsewhere.out, elsewhere.err) == ("page.html\n", "")
    assert igan("report", run, folder, "--force").code == 0
    assert (run / "report.html").read_bytes() == written


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda run: (run / "card.json").write_text("{"), "damaged", id="card"),
        pytest.param(
            lambda run: (run / "weights.safetensors").write_text("?"), "weights", id="weights"
        ),
        pytest.param(lambda run: (run / "config.json").unlink(), "is no run", id="no run"),
    ],
)
def test_what_is_damaged_is_named_in_one_line(run, folder, igan, spoil, said):
    spoil(run)
    done = igan("report", run, folder, "-q")
    assert done.code == 1
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not (run / "report.html").exists()


def test_a_model_saved_from_python_is_told_too(world, folder, igan, tmp_path):
    save_model(world.run.model(), tmp_path / "saved")
    done = igan("report", tmp_path / "saved", folder, "-q")
    assert (done.code, done.err) == (0, "")
    assert "says nothing of its speed" in (tmp_path / "saved/report.html").read_text()


def test_without_matplotlib_the_extra_is_named(run, folder, igan, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = igan("report", run, folder, "-q")
    assert done.code == 1
    assert "-c constraints.txt -e '.[report]'" in done.err


WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
from interpretable_gan.cli.main import run
assert run(["report", "gone"]) == 1
assert "torch" not in sys.modules
"""


def test_the_extra_is_named_before_anything_heavy_is_loaded():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MATPLOTLIB], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ".[report]" in done.stderr
