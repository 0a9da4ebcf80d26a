"""Rows as a file, given any columns."""

from __future__ import annotations

import csv
import re
import shutil

import pytest

from interpretable_gan.schema.numerals import Numerals
from interpretable_gan.schema.table_form import ColumnForm, TableForm
from interpretable_gan.training.run import Run
from interpretable_gan.training.tables import FORM, open_form


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


def test_rows_are_written_as_the_file_was(loans, tmp_path, igan):
    run = tmp_path / "run"
    shutil.copytree(loans.run, run)
    known = {column.name: column for column in open_form(Run.open(run)).columns}
    assert tuple(known) == loans.data.schema.names
    known["income"] = ColumnForm(
        name="income", spelled="Income ", numerals=Numerals(decimal=",", thousands=".")
    )
    aside = (
        ColumnForm(name="customer", spelled="customer"),
        ColumnForm(name="currency", spelled="currency", always="EUR"),
    )
    form = TableForm(columns=(*aside, *known.values()), separator=";", line_end="\r\n", mark=True)
    (run / FORM).write_text(form.model_dump_json())
    done = igan("sample", run, "--n", 40)
    assert "left out of the model, so written empty: customer." in done.err
    content = (tmp_path / "samples.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfcustomer;currency;")
    assert content.count(b"\r\n") == 41
    lines = content.decode("utf-8-sig").splitlines()
    names = lines[0].split(";")
    assert "Income " in names
    incomes = [line.split(";")[names.index("Income ")] for line in lines[1:]]
    assert all(re.fullmatch(r"([0-9]{1,3}(\.[0-9]{3})*,[0-9]{2})?", cell) for cell in incomes)
    assert any("." in cell for cell in incomes)
    assert all(line.startswith(";EUR;") for line in lines[1:])
    (run / FORM).write_text("{")
    assert "form.json is damaged" in igan("sample", run, "--force").err


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
