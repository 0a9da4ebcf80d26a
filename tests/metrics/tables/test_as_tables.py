"""Tables are read from anything, with kinds stated or guessed, and refused with one sentence."""

import datetime
from decimal import Decimal

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from interpretable_gan.errors import DataError, MetricError
from interpretable_gan.metrics.tables.as_tables import as_tables, read_metadata
from interpretable_gan.metrics.tables.encode import Encoder

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
        pytest.param({"a": [[1], [1, 2]]}, None, "one value per row", id="lists in cells"),
        pytest.param({"a": 5}, None, "one value per row", id="one number"),
        pytest.param({" a": [1], "a": [2]}, None, "names 2 columns 'a'", id="doubled names"),
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


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_broken_metadata_is_refused(tmp_path, text):
    (tmp_path / "m.json").write_text(text)
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


# one answer from any container


def column(cells, kinds=None):
    return only({"x": cells}, kinds).columns["x"]


MANY = [str(number / 4) for number in range(30)]


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        pytest.param(
            "?", "1 cells count as missing, the first is '?' in row 30", id="question mark"
        ),
        pytest.param("twelve", "the first is 'twelve' in row 30", id="word"),
        pytest.param(np.inf, "the first is 'inf' in row 30", id="infinity"),
    ],
)
def test_one_odd_cell_makes_no_categories_of_numbers_and_is_named(odd, told):
    table = only({"x": [*MANY, odd]})
    assert table.columns["x"].kind == "numerical"
    assert np.flatnonzero(table.columns["x"].missing).tolist() == [30]
    assert told in table.warnings[0]


def test_numbers_among_categories_are_told():
    table = only({"x": ["1", "2", "3", "A"]})
    assert table.columns["x"].kind == "categorical"
    assert "it holds 'A' and other cells that are no numbers" in table.warnings[0]


@pytest.mark.parametrize(
    ("cells", "values", "meaning"),
    [
        pytest.param(["1,5", "12,25", "3"], [1.5, 12.25, 3], "decimal sign", id="decimal"),
        pytest.param(["0,125", "1,234"], [0.125, 1.234], "decimal sign", id="three decimals"),
        pytest.param(["1.234,5", "12"], [1234.5, 12], "decimal sign", id="grouped by points"),
        pytest.param(
            ["1,234", "12", "1,234,567.5"], [1234, 12, 1234567.5], "separator", id="groups"
        ),
    ],
)
def test_commas_in_numbers_are_read_by_the_whole_column_and_told(cells, values, meaning):
    table = only({"x": cells})
    assert table.columns["x"].values.tolist() == values
    assert meaning in table.warnings[0]


def test_a_comma_means_the_same_in_both_tables():
    """1,234 alone could be either; 0,5 in the other table settles it."""
    real, made = as_tables({"real": {"x": ["1,234", "2"]}, "synthetic": {"x": ["0,5", "1.234"]}})
    assert real.columns["x"].values.tolist() == [1.234, 2]
    assert made.columns["x"].values.tolist() == [0.5, 1.234]


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        pytest.param([["1", "2", "1"], [1.0, 2.0, 1.0]], {"x": "categorical"}, id="1 and 1.0"),
        pytest.param(
            [["1", "2", ""], [1, 2, None], [1.0, 2.0, np.nan]], {"x": "categorical"}, id="gaps"
        ),
        pytest.param(
            [["TRUE", "false"], ["True", "False"], [True, False]], None, id="truth"
        ),
        pytest.param([["TRUE", "maybe"], [True, "maybe"]], {"x": "categorical"}, id="names"),
        pytest.param([["1", "0"], [True, False]], {"x": "boolean"}, id="truth as number"),
        pytest.param([["0.1", "2.7"], np.array([0.1, 2.7], np.float32)], None, id="float32"),
        pytest.param([["0.1", "2"], [Decimal("0.1"), Decimal(2)]], None, id="decimal"),
        pytest.param(
            [
                ["1 days 02:00:00", "-1 days +23:30:00.5"],
                np.array([93_600_000, -1_799_500], "timedelta64[ms]"),
                [datetime.timedelta(hours=26), datetime.timedelta(seconds=-1799.5)],
            ],
            None,
            id="durations",
        ),
        pytest.param([["a", "b"], np.array([b"a", b"b"])], None, id="bytes"),
        pytest.param([["caf\u00e9"], ["cafe\u0301 "]], None, id="letters"),
        pytest.param(
            [
                ["2020-01-02 03:04:05.123456789", "2021-03-04"],
                np.array(["2020-01-02T03:04:05.123456789", "2021-03-04"], "datetime64[ns]"),
                [datetime.datetime(2020, 1, 2, 3, 4, 5, 123456), datetime.date(2021, 3, 4)],
            ],
            None,
            id="moments",
        ),
    ],
)  # fmt: skip
def test_one_value_in_many_containers_is_one_value(cells, kinds):
    read = [column(each, kinds) for each in cells]
    assert len({c.kind for c in read}) == 1
    for other in read[1:]:
        np.testing.assert_array_equal(other.values, read[0].values)


def test_codes_with_leading_zeros_stay_what_they_are():
    assert column(["007", "7", "1.10"], {"x": "categorical"}).values.tolist() == [
        "007",
        "7",
        "1.10",
    ]


def test_moments_without_a_zone_are_moments_in_a_frame_as_in_a_file():
    """float() of a datetime64 in nanoseconds is a number, that of one in seconds is none."""
    for unit in ("ns", "us", "s", "D"):
        days = np.array(["2020-01-02", "NaT"], f"datetime64[{unit}]")
        assert column(days).kind == "datetime"
        assert column(days).values[0] == column(["2020-01-02", ""]).values[0]


def test_parquet_arrow_and_csv_give_the_same_table(tmp_path):
    table = pyarrow.table(
        {"age": pyarrow.array([31, 42.5], pyarrow.float32()), "city": ["A", None]}
    )
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("\n".join(["age;city", "31,0;A", "42,5;"]))
    sources = (tmp_path / "t.parquet", table, tmp_path / "t.csv")
    assert len({only(source).sha256 for source in sources}) == 1


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_part_columns(tmp_path, mark):
    (tmp_path / "t.csv").write_text(
        "\n".join(mark.join(row) for row in (["age", "sex"], ["1", "f"]))
    )
    assert list(only(tmp_path / "t.csv").columns) == ["age", "sex"]


def test_doubled_column_names_are_refused(tmp_path):
    (tmp_path / "t.csv").write_text("age,sex,age\n1,f,2\n")
    with pytest.raises(DataError, match="'age' stands twice"):
        only(tmp_path / "t.csv")

    class Frame:
        columns = ("age", "sex", "age")

    with pytest.raises(MetricError, match="names 2 columns 'age'"):
        only(Frame())


def test_categories_in_other_capitals_are_named():
    _, made = as_tables(
        {"real": {"sex": ["Male", "Female"]}, "synthetic": {"sex": ["male", "Male"]}}
    )
    assert made.warnings == (
        "the synthetic table's column 'sex' spells 'Male' as 'male': they count as two categories.",
    )


def test_texts_that_name_rows_are_left_out_and_named():
    names = [f"person {number}" for number in range(60)]
    table = only({"name": names, "age": range(60)})
    assert list(table.columns) == ["age"]
    assert (
        "'name' holds 60 different texts in 60 rows: left out as an identifier" in table.warnings[0]
    )
    assert "name" in only({"name": names}, {"name": "categorical"}).columns
    with pytest.raises(MetricError, match=r"no column to compare\. column 'name' holds 60"):
        only({"name": names})


def test_a_column_without_real_values_takes_its_kind_from_the_others():
    real, made = as_tables({"real": {"c": [None, ""]}, "synthetic": {"c": ["A", "B"]}})
    assert (real.columns["c"].kind, made.columns["c"].kind) == ("categorical", "categorical")
