"""The page on a run of a table tells its quality, shapes, reasons, groups and drawn rows."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("matplotlib", reason="the extra report is not installed")


@pytest.fixture(scope="module")
def page(loans, tmp_path_factory):
    """What the command writes."""
    from interpretable_gan.cli.main import run

    path = tmp_path_factory.mktemp("page") / "page.html"
    assert run(["report", str(loans.run), "--out", str(path), "-q"]) == 0
    return path.read_text(encoding="utf-8")


def test_everything_stands_on_it(page, loans):
    for said in (
        "Report on run",
        "Area under the ROC curve, on 200 test rows",
        "risk = good rests most on",
        "Decisions and their reasons",
        "Drawn rows beside real ones",
        "rows are split at random",
        "What other columns tell",
        "attack that guesses training rows",
        "Claims, measured",
    ):
        assert said in page, said
    for name in loans.model.head.columns:
        assert f"<figcaption>{name}</figcaption>" in page
    groups = re.findall(r"<th scope=\"row\">home</th><td>(\w+)</td>", page)
    assert groups == ["owns", "rents"]


def test_it_needs_no_network_and_takes_no_names_for_html(page, loans):
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]*\"", page)
    assert "<script" not in page
