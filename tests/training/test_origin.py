"""A run knows the data it learned from, and goes on with no other."""

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.data import portraits
from interpretable_gan.errors import RunError
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.origin import origin, refuse_other_data


def flipped(data):
    codes = data.codes.copy()
    codes[data.rows("train")[0], data.schema.slices["smiling"]] *= -1
    return replace(data, codes=codes)


def unlabelled(data):
    known = data.known.copy()
    known[data.rows("train")[0]] = False
    return replace(data, known=known)


def with_training(data, rows):
    return replace(data, splits={**data.splits, "train": rows})


def shortened(data):
    return with_training(data, data.rows("train")[:-1])


def swapped(data):
    rows = data.rows("train").copy()
    rows[0] = data.rows("test")[0]
    return with_training(data, rows)


def test_the_same_data_may_lie_elsewhere(world):
    refuse_other_data(world.run, world.data)
    refuse_other_data(world.run, replace(world.data, name="moved"))
    again = portraits.dataset(size=16, count=200, seed=0)
    assert origin(again) == origin(world.data)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (flipped, "had other images, labels or splits then"),
        (unlabelled, "had other images, labels or splits then"),
        (swapped, "had other images, labels or splits then"),
        (lambda data: replace(data, checksum="0"), "had other images, labels or splits then"),
        (shortened, "had 160 training images, and 'portraits' now has 159"),
    ],
    ids=["a label", "a missing label", "a row from another split", "pixels", "a row less"],
)
def test_any_change_of_what_training_sees_is_refused(changed, sentence, world):
    with pytest.raises(RunError, match=f"cannot go on with other data: 'portraits' {sentence}"):
        refuse_other_data(world.run, changed(world.data))


def test_rows_are_told_apart_even_where_their_labels_are_alike(world):
    blank = replace(world.data, codes=np.zeros_like(world.data.codes))
    assert origin(swapped(blank)) != origin(blank)


def test_another_schema_is_named_as_such(world):
    fewer = Schema(name="portraits", attributes=world.data.schema.attributes[:-1])
    width = fewer.named_columns
    codes, known = world.data.codes[:, :width], world.data.known[:, :width]
    other = replace(world.data, schema=fewer, codes=codes, known=known)
    with pytest.raises(RunError, match="another schema than 'portraits'"):
        refuse_other_data(world.run, other)


def test_what_is_never_learned_from_may_change(world):
    codes = world.data.codes.copy()
    codes[world.data.rows("test")] *= -1
    assert origin(replace(world.data, codes=codes)) == origin(world.data)
    assert not np.array_equal(codes, world.data.codes)
