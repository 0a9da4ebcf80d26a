"""A schema read off a table, right about the kinds and honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.inference import infer_schema

ROWS = 60


def inferred(values, **options):
    return infer_schema({"other": ["a", "b"] * (len(values) // 2), "it": values}, **options)


@pytest.mark.parametrize(
    ("values", "kind", "detail"),
    [
        pytest.param([0, 1] * 30, "binary", (), id="zero and one"),
        pytest.param(["-1", "1"] * 30, "binary", (), id="minus and plus one"),
        pytest.param(["yes", "No", "NO"] * 20, "binary", (), id="words"),
        pytest.param(np.array([True, False] * 30), "binary", (), id="booleans"),
        pytest.param([0.0, 1.0, np.nan] * 20, "binary", (), id="floats with gaps"),
        pytest.param(["red", "black", ""] * 20, "categorical", ("black", "red"), id="texts"),
        pytest.param(
            [1, "1.0"] + [2] * 58, "categorical", ("1", "2"), id="one value, two spellings"
        ),
        pytest.param(["x", "x.0", "y"] * 20, "categorical", ("x", "x.0", "y"), id="alike texts"),
        pytest.param(["1_2", "2_1"] * 30, "categorical", ("1_2", "2_1"), id="no numbers"),
        pytest.param([["a"], ["b"]] * 30, "categorical", ("['a']", "['b']"), id="lists"),
        pytest.param([10, 9, 2] * 20, "categorical", ("2", "9", "10"), id="few whole numbers"),
        pytest.param([0, 1, 2] * 20, "categorical", ("0", "1", "2"), id="three codes"),
        pytest.param(np.linspace(-2, 5, ROWS), "continuous", (-2, 5), id="numbers"),
        pytest.param([0.5, 1.5] * 30, "continuous", (0.5, 1.5), id="two fractions"),
        pytest.param([*range(60, 120, 2), *range(0, 60, 2)], "continuous", (0, 118), id="whole"),
        pytest.param(["old", *range(116, -2, -2)], "continuous", (0, 116), id="one typo"),
        pytest.param([*range(80, 1, -2), *["n.d."] * 20], "continuous", (2, 80), id="a word"),
        pytest.param(["0.00", "1.00", ""] * 20, "binary", (), id="zero and one with places"),
        pytest.param(["0.0e+00", "1.0e+00"] * 30, "binary", (), id="as numpy writes text"),
        pytest.param(["+1", "-1"] * 30, "binary", (), id="plus sign"),
        pytest.param(["Y", "n"] * 30, "binary", (), id="letters for yes and no"),
        pytest.param(["F", "M"] * 30, "categorical", ("F", "M"), id="letters for something else"),
        pytest.param(["TRUE", "False", "true"] * 20, "binary", (), id="true and false in any case"),
        pytest.param([1, 0, "None"] * 20, "binary", (), id="Python's none"),
        pytest.param([1, 0, "none", "<NA>", "NULL"] * 12, "binary", (), id="more names of nothing"),
        pytest.param(["red", "black", "None"] * 20, "categorical", ("black", "red"), id="no level"),
        pytest.param(["red", "none"] * 30, "categorical", ("none", "red"), id="a level none"),
        pytest.param([1, 0] * 29 + [1, "odd"], "binary", (), id="one odd cell"),
        pytest.param([-1, 0, 1] * 20, "categorical", ("-1", "0", "1"), id="a third code"),
    ],
)
def test_kinds_follow_from_the_values(values, kind, detail):
    attribute = inferred(values).schema["it"]
    assert attribute.kind == kind
    assert (attribute.levels or attribute.range or ()) == detail


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param([None, ""] * 30, "empty", id="empty"),
        pytest.param(["red"] * ROWS, "constant, always 'red'", id="constant"),
        pytest.param([f"p{i}.png" for i in range(ROWS)], "identifier or free text", id="names"),
        pytest.param(list(range(100, 100 + ROWS)), "counts the rows", id="numbered"),
        pytest.param(["yes", "true"] * 30, "whatever its spelling: true, yes", id="yes"),
        pytest.param(list(range(0, 3 * ROWS, 3)), "ascends from row to row", id="sampled rows"),
        pytest.param([*range(9, 67), "x", "y z"], "counts the rows", id="numbers with odd cells"),
        pytest.param([*range(52), *"abcdefgh"], "8 of 60 values are texts ('a', 'b',", id="odd"),
    ],
)
def test_columns_that_are_no_attribute_are_left_out_with_a_reason(values, reason):
    found = inferred(values)
    assert found.schema.names == ("other",)
    assert reason in found.left_out["it"]
    assert any(warning.startswith("it: left out") for warning in found.warnings)


def test_what_the_user_says_wins():
    table = {"file": ["a", "b"] * 9, "age": [20, 70] * 9, "sick": [0, 1] * 9}
    found = infer_schema(table, name="x", target="sick", ignore=["file"], ranges={"age": (0, 100)})
    assert found.schema.names == ("age", "sick")
    assert found.schema["age"].range == (0, 100)
    assert found.schema.target == "sick"
    assert found.left_out == {}


def test_missing_shares_are_reported():
    found = inferred([1, 0, None, None] * 15)
    assert found.profile.missing["it"] == 0.5
    assert any("it: 50.0% of the labels are missing" in warning for warning in found.warnings)


def test_a_file_is_read(tmp_path):
    (tmp_path / "t.csv").write_text("hat,hair\n1,red\n0,black\n0,red\n")
    assert infer_schema(tmp_path / "t.csv").schema.names == ("hat", "hair")


def test_a_table_without_attributes_is_refused():
    with pytest.raises(DataError, match="it is constant, always '1'"):
        infer_schema({"it": [1, 1]})


def test_a_target_that_is_no_column_is_refused():
    with pytest.raises(SchemaError, match="Did you mean 'sick'"):
        infer_schema({"sick": [0, 1]}, target="sik")


def test_spellings_of_a_number_are_counted_together():
    names = [f"p{i}" for i in range(40)]
    found = infer_schema({"it": [*range(20), *(f"{i}.0" for i in range(20))], "who": names * 1})
    assert found.schema["it"].kind == "continuous"
    assert "who" in found.left_out


@pytest.mark.parametrize("name", ["photo_id", "ID number", "rowIndex", "No."])
def test_different_numbers_are_an_identifier_where_the_name_says_so(name):
    numbers = np.random.default_rng(0).permutation(500)[:ROWS]
    found = infer_schema({"hat": [0, 1] * 30, name: numbers})
    assert "identifier by its name" in found.left_out[name]
    assert infer_schema({"hat": [0, 1] * 30, "age": numbers}).schema.names == ("hat", "age")


@pytest.mark.parametrize("name", ["id", "Index", "Unnamed: 0", "unnamed 1", "level_0"])
def test_numbers_of_rows_are_left_out_even_where_they_repeat(name):
    found = infer_schema({"hat": [0, 1] * 30, name: [3.5, 1, 1] * 20})
    assert found.schema.names == ("hat",)


def test_different_numbers_in_doubt_are_said():
    numbers = np.random.default_rng(0).permutation(500)[:ROWS]
    (remark,) = infer_schema({"age": numbers}).remarks
    assert "age: taken for a number that images show; if it identifies the rows" in remark
    assert not infer_schema({"age": numbers // 9}).remarks


def test_levels_that_differ_in_case_alone_are_told():
    found = infer_schema({"hair": ["red", "Red", "black"] * 20, "letter": ["a", "A"] * 30})
    assert found.remarks == (
        "hair: are these one level? 'Red' (20), 'red' (20): then spell them alike",
    )


def test_what_none_was_taken_for_is_said():
    found = infer_schema({"hair": ["red", "none"] * 30, "hat": ["felt", "straw", "None"] * 20})
    assert [remark.split(";")[0] for remark in found.remarks] == [
        "hair: 'none' is taken for a level",
        "hat: 'None' is read as not known",
    ]


def test_what_training_rows_say_nothing_of_is_left_out():
    table = {
        "hat": [1, 0] * 10,
        "rare": [0] * 19 + [1],
        "never": [None] * 18 + [1, 0],
        "age": [7.5] * 18 + [8.5, 9.5],
        "hair": ["red", "black"] * 9 + ["white", "black"],
    }
    found = infer_schema(table, training=np.arange(18))
    assert found.schema.names == ("hat", "hair")
    assert found.schema["hair"].levels == ("black", "red")
    assert found.left_out == {
        "rare": "constant among the training images, always off",
        "never": "no training image has a label",
        "age": "constant among the training images, always 7.5",
    }
    assert found.remarks == ("hair: level 'white' left out, no training image has it",)


def test_attributes_that_are_known_are_not_guessed():
    hat = Attribute(name="hat", description="something on the head")
    found = infer_schema({"hat": [1, -1] * 5, "age": [1.5, 2.5] * 5}, known={"hat": hat})
    assert found.schema["hat"] is hat


def test_texts_that_all_differ_take_no_time():
    texts = [f"a photograph of number {i}" for i in range(50_000)]
    found = infer_schema({"text": texts, "hat": [0, 1] * 25_000})
    assert "50000 different values in 50000 rows" in found.left_out["text"]
