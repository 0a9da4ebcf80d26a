"""The page on a run of a table tells its quality, shapes, reasons, groups and drawn rows."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("matplotlib", reason="the extra report is not installed")


@pytest.fixture(scope="module")
def page(loans):
    from interpretable_gan.report.table_page import table_report
    from interpretable_gan.training.run import Run

    return table_report(Run.open(loans.run), loans.data)


def test_everything_stands_on_it(page, loans):
    for said in (
        "Area under the ROC curve, on 200 test rows",
        "risk = good rests most on",
        "Decisions and their reasons",
        "Drawn rows beside real ones",
        "rows are split at random",
    ):
        assert said in page, said
    for name in loans.model.head.columns:
        assert f"<figcaption>{name}</figcaption>" in page
    groups = re.findall(r"<th scope=\"row\">home</th><td>(\w+)</td>", page)
    assert groups == ["owns", "rents"]


def test_it_needs_no_network_and_takes_no_names_for_html(page, loans):
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]*\"", page)
    assert "<script" not in page


def test_the_command_writes_it(loans, tmp_path):
    from interpretable_gan.cli.main import run

    assert run(["report", str(loans.run), "--out", str(tmp_path / "page.html"), "-q"]) == 0
    assert "Report on run" in (tmp_path / "page.html").read_text(encoding="utf-8")
