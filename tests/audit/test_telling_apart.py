"""Evaluators learn which of two attributes that go together an image has."""

import numpy as np
import pytest
import torch

from interpretable_gan.audit.telling_apart import TellingApart
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="beards",
    attributes=[
        Attribute(name="goatee"),
        Attribute(name="age", kind="continuous", range=(0, 1)),
        Attribute(name="mustache"),
        Attribute(name="hat"),
    ],
)
GOATEE, AGE, MUSTACHE, HAT = range(4)


def labels(rows=4000):
    """A mustache mostly goes with a goatee; a hat and an age with nothing."""
    rng = np.random.default_rng(0)
    codes = np.where(rng.random((rows, 4)) < 0.5, 1, -1).astype(np.float32)
    codes[:, MUSTACHE] = np.where(rng.random(rows) < 0.8, 1, -1) * codes[:, GOATEE]
    return torch.from_numpy(codes), torch.ones(rows, 4, dtype=torch.bool)


@pytest.fixture(scope="module")
def telling():
    return TellingApart(SCHEMA, *labels())


def test_only_what_goes_together_is_told_apart(telling):
    weights = telling.weights
    assert weights.shape == (3, 3)  # an age is no rival of a goatee
    expected = 0.36 / 0.2 / 4  # r² over the share of images with one of both, over attributes
    assert weights[0, 1] == weights[1, 0] == pytest.approx(expected, rel=0.1)
    assert weights[0, 2] < 0.002
    assert not weights.diagonal().any()


def test_what_excludes_one_another_is_not_taken_for_one_another():
    codes, known = labels()
    codes[:, MUSTACHE] *= -1
    assert not TellingApart(SCHEMA, codes, known).weights[0, 1]


def test_the_loss_falls_where_the_right_one_of_two_is_read_higher(telling):
    code = torch.tensor([[1.0, 0, -1, -1]])
    known = torch.ones(1, 4, dtype=torch.bool)
    right, undecided, wrong = (
        telling(torch.tensor([[goatee, 0.0, mustache, 0.0]]), code, known)
        for goatee, mustache in ((2.0, -2.0), (2.0, 2.0), (-2.0, 2.0))
    )
    assert right < undecided < wrong
    assert undecided == pytest.approx(float(telling.weights[0, 1]) * np.log(2), rel=0.02)


@pytest.mark.parametrize("code", [[1.0, 0, 1, -1], [-1.0, 0, -1, -1]])
def test_images_with_both_or_neither_teach_nothing_about_the_two(telling, code):
    raw = torch.zeros(1, 4, requires_grad=True)
    telling(raw, torch.tensor([code]), torch.ones(1, 4, dtype=torch.bool)).backward()
    assert (raw.grad[0, GOATEE] - raw.grad[0, MUSTACHE]).abs() < 0.01


def test_unknown_labels_teach_nothing(telling):
    known = torch.ones(1, 4, dtype=torch.bool)
    known[0, MUSTACHE] = False
    raw = torch.zeros(1, 4, requires_grad=True)
    telling(raw, torch.tensor([[1.0, 0, 0, 1]]), known).backward()
    assert not raw.grad[0, MUSTACHE]


def test_without_binary_attributes_there_is_nothing_to_tell():
    schema = Schema(
        name="ages", attributes=[Attribute(name="age", kind="continuous", range=(0, 1))]
    )
    codes, known = torch.zeros(5, 1), torch.ones(5, 1, dtype=torch.bool)
    assert TellingApart(schema, codes, known)(codes, codes, known) == 0
