"""A schema read off a table, right about the kinds and honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.errors import DataError, SchemaError
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
        pytest.param(list(range(0, 120, 2)), "continuous", (0, 118), id="many whole numbers"),
        pytest.param([*range(0, 118, 2), "old"], "continuous", (0, 116), id="one typo"),
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
