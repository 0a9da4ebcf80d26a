"""Parquet of many rows is read batch by batch, and is the same table."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from interpretable_gan.data import shards
from interpretable_gan.data.tables import open_table
from interpretable_gan.errors import DataError


@pytest.fixture
def frame(monkeypatch):
    """A table of all kinds of columns, which counts as large."""
    monkeypatch.setattr(shards, "LARGE", 500)
    monkeypatch.setattr(shards, "BATCH", 64)
    luck = np.random.default_rng(0)
    table = pandas.DataFrame(
        {
            "amount": luck.gamma(2, 900, 900).round(2),
            "age": luck.integers(18, 90, 900).astype(float),
            "code": luck.choice([-9.0, 5.5, 6.5, 7.25], 900),
            "work": luck.choice(["none", "some", None], 900),
            "day": luck.choice(["2020-01-31", "2021-12-01"], 900),
            "split": ["train"] * 600 + ["test"] * 300,
        }
    )
    table.loc[::7, "age"] = np.nan
    return table


def write(folder, frame, parts):
    folder.mkdir()
    for number, part in enumerate(np.array_split(np.arange(len(frame)), parts)):
        frame.iloc[part].to_parquet(folder / f"{number}.parquet", index=False)
    return folder


def test_it_is_the_table_that_is_read_at_once(frame, tmp_path, monkeypatch):
    folder = write(tmp_path / "parts", frame, 4)
    large = open_table(folder)
    assert isinstance(large.cells, np.memmap)
    assert "columns are judged by 900 of 900 rows" in str(large.report)
    monkeypatch.setattr(shards, "LARGE", 10**9)
    small = open_table(folder)
    assert large.schema == small.schema
    np.testing.assert_array_equal(large.cells, small.cells)
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(large.rows(split), small.rows(split))


def test_what_the_sample_does_not_show_is_said(frame, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SAMPLE", 300)
    frame.loc[5, "amount"] = np.inf
    data = open_table(write(tmp_path / "parts", frame, 2))
    assert np.isnan(data.cells[5, 0])
    assert "unreadable label: 1" in str(data.report)


def test_files_of_other_columns_are_refused(frame, tmp_path):
    folder = write(tmp_path / "parts", frame, 2)
    frame[["age"]].to_parquet(folder / "9.parquet")
    with pytest.raises(DataError, match="different columns, such as 'amount'"):
        open_table(folder)
