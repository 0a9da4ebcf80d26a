"""What labels claim of images, given what the encoder reads there."""

import numpy as np
import pytest
import torch

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.labels import PLAIN, Labels, frequencies
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="heads",
    attributes=(
        Attribute(name="hat"),
        Attribute(name="hair", kind="categorical", levels=("black", "red", "grey")),
        Attribute(name="age", kind="continuous", range=(0, 100)),
    ),
)
USUAL = torch.tensor([0.1, 0.5, 0.25, 0.25, 0.5])


@pytest.fixture
def labels():
    return Labels(SCHEMA, USUAL, typical=0.5)


def reading(hat=0.0, hair=(0.0, 0.0, 0.0), age=0.0):
    return torch.tensor([[hat, *hair, age]], dtype=torch.float32)


def label(hat=1.0, hair=(1.0, -1.0, -1.0), age=0.3):
    return torch.tensor([[hat, *hair, age]], dtype=torch.float32)


def test_a_claim_is_as_strong_as_it_is_plain_to_see(labels):
    seen = [labels.code(reading(hat=odds), label())[0, 0] for odds in (-2.0, 0.0, 4.0, 40.0)]
    assert seen == sorted(seen)
    assert seen[0] > 0
    assert seen[-1] == pytest.approx(0.5)


def test_what_is_as_frequent_as_it_seems_is_not_seen(labels):
    usual = torch.logit(USUAL[0]).item()
    assert labels.code(reading(hat=usual), label())[0, 0] == pytest.approx(0, abs=1e-6)
    one_plain = labels.code(reading(hat=usual + PLAIN), label())[0, 0]
    assert one_plain == pytest.approx(0.5 * torch.tanh(torch.tensor(1.0)).item())


def test_a_label_that_the_encoder_does_not_see_claims_nothing(labels):
    code = labels.code(reading(hat=9, hair=(-9, 9, -9)), label(hat=-1))
    assert (code[0, :4] == 0).all()
    assert labels.claimed(code).tolist() == [[False, False, False, False, True]]


def test_a_missing_label_claims_nothing_and_a_measured_value_is_what_it_is(labels):
    code = labels.code(reading(hat=9, age=-1), label(hat=0, hair=(0, 0, 0)))
    assert (code[0, :4] == 0).all()
    assert code[0, 4] == pytest.approx(0.3)


def test_all_columns_of_a_level_are_as_strong_as_the_level(labels):
    code = labels.code(reading(hair=(4, 0, -4)), label())[0, 1:4]
    assert torch.equal(code, code[0] * torch.tensor([1.0, -1.0, -1.0]))
    assert 0 < code[0] < 0.5


def test_without_labels_the_likeliest_is_claimed(labels):
    seen = reading(hat=-1.0, hair=(0, 5, 0), age=3.0)
    assert torch.equal(labels.code(seen), labels.code(seen, label(1.0, (-1.0, 1.0, -1.0), 1.0)))
    assert labels.code(reading(hat=-4.0))[0, 0] < 0


def test_what_was_claimed_is_what_should_be_read(labels):
    for odds in (-4.0, -1.0, 2.0):
        code = labels.code(reading(hat=odds))
        expected = labels.expected(code)
        assert expected[0, 0] == pytest.approx(torch.tanh(torch.tensor(odds / 2)).item(), abs=1e-5)
        assert torch.equal(expected[:, 1:], code[:, 1:])


def test_asked_in_full_is_the_plainest_that_is_seen_and_not_more(labels):
    usual = torch.logit(USUAL[0]).item()
    full, plainest, plain = (
        labels.expected(code)[0, 0].item()
        for code in (
            label(),
            labels.code(reading(hat=40)),
            labels.code(reading(hat=usual + PLAIN)),
        )
    )
    assert plain < full == plainest < 0.95
    five_nats = torch.tanh(torch.tensor((usual + 5) / 2)).item()
    assert full == pytest.approx(five_nats, abs=5e-3)


def test_labels_that_say_all_are_the_codes():
    exact = Labels(SCHEMA, USUAL, typical=1.0)
    assert torch.equal(exact.code(reading(hat=-9), label()), label())
    assert torch.equal(exact.expected(label()), label())
    assert torch.equal(exact.code(reading(hat=2)), Reading(SCHEMA).as_code(reading(hat=2)))


def test_frequencies_are_of_known_training_labels(world):
    data = world.data
    rows = data.rows("train")
    column = data.schema.slices["smiling"].start
    known = data.known[rows, column]
    usual = (data.codes[rows, column][known] > 0).mean()
    assert frequencies(data)[column].item() == pytest.approx(usual)


def test_of_an_attribute_without_labels_all_values_are_as_likely():
    rows = np.arange(4)
    data = Dataset(
        name="heads",
        schema=SCHEMA,
        images=np.zeros((4, 8, 8, 1), np.uint8),
        codes=np.zeros((4, 5), np.float32),
        known=np.zeros((4, 5), bool),
        splits={"train": rows, "validation": rows[:0], "test": rows[:0]},
    )
    assert frequencies(data).tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 3, 1 / 3, 1 / 2])
