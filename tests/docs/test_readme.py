"""The README keeps its word: commands, map and example."""

import re
from pathlib import Path

import pytest

import interpretable_gan

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src" / "interpretable_gan"
INSTALL = "python3 -m venv .venv && .venv/bin/python -m pip install -q -c constraints.txt -e"


@pytest.mark.parametrize(
    "line",
    [
        f"{INSTALL} . && .venv/bin/igan demo",
        f"{INSTALL} '.[test]' && .venv/bin/python -m pytest -q",
    ],
)
def test_the_two_commands_stand_alone_on_their_lines(line):
    assert f"\n    {line}\n" in README


def test_the_map_shows_every_room_and_no_other():
    shown = set(re.findall(r"^[├└]── (\S+)", README, re.MULTILINE))
    rooms = {f"{path.parent.name}/" for path in PACKAGE.glob("*/[!_]*.py")}
    files = {path.name for path in PACKAGE.glob("*.py")}
    assert shown == rooms | files


def test_its_example_uses_names_that_exist():
    for names in re.findall(r"^from interpretable_gan import (.+)$", README, re.MULTILINE):
        assert set(names.split(", ")) <= set(interpretable_gan.PUBLIC)


def test_constraints_pin_torch_for_every_machine():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.search(r"^torch==[\d.]+$", pins, re.MULTILINE)
    assert "+cpu" not in pins
