"""Frequencies and warnings, on tables whose faults are known."""

from __future__ import annotations

import re

import numpy as np
import pytest

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.profile import correlations, profile
from interpretable_gan.schema.schema import Schema

HAT = Attribute(name="hat")
HAIR = Attribute(name="hair", kind="categorical", levels=("black", "blond", "red"))
AGE = Attribute(name="age", kind="continuous", range=(0, 100))


def described(table, *attributes):
    schema = Schema(name="t", attributes=attributes)
    return profile(schema, *schema.pack(table))


def test_frequencies_count_known_labels_only():
    found = described(
        {"hat": [1, 0, 0, None], "hair": ["red"] * 2 + ["black"] * 2, "age": [10, 20, 60, None]},
        *(HAT, HAIR, AGE),
    )
    assert found.rows == 4
    assert found.frequencies["hat"] == {"on": pytest.approx(1 / 3)}
    assert found.frequencies["hair"] == {"black": 0.5, "blond": 0.0, "red": 0.5}
    assert found.frequencies["age"] == pytest.approx({"min": 10, "mean": 30, "max": 60}, abs=1e-4)
    assert found.missing == {"hat": 0.25, "hair": 0.0, "age": 0.25}


@pytest.mark.parametrize(
    ("attribute", "labels", "warning"),
    [
        pytest.param(HAT, [1] * 300, "hat: constant, always on", id="always on"),
        pytest.param(AGE, [7] * 300, "age: constant, always 7", id="one number"),
        pytest.param(HAIR, ["red"] * 300, "hair: constant, always red", id="one level"),
        pytest.param(HAT, [1] + [0] * 299, "hat: too rare to learn well.* on 0.33%", id="rare on"),
        pytest.param(
            HAT, [0] + [1] * 299, "hat: too rare to learn well.* off 0.33%", id="rare off"
        ),
        pytest.param(
            HAIR, ["red", *["black", "blond"] * 150], "hair: too rare.* red 0.33%", id="rare level"
        ),
        pytest.param(HAT, [None] * 30 + [0, 1] * 135, "hat: 10.0% of the labels are", id="missing"),
        pytest.param(HAT, [None] * 300, "hat: no row has a label", id="never labelled"),
    ],
)
def test_each_fault_has_one_warning(attribute, labels, warning):
    (found,) = described({attribute.name: labels}, attribute).warnings
    assert re.search(warning, found)


def test_healthy_labels_give_no_warning():
    labels = {"hat": [0, 0, 1, 1] * 9, "hair": ["red", "black", "blond"] * 12}
    assert described(labels, HAT, HAIR).warnings == ()


def test_values_with_few_training_labels_are_named_once_with_their_likely_spelling():
    hair = HAIR.model_copy(update={"levels": ("red", "blond", "blonde")})
    schema = Schema(name="t", attributes=(hair,))
    code, known = schema.pack({"hair": ["red"] * 9000 + ["blond"] * 100 + ["blonde"] * 60})
    assert profile(schema, code, known, np.arange(9160)).warnings == (
        "hair: too rare to learn well, below 1% of the rows: blonde 0.66%.",
    )
    assert profile(schema, code, known, np.arange(9149)).warnings == (
        "hair: too few training labels to learn from, below 50: blonde 49 (or is it 'blond'?); "
        "collect more, merge values, or leave the attribute out.",
    )


def test_all_values_that_go_together_are_named_at_once():
    labels = {
        "hat": [0, 1] * 50,
        "cap": [1, 0] * 50,
        "hair": ["red", "black"] * 50,
        "age": [20, 30] * 50,
        "glasses": [0, 0, 1, 1] * 25,
    }
    cap, glasses = Attribute(name="cap"), Attribute(name="glasses")
    assert described(labels, HAT, cap, HAIR, AGE, glasses).warnings == (
        "hair: too rare to learn well, below 1% of the rows: blond 0.00%.",
        "hat on, cap off, hair black and high age nearly always go together (correlation 1.00 or "
        "more): what each of them does cannot be told apart. Keep one of these attributes, or add "
        "images in which they differ.",
    )


def test_values_that_go_together_for_different_reasons_are_named_apart():
    labels = {
        "hair": ["red"] * 10 + ["black"] * 10 + ["blond"] * 10,
        "hat": [1] * 10 + [0] * 20,
        "cap": [0] * 10 + [1] * 10 + [0] * 10,
    }
    found = described(labels, HAIR, HAT, Attribute(name="cap")).warnings
    assert [warning.split(" nearly")[0] for warning in found] == [
        "hair black and cap on",
        "hair red and hat on",
    ]


def test_correlations_agree_with_numpy_where_all_is_known():
    rng = np.random.default_rng(0)
    code = (rng.normal(size=(50, 3)) @ rng.normal(size=(3, 3))).astype(np.float32)
    known = np.ones(code.shape, bool)
    np.testing.assert_allclose(correlations(code, known), np.corrcoef(code.T), atol=1e-6)


def test_correlations_use_the_rows_known_in_both():
    code = np.float32([[1, 1], [-1, -1], [1, 1], [-1, 1], [1, -1]])
    known = np.array([[1, 1], [1, 1], [1, 1], [1, 0], [0, 1]], bool)
    np.testing.assert_allclose(correlations(code, known)[0, 1], 1)


def test_attributes_that_are_never_labelled_together_are_told():
    cap = Attribute(name="cap")
    labels = {"hat": [1, 0] * 4 + [None] * 8, "cap": [None] * 8 + [1, 0] * 4}
    (together,) = [w for w in described(labels, HAT, cap).warnings if "same row" in w]
    assert together.startswith("hat and cap: never labelled on the same row")
    alone = described({"hat": labels["hat"], "cap": [None] * 16}, HAT, cap).warnings
    assert not any("same row" in warning for warning in alone)
