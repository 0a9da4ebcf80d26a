"""From the lock file to a bill of materials and a table of licences.

    python docs/supply_chain.py > licences.md

Asks pip what it would install from requirements.lock on this machine, with what each package says
of its licence, and installs nothing. Writes docs/sbom.json in CycloneDX 1.6; packages for other
systems alone are in it without a licence. The table goes to standard output, and from there into
docs/supply_chain.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "docs" / "sbom.json"

UNTOLD = "not told by the package"

LONG = 120
"""Characters from which on a licence is a whole text, whose name is elsewhere."""


class Locked(NamedTuple):
    """A package in the lock file, with the SHA-256 of every file that may be installed."""

    name: str
    version: str
    hashes: list[str]


def main() -> None:
    told = licences()
    packages = locked()
    SBOM.write_text(json.dumps(bill(packages, told), indent=1) + "\n", encoding="utf-8")
    for line in table(packages, told):
        print(line)


def locked() -> list[Locked]:
    """What the lock file pins, in order of name."""
    found: list[Locked] = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if pinned := re.match(r"([a-z0-9-]+)==(\S+)", line):
            found.append(Locked(pinned[1], pinned[2], []))
        elif digest := re.search(r"--hash=sha256:([0-9a-f]{64})", line):
            found[-1].hashes.append(digest[1])
    return found


def licences() -> dict[str, str]:
    """Package → its licence, of those that pip would install here."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report"]
        command = ["pip", "install", *options, str(report), "-r", str(LOCK)]
        subprocess.run([sys.executable, "-m", *command], check=True)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    found = [each["metadata"] for each in installed]
    return {re.sub(r"[-_.]+", "-", each["name"]).lower(): licence(each) for each in found}


def licence(metadata: dict[str, Any]) -> str:
    """The expression that a package gives, else its classifier, else its own words."""
    marks = [each for each in metadata.get("classifier", []) if each.startswith("License ::")]
    words = (metadata.get("license") or "").strip()
    said = [each.rpartition(":: ")[2] for each in marks]
    own = words if words != "UNKNOWN" and len(words) < LONG and "\n" not in words else ""
    return metadata.get("license_expression") or own or ", ".join(said) or UNTOLD


def bill(packages: list[Locked], told: dict[str, str]) -> dict[str, Any]:
    """A CycloneDX document. Hashes of several files are properties, as a component has one file."""
    components = []
    for each in packages:
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"{each.name}=={each.version}",
            "name": each.name,
            "version": each.version,
            "purl": f"pkg:pypi/{each.name}@{each.version}",
            "properties": [{"name": "sha256", "value": h} for h in each.hashes],
        }
        if each.name in told:
            component["licenses"] = [{"license": {"name": told[each.name]}}]
        components.append(component)
    project = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert project is not None
    main_component = {"type": "library", "name": "interpretable-gan", "version": project[1]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": main_component},
        "components": components,
    }


def table(packages: list[Locked], told: dict[str, str]) -> list[str]:
    """A Markdown table: licence and the packages under it, the most frequent first."""
    by_licence: dict[str, list[str]] = {}
    for each in packages:
        by_licence.setdefault(told.get(each.name, "for other systems alone"), []).append(each.name)
    rows = sorted(by_licence.items(), key=lambda row: (-len(row[1]), row[0]))
    lines = [f"| {name} | {', '.join(names)} |" for name, names in rows]
    return ["| licence, as the package tells it | packages |", "|---|---|", *lines]


if __name__ == "__main__":
    main()
