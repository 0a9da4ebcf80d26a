"""Every example runs, on little data."""

import runpy
from pathlib import Path

import pytest

from interpretable_gan.data import portraits

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch, tmp_path):
    """Runs an example's ``main`` in an empty folder, with few portraits."""
    drawn = portraits.dataset
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(portraits, "dataset", lambda **how: drawn(**how | {"count": 200}))

    def run(name, **settings):
        runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](**settings)

    return run


def test_a_decision_is_explained(example, capsys, tmp_path):
    example("explain_a_decision", images=64)
    assert "discriminator's score" in capsys.readouterr().out
    assert (tmp_path / "runs/examples/why.png").exists()


def test_images_are_edited_and_judged(example, capsys, tmp_path):
    example("edit_images", images=64, seen=64)
    assert "smiling" in capsys.readouterr().out
    assert (tmp_path / "runs/examples/edited.png").exists()


def test_a_metric_of_ones_own(example, capsys):
    example("own_metric", images=64)
    assert "brightness_gap" in capsys.readouterr().out


def test_each_example_is_tried_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {
        "explain_a_decision", "edit_images", "own_metric",
    }  # fmt: skip
