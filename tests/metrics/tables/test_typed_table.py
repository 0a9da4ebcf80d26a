"""Tables are read from anything, with kinds stated or guessed, and refused with one sentence."""

import numpy as np
import pytest

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.tables.encode import Encoder
from interpretable_gan.metrics.tables.typed_table import as_tables, read_csv, read_metadata

GOOD = {
    "age": [31, 42.5, None],
    "city": ["A", "B", ""],
    "active": [True, False, None],
    "joined": ["2020-01-02", "2021-03-04", None],
    "key": ["x1", "x2", "x3"],
}


def only(table, kinds=None):
    return as_tables({"real": table}, kinds)[0]


def test_kinds_are_guessed_from_the_real_table():
    kinds = {name: column.kind for name, column in only(GOOD).columns.items()}
    assert kinds == {
        "age": "numerical",
        "city": "categorical",
        "active": "boolean",
        "joined": "datetime",
        "key": "categorical",
    }
    assert all(column.missing[2] for name, column in only(GOOD).columns.items() if name != "key")


def test_stated_kinds_win_and_ids_are_left_out():
    table = only(GOOD, {"columns": {"key": {"sdtype": "id"}, "age": {"sdtype": "categorical"}}})
    assert "key" not in table.columns
    assert table.columns["age"].values.tolist() == ["31", "42.5", None]


def test_a_csv_file_a_mapping_and_a_frame_give_the_same_table(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(
        "age,city,active,joined,key\n31,A,True,2020-01-02,x1\n42.5,B,False,2021-03-04,x2\n,,,,x3\n"
    )

    class Frame:
        """Quacks like a data frame: column names, and an array for each."""

        columns = tuple(GOOD)

        def __getitem__(self, name):
            if name == "joined":
                return np.array(["2020-01-02", "2021-03-04", "NaT"], "datetime64[s]")
            return np.array(GOOD[name], object)

    hashes = {only(source).sha256 for source in (file, str(file), GOOD, Frame())}
    assert len(hashes) == 1


def test_moments_are_nanoseconds_in_any_stated_format():
    table = only(
        {"day": ["02/01/1970"]},
        {"columns": {"day": {"sdtype": "datetime", "datetime_format": "%d/%m/%Y"}}},
    )
    assert table.columns["day"].values.tolist() == [86_400e9]
    assert only({"day": [86_400e9]}, {"day": "datetime"}).columns["day"].values[0] == 86_400e9


@pytest.mark.parametrize(
    ("table", "kinds", "said"),
    [
        pytest.param({}, None, "no columns", id="nothing"),
        pytest.param(7, None, "no columns", id="not a table"),
        pytest.param({"a": [1], "b": [1, 2]}, None, "differ in length", id="ragged"),
        pytest.param({"a": []}, None, "no rows", id="empty"),
        pytest.param({"a": [1]}, {"a": "id"}, "no column to compare", id="ids only"),
        pytest.param({"a": ["x"]}, {"a": "numerical"}, "holds 'x' in row 0", id="text as number"),
        pytest.param({"a": [1, np.inf]}, None, "holds inf in row 1", id="infinity"),
        pytest.param({"a": ["maybe"]}, {"a": "boolean"}, "holds 'maybe'", id="third truth"),
        pytest.param({"a": ["soon"]}, {"a": "datetime"}, "holds 'soon'", id="no date"),
        pytest.param({"a": [1]}, {"a": "number"}, "is of kind 'number'", id="unknown kind"),
        pytest.param({"age": [1]}, {"aeg": "numerical"}, "Did you mean 'age'", id="unknown column"),
    ],
)
def test_bad_tables_are_refused_with_place_and_reason(table, kinds, said):
    with pytest.raises(MetricError) as refused:
        only(table, kinds)
    assert said in str(refused.value)


def test_a_column_that_one_table_lacks_is_named():
    with pytest.raises(MetricError, match="synthetic table has no column 'age'"):
        as_tables({"real": {"age": [1]}, "synthetic": {"agee": [1]}})


def test_a_column_that_only_one_table_has_is_ignored_and_told():
    _, synthetic = as_tables({"real": {"age": [1]}, "synthetic": {"age": [1], "extra": [2]}})
    assert synthetic.warnings == ("the synthetic table's column 'extra' was ignored.",)
    assert list(synthetic.columns) == ["age"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ("a,b\n1,2\n3\n", "1 cells in row 3"), (None, "cannot be read")],
)
def test_broken_csv_files_are_refused(text, said, tmp_path):
    file = tmp_path / "t.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(MetricError, match=said):
        read_csv(file)


def test_broken_metadata_is_refused(tmp_path):
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(MetricError, match="column metadata"):
        read_metadata(tmp_path / "m.json")


def test_rows_become_numbers_with_what_training_learnt():
    train = only({"n": [1.0, None, 3.0], "b": [True, False, True], "c": ["x", None, "y"]})
    test = only(
        {"n": [None, 9.0], "b": [False, None], "c": ["never seen", "x"]},
        {"n": "numerical", "b": "boolean", "c": "categorical"},
    )
    encode = Encoder.fit(train)
    np.testing.assert_array_equal(
        encode(train), [[1, 1, 1, 0, 0], [2, 0, 0, 0, 1], [3, 1, 0, 1, 0]]
    )
    np.testing.assert_array_equal(encode(test), [[2, 0, 0, 0, 0], [9, 2 / 3, 1, 0, 0]])


def test_a_column_of_missing_numbers_is_encoded_as_zero():
    table = only({"n": [None, None]}, {"n": "numerical"})
    np.testing.assert_array_equal(Encoder.fit(table)(table), [[0], [0]])
