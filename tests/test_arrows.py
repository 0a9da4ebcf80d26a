"""Imports point one way and never in a circle; functions and files stay short enough to read.

The arrows are derived from the code: imports anywhere in a file count, under ``TYPE_CHECKING`` and
inside functions as well, and so do the names that a package loads on first use.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PACKAGE = ROOT / "src" / "interpretable_gan"
ENTRANCE = "__init__"
"""The package's own file of public names: outside the line, but not outside the circles."""

Arrows = dict[str, set[str]]
"""File (``audit.card``) or room (``audit``) → what it imports."""


def modules(package: Path) -> dict[str, Path]:
    """Dotted name below the package → file; a folder's name stands for its ``__init__.py``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts) or ENTRANCE] = path
    return found


def imported(tree: ast.AST, package: str, home: str) -> Iterator[str]:
    """Dotted names, below the package, of all that a file in the folder ``home`` imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = [package, *home.split(".")] if home else [package]
            start = above[: len(above) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PUBLIC":
            held = ast.literal_eval(node.value).values()  # loaded on first use, see lazy.py
            names = [f"{package}.{home}.{module}".replace("..", ".") for module in held]
        else:
            continue
        yield from (name for name in names if f"{name}.".startswith(f"{package}."))


def file_arrows(package: Path) -> Arrows:
    """Which file of the package imports which."""
    files = modules(package)
    arrows: Arrows = {}
    for name, path in files.items():
        home = ".".join(path.relative_to(package).parent.parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        arrows[name] = set()
        for target in imported(tree, package.name, home):
            inner = target.removeprefix(package.name).removeprefix(".")
            while inner and inner not in files:  # the last part is a name inside a file
                inner = inner.rpartition(".")[0]
            arrows[name].add(inner or ENTRANCE)
        arrows[name].discard(name)
    return arrows


def room_arrows(files: Arrows) -> Arrows:
    """The same between rooms: a room is a folder or a file at the top of the package."""
    rooms: Arrows = {name.partition(".")[0]: set() for name in files}
    for name, targets in files.items():
        rooms[name.partition(".")[0]] |= {target.partition(".")[0] for target in targets}
    return {room: targets - {room} for room, targets in rooms.items()}


def circles(arrows: Arrows) -> list[list[str]]:
    """Groups of names of which each reaches every other."""
    names = sorted(arrows)
    matrix = np.array([[target in arrows[name] for target in names] for name in names])
    _, group = connected_components(matrix, directed=True, connection="strong")
    groups = [[n for n, g in zip(names, group, strict=True) if g == each] for each in set(group)]
    return sorted(each for each in groups if len(each) > 1)


def inside(groups: list[list[str]], arrows: Arrows) -> str:
    """The arrows inside the groups, one a line."""
    found = [f"{a} → {b}" for group in groups for a in group for b in group if b in arrows[a]]
    return "\n".join(found)


def line_of(readme: str) -> list[list[str]]:
    """The steps of the one-way line; rooms of one step are separated by commas."""
    line = next(line for line in readme.splitlines() if line.startswith("Imports point one way"))
    return [re.findall(r"\w+", step) for step in line.split("`")[1].split("→")]


def against(files: Arrows, line: list[list[str]]) -> list[str]:
    """Imports of a room that stands later in the line."""
    step = {room: number for number, rooms in enumerate(line) for room in rooms}
    return [
        f"{name} imports {target}"
        for name, targets in sorted(files.items())
        for target in sorted(targets)
        if step.get(name.partition(".")[0], len(line)) < step.get(target.partition(".")[0], -1)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import house.hall.door", {"hall.door"}),
        ("import house.hall.door as d, os", {"hall.door"}),
        ("from house.hall.door import Door", {"hall.door"}),
        ("from house.hall import door", {"hall.door"}),
        ("from house.hall import Door", {"hall"}),
        ("from house import hall", {"hall"}),
        ("from house import __version__", {ENTRANCE}),
        ("import house", {ENTRANCE}),
        ("from . import roof", {"attic.roof"}),
        ("from .roof import Tile", {"attic.roof"}),
        ("from ..hall.door import Door", {"hall.door"}),
        ("if TYPE_CHECKING:\n    from house.hall import door", {"hall.door"}),
        ("def f():\n    from house.hall import door", {"hall.door"}),
        ("PUBLIC = {'Tile': 'roof'}", {"attic.roof"}),
        ("from household.hall import door\nimport os.path", set()),
    ],
)
def test_every_way_to_import_is_an_arrow(tmp_path, text, found):
    for name in ("__init__", "hall/__init__", "hall/door", "attic/__init__", "attic/roof"):
        (tmp_path / "house" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "house" / f"{name}.py").touch()
    (tmp_path / "house/attic/__init__.py").write_text(text)
    assert file_arrows(tmp_path / "house")["attic"] == found


def test_circles_and_imports_against_the_line_are_found():
    files = {"a.x": {"b.x"}, "b.x": {"c"}, "b.y": {"a.y"}, "a.y": set(), "c": {"b.x"}}
    assert circles(files) == [["b.x", "c"]]
    assert inside(circles(files), files) == "b.x → c\nc → b.x"
    assert circles(room_arrows(files)) == [["a", "b", "c"]]
    line = line_of("Imports point one way: `a → b, c`.")
    assert line == [["a"], ["b", "c"]]
    assert against(files, line) == ["a.x imports b.x"]


ARROWS = file_arrows(PACKAGE)


def test_no_files_import_each_other_in_a_circle():
    assert not circles(ARROWS), inside(circles(ARROWS), ARROWS)


def test_no_rooms_import_each_other_in_a_circle():
    rooms = room_arrows(ARROWS)
    assert not circles(rooms), inside(circles(rooms), rooms)


def test_the_line_of_the_readme_names_every_room_once():
    named = sorted(room for step in line_of(README.read_text(encoding="utf-8")) for room in step)
    assert named == sorted(set(room_arrows(ARROWS)) - {ENTRANCE})


def test_imports_point_along_the_line_of_the_readme():
    found = against(ARROWS, line_of(README.read_text(encoding="utf-8")))
    assert not found, "\n".join(found)


def test_no_function_is_longer_than_sixty_lines():
    found = [
        f"{name}.{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for name, path in modules(PACKAGE).items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not found, "\n".join(found)


def test_no_file_is_longer_than_four_hundred_lines():
    lines = {
        name: path.read_text(encoding="utf-8").count("\n")
        for name, path in modules(PACKAGE).items()
    }
    found = [f"{name} has {count} lines" for name, count in lines.items() if count > 400]
    assert not found, "\n".join(found)
