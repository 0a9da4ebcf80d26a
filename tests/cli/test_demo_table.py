"""The demo of a table finds the rule that the table was drawn by."""

from __future__ import annotations

import pytest

from interpretable_gan.cli import demo_table


def test_importance_and_shapes_are_compared_with_the_rule(loans, monkeypatch):
    monkeypatch.setattr(demo_table, "FRESH", 2000)
    found = demo_table.compared(loans.model, 0)
    assert set(found["true"]) >= {"income", "debt", "months", "age × purpose", "debt × home"}
    assert found["true"]["work"][1] < 0.15
    assert found["true"]["work"][0] > found["useless"]
    monkeypatch.setattr(demo_table, "compared", lambda *given: found)
    lines = demo_table.truth_lines(loans.model, 0)
    assert any(line.startswith("months") for line in lines)


@pytest.mark.slow
def test_the_demo_runs_and_finds_the_rule(igan):
    pytest.importorskip("interpret", reason="the extra tables is not installed")
    done = igan("demo", "--table", "--out", "demo")
    assert done.code == 0, done.err
    assert "so all come before it" in done.out
    assert "demo/report.html" in done.out
    assert igan("explain", "demo", "demo/applicants.csv", "--row", 2).code == 0
    again = igan("demo", "--table", "--images", "5")
    assert "a table has no images" in again.err
