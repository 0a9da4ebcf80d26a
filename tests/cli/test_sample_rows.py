"""Rows as a file, given any columns."""

from __future__ import annotations

import csv

import pytest


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rows_have_the_columns_of_the_table_and_are_as_asked(loans, igan):
    done = igan("sample", loans.run, "--set", "age=30..40", "--set", "home=owns", "--n", 50)
    assert done.code == 0, done.err
    assert done.out == "samples.csv\n"
    rows = read("samples.csv")
    assert list(rows[0]) == list(loans.data.schema.names)
    assert len(rows) == 50
    assert all(30 <= int(row["age"]) <= 40 and row["home"] == "owns" for row in rows)
    assert any(row["late"] == "" for row in rows)
    again = igan("sample", loans.run, "--set", "age=30..40", "--set", "home=owns", "--n", 50)
    assert again.code == 2
    assert "samples.csv" in again.err


def test_drawn_rows_can_be_opened_again(loans, igan):
    from interpretable_gan.data.tables import open_table

    assert igan("sample", loans.run, "--n", 100, "--out", "drawn.csv").code == 0
    drawn = open_table("drawn.csv", schema=loans.data.schema)
    assert not drawn.report.found.get("unreadable label")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        pytest.param(["--set", "age=90.."], 1, "no training row has age = 90..", id="impossible"),
        pytest.param(["--set", "ages=30"], 2, "Did you mean 'age'", id="no column"),
        pytest.param(["--set", "home=own"], 1, "Did you mean 'owns'", id="no level"),
        pytest.param(["--sweep", "age"], 2, "a sweep is for images", id="sweep"),
        pytest.param(["--out", "rows.png"], 2, "end it in .csv", id="picture"),
    ],
)
def test_wrong_calls_are_one_sentence(loans, igan, options, code, said):
    done = igan("sample", loans.run, *options)
    assert done.code == code
    assert said in done.err


def test_what_is_rare_is_said(loans, igan):
    rare = {"age": 21, "months": 65, "purpose": "business", "work": "none", "debt": "9000.."}
    options = [word for name, value in rare.items() for word in ("--set", f"{name}={value}")]
    done = igan("sample", loans.run, *options, "--json")
    assert "what is asked for is rare: among 1,600 training rows" in done.err
    assert done.json["probability_of_asked"] < 1 / 1600
