"""A column's kind is read off its cells, and whatever was decided is said."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.schema.cells import read_cells, write_cells
from interpretable_gan.schema.table_inference import infer_table

ROWS = 400


def numbers(seed=0, low=0.0, high=100.0):
    return np.random.default_rng(seed).uniform(low, high, ROWS)


def texts(values, form="{:.2f}"):
    return [form.format(value) for value in values]


def only(cells):
    """What is inferred of one column beside a plain one."""
    found = infer_table({"x": cells, "plain": ["a", "b"] * (len(cells) // 2)})
    return found.schema["x"], [told for told in found.decisions if told.startswith("x:")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(["0", "1"] * 200, {"kind": "binary", "words": ("0", "1")}, id="0 and 1"),
        pytest.param(["No", "Yes"] * 200, {"kind": "binary", "words": ("No", "Yes")}, id="words"),
        pytest.param(
            ["4", "2", "1", "3"] * 100,
            {"kind": "categorical", "levels": ("1", "2", "3", "4"), "ordered": True},
            id="levels that are numbers",
        ),
        pytest.param(["red", "blue"] * 200, {"kind": "categorical", "ordered": False}, id="levels"),
        pytest.param(
            [f"town {n % 80}" for n in range(ROWS)],
            {"kind": "categorical", "ordered": False},
            id="many levels that repeat",
        ),
        pytest.param(texts(numbers()), {"kind": "continuous", "decimals": 2}, id="prices"),
        pytest.param(
            texts(numbers().round(), "{:.0f}"), {"kind": "continuous", "decimals": 0}, id="counts"
        ),
        pytest.param(
            [f"{1 + n % 28:02d}.{1 + n % 12:02d}.2021" for n in range(ROWS)],
            {"kind": "continuous", "date": "%d.%m.%Y", "decimals": 0},
            id="dates",
        ),
    ],
)
def test_kinds_of_columns(cells, expected):
    column, _ = only(cells)
    assert {name: getattr(column, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        pytest.param(["-9", *texts(numbers())[1:]], "-9 (1 rows) is taken for not known", id="-9"),
        pytest.param(
            ["NA", "?", "?", *texts(numbers())[3:]],
            "'?' (2), 'NA' (1) is read as not known",
            id="?",
        ),
        pytest.param(["0"] * 300 + texts(numbers())[:100], "many rows stand at 0", id="a mass"),
        pytest.param(
            ["99999"] * 12 + texts(numbers(), "{:.0f}")[12:],
            "many rows stand at 99999",
            id="a mass at an end",
        ),
        pytest.param(
            ["yes", "1", "no", "no"] * 100, "'yes' (100), '1' (100) mean the same", id="yes and 1"
        ),
        pytest.param(["03.04.2021", "05.06.2021"] * 200, "dates, written as %d.%m.%Y", id="dates"),
        pytest.param(["03/04/2021", "05/06/2021"] * 200, "they could be %m/%d/%Y, too", id="doubt"),
    ],
)
def test_what_is_decided_is_said(cells, said):
    assert any(said in told for told in only(cells)[1]), only(cells)[1]


def test_identifiers_texts_and_constants_are_named_and_left_out():
    found = infer_table(
        {
            "number": [str(n) for n in range(ROWS)],
            "note": [f"called at {n} past {n * 7}" for n in range(ROWS)],
            "currency": ["EUR"] * ROWS,
            "amount": texts(numbers()),
        }
    )
    assert found.schema.names == ("amount",)
    assert set(found.left_out) == {"number", "note", "currency"}


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["", *texts(numbers(high=1e7))[1:]], id="money"),
        pytest.param(["-9", *texts(numbers(), "{:.0f}")[1:]], id="whole numbers with a code"),
        pytest.param(list(map(repr, (numbers() ** 3).tolist())), id="all digits"),
        pytest.param(["?", "b", "a", "a"] * 100, id="levels"),
        pytest.param(["", "False", "True", "True"] * 100, id="truths"),
        pytest.param(["2021-03-04 05:06:07", "9999-12-31 23:59:59"] * 200, id="moments"),
        pytest.param(["0001-01-01", "9999-12-31"] * 200, id="the first and last day"),
    ],
)
def test_cells_come_back_as_they_were(cells):
    column, _ = only(cells)
    assert write_cells(column, read_cells(column, cells).values) == cells


def test_what_cannot_be_read_is_told_from_what_is_missing():
    column, _ = only(texts(numbers()))
    values, unreadable = read_cells(column, ["1.5", "", "NA", "inf", "cheap"])
    assert unreadable.tolist() == [False, False, False, True, True]
    assert np.isnan(values).tolist() == [False, True, True, True, True]
