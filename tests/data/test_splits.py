"""Splits cover all rows once, repeat from a seed, and never part a group."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretable_gan.data.intake import Intake
from interpretable_gan.data.splits import group_numbers, official_splits, seeded_splits


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 5))
def test_no_group_is_in_two_splits_and_no_row_is_lost(groups, seed):
    groups = np.array(groups)
    splits = seeded_splits(len(groups), seed=seed, groups=groups)
    for first, second in combinations(splits.values(), 2):
        assert not set(groups[first]) & set(groups[second])
    assert sorted(np.concatenate(list(splits.values()))) == list(range(len(groups)))


def test_without_groups_the_shares_are_exact():
    sizes = {name: len(rows) for name, rows in seeded_splits(1000, seed=3).items()}
    assert sizes == {"train": 800, "validation": 100, "test": 100}


def test_with_groups_the_shares_are_close(rng):
    groups = rng.integers(0, 200, 2000)
    sizes = [len(rows) for rows in seeded_splits(2000, seed=3, groups=groups).values()]
    np.testing.assert_allclose(np.array(sizes) / 2000, [0.8, 0.1, 0.1], atol=0.02)


def test_the_seed_decides():
    first, same, other = (seeded_splits(100, seed=seed)["test"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert set(first) != set(other)


@pytest.mark.parametrize(
    "labels",
    [["train", "val", "test"], [0, 1, 2], ["Training", "valid", "testing"], np.uint8([0, 1, 2])],
)
def test_published_names_are_understood(labels):
    intake = Intake("x")
    splits = official_splits(labels, intake, names="abc")
    assert {name: rows.tolist() for name, rows in splits.items()} == {
        "train": [0],
        "validation": [1],
        "test": [2],
    }
    assert not intake.found


def test_rows_of_no_known_split_are_left_out_and_named():
    intake = Intake("x")
    splits = official_splits(["train", None, "holdout"], intake, names="abc")
    assert [len(rows) for rows in splits.values()] == [1, 0, 0]
    assert intake.found["unknown split"] == {"b None": 1, "c 'holdout'": 1}


def test_labels_of_an_array_are_named_as_they_stand():
    intake = Intake("x")
    official_splits(np.array(["train", "holdout"]), intake, names="ab")
    assert intake.found["unknown split"] == {"b 'holdout'": 1}


def test_a_person_published_in_two_splits_stays_in_the_first():
    intake = Intake("x")
    groups = np.array([7, 7, 8, 8, 9])
    labels = ["train", "test", "val", "test", "test"]
    splits = official_splits(labels, intake, names="abcde", groups=groups)
    assert [rows.tolist() for rows in splits.values()] == [[0], [2], [4]]
    assert intake.found["group in two splits"] == {"b": 1, "d": 1}


def test_a_row_without_a_group_is_alone():
    numbers = group_numbers(["ann", None, "bob", "ann", ""])
    assert numbers.dtype == np.int64
    assert numbers[0] == numbers[3]
    assert len(set(numbers.tolist())) == 4
