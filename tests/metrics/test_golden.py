"""Every published value in golden/ is met, by the call that golden_table.py names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from golden_case import differences, entries, misses
from golden_table import FAMILIES

GOLDEN = Path(__file__).parent / "golden"
MAPPED = [entry for entry in entries(GOLDEN) if entry.family in FAMILIES]


QUICK_TREES = ("aligned/dci_gbt", "rotated45/downstream_gbt", "rotated45/fairness_gbt")
"""Of the entries of boosted trees, which take most of the time, those that always run."""


def measured(entry):
    """An entry as a case, long where it is one of many with boosted trees."""
    long = "gbt" in entry.name and not entry.name.endswith(QUICK_TREES)
    return pytest.param(entry, marks=pytest.mark.long if long else (), id=entry.name)


@pytest.mark.parametrize("entry", [measured(entry) for entry in MAPPED])
def test_published_value_is_met(entry):
    assert misses(entry, GOLDEN, FAMILIES) == []


@pytest.mark.parametrize(
    ("got", "want", "met"),
    [
        (1.0 + 5e-7, 1.0, True),
        (1.0 + 5e-6, 1.0, False),
        (float("inf"), "inf", True),
        (0.0, "inf", False),
        (float("nan"), "nan", True),
        (0.0, "nan", False),
        (float("nan"), 0.0, False),
        ([1.0], [1.0, 2.0], False),
        ({}, {"value": 1.0}, False),
        (3.0, {"re": 3.0, "im": 1e-9}, True),
    ],
)
def test_a_golden_value_is_met_only_within_its_tolerance(got, want, met):
    tolerance = {"abs": 1e-8, "rel": 1e-6}
    assert (not list(differences(got, want, tolerance))) is met


def test_a_spread_over_seeds_widens_the_tolerance():
    tolerance = {"abs": 0.01, "rel": 0}
    assert not list(differences({"a": 0.56}, {"a": 0.5}, tolerance, {"a": 0.02}))
    assert list(differences({"a": 0.58}, {"a": 0.5}, tolerance, {"a": 0.02}))


def test_an_undefined_published_value_may_be_defined_with_a_warning():
    assert not list(differences(0.0, "nan", {"abs": 0, "rel": 0}, explained=True))


def _folder(tmp_path: Path, value: float) -> Path:
    (tmp_path / "representations").mkdir()
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "representations" / "new.npz",
        codes_train=rng.normal(size=(50, 2)),
        factors_train=rng.integers(0, 2, (50, 2)),
    )
    golden = {"value": value, "tolerance": {"abs": 1e-8, "rel": 1e-6}}
    (tmp_path / "representations.golden.json").write_text(
        json.dumps({"new": {"sap_continuous_on_int_factors": golden, "unheard_of": golden}})
    )
    return tmp_path


def test_the_scorer_names_each_miss_and_counts(tmp_path):
    """A case and a key it has never seen, and a value that is wrong."""
    script = Path(__file__).parent / "score_golden.py"
    command = [sys.executable, str(script), str(_folder(tmp_path, value={"SAP_score": 7.0}))]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert lines[0].startswith("representations/new/sap_continuous_on_int_factors: SAP_score")
    assert lines[1].endswith("no metric is mapped to this key")
    assert lines[-1] == "0 passed, 2 failed"
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert json.loads(as_json.stdout)["failed"] == 2
