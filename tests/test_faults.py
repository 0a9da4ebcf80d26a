"""The short form of benchmarks/faults.py; docs/results/reliability.md tells the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="not on this machine: Linux, which can fork")
def test_nothing_is_lost_by_kills_damage_and_hostile_input(tmp_path):
    command = [sys.executable, BENCHMARKS / "faults.py", "kills", "flips", "doors", "--short"]
    where = ["--out", tmp_path, "--work", tmp_path / "work"]
    done = subprocess.run([*command, *where], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    kills, flips, doors = (
        json.loads((tmp_path / f"faults-{part}.json").read_text())
        for part in ("kills", "flips", "doors")
    )
    assert kills["kills"] == 2
    assert kills["lost"] == []
    assert flips["trials"] > 90
    assert flips["wrong"] == []
    assert doors["inputs"] > 80
    assert all(door["wrong"] == [] for door in doors["doors"].values())
