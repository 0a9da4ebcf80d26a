"""The tutorial says what works: every block of it is run, in order."""

import re
import shlex
from pathlib import Path

import pytest

from interpretable_gan.cli.main import run

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page):
    """Kind and text of every runnable block of a page, in order."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def test_the_tutorial_works_as_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IGAN_CACHE", str(tmp_path / "cache"))
    found, names = blocks("docs/tutorial.md"), {}
    assert len(found) >= 7
    for kind, text in found:
        if kind == "python":
            exec(compile(text, "docs/tutorial.md", "exec"), names)
            continue
        for line in text.splitlines():
            prompt, command = line.split(" ", 2)[:2]
            assert (prompt, command) == ("$", "igan"), line
            assert run(shlex.split(line)[2:]) == 0, f"{line}\n{capsys.readouterr().err}"
    assert (tmp_path / "smiling.png").is_file()
    assert (tmp_path / "sweep-age.png").is_file()
    assert "torch.Size([4, 3, 16, 16])" in capsys.readouterr().out


@pytest.mark.parametrize("page", [path.name for path in (ROOT / "docs").glob("*.md")])
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (ROOT / "docs" / link).exists(), f"docs/{page}: {link}"
