"""What the page on the supply chain lists is what is there."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "supply_chain.md").read_text(encoding="utf-8")

SPEC = importlib.util.spec_from_file_location("supply_chain", ROOT / "docs" / "supply_chain.py")
supply_chain = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(supply_chain)

PARSERS = {
    *("csv", "gzip", "http", "json", "onnxruntime", "pickle", "PIL", "plistlib", "pyarrow"),
    *(
        "safetensors",
        "sqlite3",
        "tarfile",
        "tomllib",
        "xml",
        "yaml",
        "zipfile",
        "marshal",
        "shelve",
    ),
}
"""Packages that parse files, among them some that nothing here may use."""
CALLED = {"PIL": "Pillow", "http": "http.server", "yaml": "PyYAML"}


def test_every_dependency_is_locked_with_hashes():
    packages = {each.name: each for each in supply_chain.locked()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.search(r"extras (.+)\.$", PAGE, re.MULTILINE)
    wanted = list(project["dependencies"])
    for extra in re.findall(r"`(\w+)`", extras[1]):
        wanted += project["optional-dependencies"][extra]
    for line in wanted:
        name = re.match(r"[\w-]+", line)[0].lower()
        assert packages[name].hashes, f"{name}: make requirements.lock again"


def test_the_lock_holds_to_the_versions_that_were_tested():
    tested = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    for each in supply_chain.locked():
        assert tested.get(each.name, each.version) == each.version
    assert not re.search(r"https?://", supply_chain.LOCK.read_text())


def test_the_bill_of_materials_and_the_table_have_every_package():
    bill = json.loads(supply_chain.SBOM.read_text(encoding="utf-8"))
    listed = [
        (each["name"], each["version"], [one["value"] for one in each["properties"]])
        for each in bill["components"]
    ]
    packages = supply_chain.locked()
    assert listed == [tuple(each) for each in packages]
    told = {
        each["name"]: each["licenses"][0]["license"]["name"]
        for each in bill["components"]
        if "licenses" in each
    }
    assert "\n".join(supply_chain.table(packages, told)) in PAGE


def test_every_parser_of_the_package_is_on_the_page():
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {each.name.split(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.split(".")[0])
    rows = PAGE[PAGE.index("## What is parsed") :]
    for name in sorted(used & PARSERS):
        assert CALLED.get(name, name) in rows, f"{name} parses files: put it into the table"
    assert not used & {"pickle", "marshal", "shelve"}
