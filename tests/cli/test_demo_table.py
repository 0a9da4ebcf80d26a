"""The demo of a table finds the rule that the table was drawn by."""

from __future__ import annotations

import pytest

from interpretable_gan.cli import demo_table


def test_importance_and_shapes_are_compared_with_the_rule(loans):
    lines = demo_table.truth_lines(loans.model, 0)
    found = demo_table.compared(loans.model, 0)
    assert set(found["true"]) >= {"income", "debt", "months", "age × purpose", "debt × home"}
    assert any("months" in line for line in lines)
    errors = {name: error for name, (_, error) in found["true"].items()}
    assert errors["work"] < 0.15
    missing = demo_table.compared(loans.model.to("cpu"), 0)["true"]
    assert missing == found["true"]


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
