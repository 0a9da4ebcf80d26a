"""Rows pass one gate, and come out of a model as they would stand in the table."""

from __future__ import annotations

import math

import pandas
import pytest
import torch

from interpretable_gan.errors import DataError
from interpretable_gan.modalities.base import Modality
from interpretable_gan.modalities.tables import TableModality
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="credit",
    attributes=(
        Attribute(name="amount", kind="continuous", range=(0, 900), decimals=2, missing=("-9",)),
        Attribute(name="purpose", kind="categorical", levels=("car", "house")),
        Attribute(name="owns", words=("no", "yes")),
        Attribute(name="people", kind="continuous", range=(1, 9), decimals=0),
        Attribute(name="since", kind="continuous", range=(0, 20000), date="%Y-%m-%d", decimals=0),
        Attribute(name="risk", kind="categorical", levels=("bad", "good")),
    ),
    target="risk",
)
MODALITY = TableModality(SCHEMA)
ROWS = {
    "amount": [12.5, None],
    "purpose": ["car", "house"],
    "owns": ["yes", "no"],
    "people": [2, 1],
    "since": ["1970-01-11", "2020-02-29"],
}
CELLS = [[12.5, 0, 1, 2, 10, math.nan], [math.nan, 1, 0, 1, 18321, math.nan]]


def test_frames_and_mappings_become_numbers_and_come_back():
    assert isinstance(MODALITY, Modality)
    for given in (ROWS, pandas.DataFrame(ROWS)):
        rows = MODALITY.check(given)
        torch.testing.assert_close(
            rows, torch.tensor(CELLS, dtype=torch.float64), equal_nan=True, rtol=0, atol=0
        )
    frame = MODALITY.show(rows)
    pandas.testing.assert_frame_equal(frame[list(ROWS)], pandas.DataFrame(ROWS))
    assert MODALITY.written(rows)["amount"] == ["12.50", "-9"]
    assert torch.equal(MODALITY.check(rows).nan_to_num(7), rows.nan_to_num(7))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"purpose": ["car", "boat"]}, "row 2: purpose cannot be 'boat'", id="level"),
        pytest.param({"amount": ["1", "lots"]}, "row 2: amount cannot be 'lots'", id="number"),
        pytest.param({"since": ["1970", "1971"]}, "written as %Y-%m-%d", id="date"),
        pytest.param({"owns": ["perhaps", "no"]}, "'no' \\(off\\) or 'yes' \\(on\\)", id="word"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_row(changed, said):
    with pytest.raises(DataError, match=said):
        MODALITY.check(ROWS | changed)


def test_a_missing_column_is_named_but_the_target_may_be_left_out():
    rows = {"purposes" if name == "purpose" else name: cells for name, cells in ROWS.items()}
    with pytest.raises(DataError, match=r"no column 'purpose'. Did you mean 'purposes'"):
        MODALITY.check(rows)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        pytest.param([[0.0] * 5], "rows of shape", id="too few columns"),
        pytest.param([[0.0, 2, 0, 1, 0, 0]], "purpose is 2, but its levels", id="no such level"),
        pytest.param([[math.inf, 0, 0, 1, 0, 0]], "infinite", id="infinite"),
    ],
)
def test_numbers_that_are_no_rows_are_refused(numbers, said):
    with pytest.raises(DataError, match=said):
        MODALITY.check(torch.tensor(numbers))
