"""From a table to reasons, by commands alone."""

from __future__ import annotations

import csv

import pytest
from PIL import Image

from loans import write


@pytest.fixture
def file(loans, tmp_path):
    """The first twelve applicants, of whom nobody knows the risk yet."""
    table = {name: cells[:12] for name, cells in loans.data.columns().items() if name != "risk"}
    return write(tmp_path / "new.csv", table)


def test_a_table_is_trained_and_says_how_good_it_is(loans, igan):
    done = igan("train", loans.file, "--target", "risk", "--out", "run", *SETTINGS)
    assert done.code == 0, done.err
    assert "risk: 'good' is taken for the wanted value" in done.err
    assert "--target risk=bad" in done.err
    assert "drawn rows, 200 test rows: detection auroc 0." in done.out
    assert "risk = good, 200 test rows: auroc 0." in done.out
    assert "risk = good rests most on" in done.out
    assert "rows are split at random, seed 0" in done.err
    told = igan("info", "run").out
    assert "table applicants (1,600 train, 200 validation, 200 test)" in told
    again = igan("train", loans.file, "--target", "risk=good", "--out", "run")
    assert again.code == 2
    assert "holds a run" in again.err


SETTINGS = ("--set", "refits=2", "--set", "pairs=2", "--set", "threads=1", "--set", "hidden=3")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--target", "risks"], "Did you mean 'risk'", id="no such column"),
        pytest.param(["--target", "risk=god"], "Did you mean 'good'", id="no such value"),
        pytest.param(["--target", "work"], "name the one to be told from all others", id="levels"),
        pytest.param(["--target", "risk", "--images", "9"], "fitted at once", id="images"),
        pytest.param(["--target", "risk", "--set", "refit=2"], "Did you mean 'refits'", id="set"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(loans, igan, options, said):
    done = igan("train", loans.file, "--out", "run", *options)
    assert done.code in (1, 2)
    assert said in done.err.splitlines()[-1]


def test_reasons_of_all_rows_go_into_a_table(loans, file, igan):
    done = igan("explain", loans.run, file, "--out", "reasons.csv")
    assert done.code == 0, done.err
    assert "row 1: risk = good: probability" in done.out
    with open("reasons.csv", newline="", encoding="utf-8") as told:
        rows = list(csv.DictReader(told))
    assert len(rows) == 12
    assert {row["approved"] for row in rows} == {"yes", "no"}
    assert all(" is " in row["reason_1"] for row in rows if row["approved"] == "no")
    assert igan("explain", "rows", loans.run, file, "--out", "reasons.csv").code == 2


def test_one_row_is_told_in_full_with_a_picture(loans, file, igan):
    done = igan("explain", loans.run, file, "--row", "3", "--out", "why.png")
    assert "Reasons:\n1. " in done.out
    assert "All terms add up to the score" in done.out
    with Image.open("why.png") as picture:
        assert picture.width > 200
    other = igan("explain", loans.run, file, "--row", "3", "--against", "age=21..30")
    assert "training rows with age=21..30" in other.out
    assert igan("explain", loans.run, file, "--row", "3", "--json").json["reference"] == "approved"


def test_changes_of_a_row(loans, file, igan):
    done = igan("explain", loans.run, file, "--row", "3", "--flip", "decision", "--json")
    assert done.code == 0, done.err
    assert done.json["explains"] == "RowChanges"


def test_what_counts_over_all_and_the_shape_of_a_column(loans, igan):
    assert "rests most on" in igan("explain", loans.run).out
    shape = igan("explain", loans.run, "--column", "late").out
    assert "not known" in shape
    assert "95 %" in shape


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--row", "13"], "has 12 rows", id="row"),
        pytest.param(["--flip", "decision"], "say --row N --flip decision", id="flip"),
        pytest.param(["--row", "1", "--flip", "25.."], "'risk' is no number", id="no number"),
        pytest.param(["--out", "why.png"], "takes a table of all rows", id="picture of all"),
        pytest.param(["--against", "aproved"], "Did you mean 'approved'", id="group"),
        pytest.param(["--against", "age=old"], "'age' cannot be 'old'", id="group of a value"),
    ],
)
def test_wrong_calls_are_one_sentence(loans, file, igan, options, said):
    done = igan("explain", loans.run, file, *options)
    assert done.code in (1, 2)
    assert said in done.err


def test_a_cell_that_cannot_be_is_named(loans, file, igan):
    file.write_text(file.read_text().replace("permanent", "eternal", 1))
    done = igan("explain", loans.run, file)
    assert done.code == 1
    assert "work cannot be 'eternal'" in done.err


def test_runs_of_images_and_of_tables_are_told_apart(loans, run, file, igan):
    done = igan("explain", run, file)
    assert "is a run of images: igan explain image" in done.err
    for command in (["check"], ["steer", loans.run]):
        done = igan(command[0], loans.run, *command[1:])
        assert "is a run of a table" in done.err, command


def test_rows_are_edited_in_a_file_like_the_table(loans, tmp_path, igan):
    rows = write(tmp_path / "rows.csv", loans.data.columns(loans.data.rows("test")[:12]))
    out = tmp_path / "edited.csv"
    done = igan("edit", loans.run, rows, "--set", "age=40", "--out", out)
    assert done.out.startswith("row 1: age ")
    assert "… and 2 more rows" in done.out
    lines = out.read_text().splitlines()
    assert lines[0] == rows.read_text().splitlines()[0]
    assert len(lines) == 13
    assert "exists already" in igan("edit", loans.run, rows, "--set", "age=1", "--out", out).err
    noted = tmp_path / "noted.csv"
    noted.write_text("\n".join(f"{line};x" for line in rows.read_text().replace(",", ";").split()))
    assert igan("edit", loans.run, noted, "--set", "age=41", "--out", tmp_path / "n.csv").code == 0
    old, new = (path.read_text().split() for path in (noted, tmp_path / "n.csv"))
    assert old[0] == new[0]
    at = old[0].split(";").index("age")
    for line, other in zip(old[1:], new[1:], strict=True):
        cells = line.split(";")
        cells[at] = "41"
        assert other == ";".join(cells)
    drawn = tmp_path / "drawn.csv"
    assert igan("edit", loans.run, rows, "--redraw", "rest", "--out", drawn).code == 0
    assert "name one table" in igan("edit", loans.run, "--set", "age=40").err
    said = igan("edit", loans.run, rows, "--set", "age=1000", "--out", tmp_path / "no.csv").err
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_table_has_a_card(loans, tmp_path, igan):
    import shutil

    run = tmp_path / "run"
    shutil.copytree(loans.run, run)
    (run / "card.json").unlink(missing_ok=True)
    done = igan("audit", run)
    assert "good rows: Drawn rows pass for test rows." in done.out
    assert "residual share" in done.out
    assert igan("audit", run, "--check").code == 0
    assert "a run of a table takes" in igan("audit", run, "--quick", "--force").err
