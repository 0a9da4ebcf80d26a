"""An attribute turns labels into columns and back, and refuses what makes no sense."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretable_gan.errors import SchemaError
from interpretable_gan.schema.attribute import Attribute

SMILING = Attribute(name="smiling")
HAIR = Attribute(name="hair", kind="categorical", levels=("black", "blond", "red"))
AGE = Attribute(name="age", kind="continuous", range=(20, 80), unit="years")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"kind": "binry"}, "kind: Input should be 'binary'", id="kind misspelt"),
        pytest.param({"kind": "categorical"}, "needs at least two levels", id="no levels"),
        pytest.param(
            {"kind": "categorical", "levels": ("a", "b", "a")},
            "level 'a' is listed twice",
            id="doubled level",
        ),
        pytest.param(
            {"kind": "categorical", "levels": ("1", "2", "1.0")},
            "level '1.0' is listed twice",
            id="one number in two spellings",
        ),
        pytest.param({"levels": ("a", "b")}, "use 'categorical'", id="levels of a binary"),
        pytest.param({"kind": "continuous"}, "needs a range", id="no range"),
        pytest.param(
            {"kind": "continuous", "range": (3, 3)}, "finite and ascending", id="empty range"
        ),
        pytest.param(
            {"kind": "continuous", "range": (0, math.inf)}, "finite and ascending", id="endless"
        ),
        pytest.param({"unit": "cm"}, "unit need kind 'continuous'", id="unit of a binary"),
        pytest.param({"levls": ()}, "no field 'levls'. Did you mean 'levels'?", id="misspelt"),
        pytest.param(
            {"kind": "categorical", "levels": [True, False]}, "quote them", id="YAML's yes and no"
        ),
    ],
)
def test_nonsense_is_refused_with_the_name_and_the_fix(fields, message):
    with pytest.raises(SchemaError, match=f"^attribute 'mood'.*{re.escape(message)}"):
        Attribute(name="mood", **fields)


@pytest.mark.parametrize("name", ["", " hat", "hat=1", "ha\nt"])
def test_a_name_must_be_typeable(name):
    with pytest.raises(SchemaError, match="printable text"):
        Attribute(name=name)


def test_an_attribute_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        SMILING.name = "frowning"


@pytest.mark.parametrize(
    ("attribute", "labels", "columns"),
    [
        pytest.param(SMILING, ["1", 0, True, "No"], [[1], [-1], [1], [-1]], id="binary"),
        pytest.param(SMILING, np.array([1, -1]), [[1], [-1]], id="plus and minus one"),
        pytest.param(SMILING, ["1.00", "0.00", "+1", "-0.0"], [[1], [-1], [1], [-1]], id="places"),
        pytest.param(SMILING, ["1.000e+00", "T", "n"], [[1], [1], [-1]], id="other spellings"),
        pytest.param(HAIR, ["red", "black"], [[-1, -1, 1], [1, -1, -1]], id="categorical"),
        pytest.param(AGE, [20, "50", 80.0], [[-1], [0], [1]], id="continuous"),
        pytest.param(AGE, np.float32([20, 50]), [[-1], [0]], id="float32"),
    ],
)
def test_labels_become_columns(attribute, labels, columns):
    parsed = attribute.parse(labels)
    np.testing.assert_allclose(parsed.columns, columns)
    assert parsed.columns.dtype == np.float32
    assert parsed.known.all()
    assert not parsed.unreadable.any()


@pytest.mark.parametrize("attribute", [SMILING, HAIR, AGE], ids=lambda a: a.name)
@pytest.mark.parametrize(
    "label",
    [None, math.nan, "", " ", "?", "NA", "NaN", "None", "<NA>", "NULL", "\\N", np.float32("nan")],
)
def test_missing_labels_are_unknown_and_zero(attribute, label):
    parsed = attribute.parse([label])
    assert not parsed.known.any()
    assert not parsed.unreadable.any()
    assert not parsed.columns.any()


@pytest.mark.parametrize(
    ("attribute", "label"),
    [
        pytest.param(SMILING, "maybe", id="a word"),
        pytest.param(SMILING, 0.5, id="half"),
        pytest.param(SMILING, 2, id="two"),
        pytest.param(HAIR, "Blond", id="another spelling"),
        pytest.param(AGE, 81, id="out of range"),
        pytest.param(AGE, "old", id="text for a number"),
        pytest.param(AGE, math.inf, id="infinity"),
        pytest.param(AGE, "3_0", id="a number to Python alone"),
    ],
)
def test_labels_that_are_none_are_unreadable_not_guessed(attribute, label):
    parsed = attribute.parse([label])
    assert parsed.unreadable.all()
    assert not parsed.known.any()
    assert not parsed.columns.any()


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        pytest.param(("v1.0", "v2.0"), ["v1.0", "v2.0"], id="versions"),
        pytest.param(("x", "x.0"), ["x", "x.0"], id="alike but for a point"),
        pytest.param((1.0, 2.5), ["1.0", "2.5"], id="numbers with a point"),
        pytest.param(("1", "2"), [1.0, "2.0"], id="whole numbers in a column of floats"),
        pytest.param(("a ", "b"), ["a", "b"], id="a space in the schema"),
        pytest.param(("gr\u00fcn", "rot"), ["gru\u0308n", "rot"], id="composed characters"),
        pytest.param(("007", "7"), ["007.0", "7"], id="leading zeros"),
        pytest.param(("1.5e-3", "15"), ["1.5e-3", "1.5e+1"], id="exponents"),
        pytest.param(("red", "black"), [b"red", np.bytes_(b"black")], id="bytes"),
    ],
)
def test_every_level_can_be_read(levels, labels):
    attribute = Attribute(name="it", kind="categorical", levels=levels)
    assert attribute.parse(labels).columns.tolist() == [[1, -1], [-1, 1]]
    for level in attribute.levels:
        assert attribute.decode(attribute.encode(level)[None]).tolist() == [level]


def test_minus_zero_is_zero():
    assert SMILING.parse(np.array([-0.0, 1.0])).columns.tolist() == [[-1], [1]]


def test_a_number_rounded_across_the_end_of_its_range_is_the_end():
    parsed = AGE.parse([80.00001, 19.99999, 80.001])
    assert parsed.columns[:2, 0].tolist() == [1, -1]
    assert parsed.unreadable.tolist() == [False, False, True]


def test_zero_is_unreadable_where_minus_one_means_off():
    parsed = SMILING.parse([1, -1, 0])
    assert parsed.unreadable.tolist() == [False, False, True]


def test_a_level_may_be_called_like_a_missing_value():
    granules = Attribute(name="granules", kind="categorical", levels=("nan", "coarse"))
    assert granules.parse(["nan"]).known.all()


@given(st.floats(20, 80))
def test_numbers_survive_the_way_there_and_back(age):
    assert AGE.decode(AGE.encode(age)[None])[0] == pytest.approx(age, abs=1e-4)


@given(st.floats(0, 1))
def test_probabilities_survive_the_way_there_and_back(probability):
    assert SMILING.decode(SMILING.encode(probability)[None])[0] == pytest.approx(
        probability, abs=1e-6
    )


def test_the_strongest_column_names_the_level():
    assert HAIR.decode(np.float32([[-0.2, 0.1, -0.9]])).tolist() == ["blond"]


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        pytest.param(SMILING, 1.5, "takes 0 (off) to 1 (on)", id="beyond certain"),
        pytest.param(SMILING, -1, "takes 0 (off) to 1 (on)", id="minus one is for tables"),
        pytest.param(HAIR, "blnd", "Did you mean 'blond'? It has: black, blond, red", id="typo"),
        pytest.param(AGE, 100, "numbers from 20 to 80 years", id="out of range"),
    ],
)
def test_a_wrong_value_says_what_is_right(attribute, value, message):
    with pytest.raises(SchemaError, match=re.escape(message)):
        attribute.encode(value)


def test_a_discovered_attribute_is_called_by_its_alias():
    found = Attribute(name="d07", source="discovered")
    assert found.label == "d07"
    assert found.model_copy(update={"alias": "tilted head"}).label == "tilted head"
