"""Similarity of faces: known answers, and a scale made of the right pairs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError
from interpretable_gan.metrics.extractors import torch_module
from interpretable_gan.metrics.identity import identity_scale, similarity


@pytest.fixture(scope="module")
def pixels():
    return torch_module(torch.nn.Flatten(), name="pixels", pixels=(-1, 1))


def spots(*places):
    """Grey images, each with one white spot."""
    images = torch.zeros(len(places), 3, 4, 4)
    for image, place in enumerate(places):
        images[image, :, place, place] = 1
    return images


def test_similarity_is_one_for_equal_images_and_zero_for_nothing_in_common(pixels):
    assert similarity(pixels, spots(0, 1), spots(0, 2)) == pytest.approx([1, 0])
    assert similarity(pixels, 0.5 * spots(0), spots(0)) == pytest.approx([1])  # of direction only
    assert similarity(pixels, spots(0), torch.zeros(1, 3, 4, 4)) == pytest.approx([0])


@pytest.fixture
def people(world):
    """Two hundred images of fifty people, each with a picture of their own."""
    groups = np.arange(200) // 4
    rng = np.random.default_rng(0)
    own = rng.integers(0, 256, (50, 16, 16, 3)).astype(np.uint8)
    return replace(world.data, groups=groups, images=own[groups])


def test_the_scale_pairs_one_person_with_itself_and_with_others(people, pixels):
    scale = identity_scale(people, pixels, splits=("train",))
    assert scale.same == pytest.approx(1)
    assert scale.different < 0.5
    assert scale.accuracy == 1
    assert scale.different < scale.threshold < scale.same
    assert scale.pairs == len(set(people.groups[people.rows("train")]) - once(people))


def once(data):
    who, count = np.unique(data.groups[data.rows("train")], return_counts=True)
    return set(who[count == 1])


def test_a_network_that_sees_no_person_has_no_scale(people):
    constant = torch_module(torch.nn.AdaptiveAvgPool2d(1), name="mean")
    alike = replace(people, images=np.full_like(people.images, 200))
    scale = identity_scale(alike, constant, splits=("train",))
    assert scale.accuracy == 0.5
    assert scale.same == scale.different


def test_data_that_cannot_tell_who_is_who_is_refused(world, people, pixels):
    with pytest.raises(DataError, match="same person"):
        identity_scale(replace(world.data, groups=None), pixels)
    with pytest.raises(DataError, match="no person is twice"):
        identity_scale(replace(people, groups=np.arange(200)), pixels)
    with pytest.raises(DataError, match="all images show the same person"):
        identity_scale(replace(people, groups=np.zeros(200, np.int64)), pixels)
