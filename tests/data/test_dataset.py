"""Batches are what networks expect, wherever the images lie."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from interpretable_gan.data.dataset import Dataset, checksum
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(name="x", attributes=(Attribute(name="hat"), Attribute(name="beard")))


def made(images, **fields):
    rows = len(images)
    parts = {
        "codes": np.arange(2 * rows, dtype=np.float32).reshape(rows, 2) / (2 * rows),
        "known": np.arange(2 * rows).reshape(rows, 2) % 3 > 0,
        "splits": {"train": np.arange(rows)},
    }
    return Dataset(name="x", schema=SCHEMA, images=images, **(parts | fields))


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (10, 4, 4, 3), np.uint8)


def test_a_batch_has_the_rows_that_were_asked_for(images):
    data = made(images)
    batch, code, known = data.batch([7, 0, 7])
    expected = images[[7, 0, 7]].transpose(0, 3, 1, 2) / 127.5 - 1
    np.testing.assert_allclose(batch.numpy(), expected, atol=1e-6)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert (batch.dtype, code.dtype, known.dtype) == (torch.float32, torch.float32, torch.bool)
    np.testing.assert_array_equal(code, data.codes[[7, 0, 7]])
    np.testing.assert_array_equal(known, data.known[[7, 0, 7]])


def test_black_is_minus_one_and_white_is_one():
    black_white = np.stack([np.full((4, 4, 1), value, np.uint8) for value in (0, 255)])
    batch, _, _ = made(black_white).batch([0, 1])
    assert batch[0].unique().tolist() == [-1]
    assert batch[1].unique().tolist() == [1]


def test_a_batch_is_a_copy(images):
    data = made(images)
    batch, code, known = data.batch([0])
    batch.zero_(), code.zero_(), known.zero_()
    again, _, _ = data.batch([0])
    assert again.abs().sum() > 0
    assert data.known.any()


def test_size_and_channels(images):
    assert (len(made(images)), made(images).size, made(images).channels) == (10, 4, 3)
    assert made(images[..., :1]).channels == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda x: {"images": x / 255}, "must be square uint8", id="floats"),
        pytest.param(lambda x: {"images": x[..., :2]}, "1 or 3", id="two channels"),
        pytest.param(lambda x: {"images": x[:, 1:]}, "square", id="not square"),
        pytest.param(lambda x: {"codes": np.zeros((10, 3), np.float32)}, r"\(10, 2\)", id="codes"),
        pytest.param(lambda x: {"known": np.zeros((9, 2), bool)}, r"\(9, 2\)", id="known"),
    ],
)
def test_parts_that_do_not_fit_are_refused(images, change, message):
    with pytest.raises(DataError, match=message):
        made(**({"images": images} | change(images)))


def test_an_unknown_split_lists_those_there_are(images):
    with pytest.raises(DataError, match="no split 'val' in 'x'; it has train"):
        made(images).rows("val")


def test_a_memory_map_travels_as_the_place_of_its_file(tmp_path, images):
    images = np.tile(images, (1000, 1, 1, 1))
    np.save(tmp_path / "images.npy", images)
    data = made(np.load(tmp_path / "images.npy", mmap_mode="r"))
    sent = pickle.dumps(data)
    assert len(sent) < images.nbytes
    arrived = pickle.loads(sent)
    assert isinstance(arrived.images, np.memmap)
    np.testing.assert_array_equal(arrived.images, images)
    torch.testing.assert_close(arrived.batch([3])[0], data.batch([3])[0])


def test_images_in_memory_travel_whole(images):
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(made(images))).images, images)


def test_the_checksum_sees_values_and_shapes(images):
    assert checksum(images) == checksum(images.copy())
    assert checksum(images) != checksum(images.reshape(10, -1))
    changed = images.copy()
    changed[9, 3, 3, 2] ^= 1
    assert checksum(images) != checksum(changed)
    assert checksum("ab", "c") != checksum("a", "bc")


def test_who_steers_and_who_judges_learn_from_different_groups(rng):
    images = rng.integers(0, 256, (300, 4, 4, 3), np.uint8)
    train, groups = np.arange(0, 240), np.arange(300) // 3
    data = made(images, splits={"train": train}, groups=groups)
    steering, judging = data.half("steering"), data.half("judging")
    assert sorted([*steering, *judging]) == train.tolist()
    assert not set(groups[steering]) & set(groups[judging])
    assert 0.3 < len(steering) / len(train) < 0.7
