"""A table is looked at before training, and its schema drafted to be corrected."""

from __future__ import annotations

from interpretable_gan.schema.schema import Schema


def test_columns_are_told_with_kinds_values_and_what_was_decided(loans, igan):
    done = igan("data", "inspect", loans.file, "--out", "schema.yaml")
    assert done.code == 0, done.err
    assert "applicants: 2,000 rows (1,600 train, 200 validation, 200 test)" in done.out
    lines = {line.split()[0]: line for line in done.out.splitlines() if line.split()}
    assert "2 decimals" in lines["income"]
    assert "5 levels, ordered" in lines["late"]
    assert "whole numbers" in lines["debt"]
    assert ", at 0 " in lines["debt"]
    assert "debt: many rows stand at 0, taken apart" in done.err
    drafted = Schema.load("schema.yaml")
    assert drafted.names == loans.data.schema.names
    assert drafted["debt"].masses == (0.0,)


def test_it_is_told_as_data(loans, igan):
    told = igan("data", "inspect", loans.file, "--json").json
    assert told["rows"] == 2000
    assert told["schema"]["attributes"][0]["name"] == "age"


def test_applicants_are_drawn_into_a_file(igan):
    assert igan("data", "applicants", "--out", "a.csv", "--n", 20).out == "a.csv\n"
    assert igan("data", "applicants", "--out", "a.csv", "--n", 20).code == 2
