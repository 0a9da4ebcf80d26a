"""A reading is compared with its code by the kind of each attribute."""

import math

import pytest
import torch

from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="faces",
    attributes=(
        Attribute(name="age", kind="continuous", range=(0, 100)),
        Attribute(name="smiling"),
        Attribute(name="hair", kind="categorical", levels=("black", "blond", "red")),
    ),
).with_discovered(1)
CODE = torch.tensor([[0.5, 1.0, -1.0, 1.0, -1.0, 0.3]])


@pytest.mark.parametrize(
    ("reading", "errors", "agrees"),
    [
        pytest.param([0.5, 40, -40, 40, -40, 9], [0, 0, 0], [True] * 3, id="perfect"),
        pytest.param([0, 0, 0, 0, 0, 9], [9 / 8, math.log(2), math.log(3)], None, id="undecided"),
        pytest.param([-0.5, -40, 40, -40, -40, 9], [4.5, 40, 80], [False] * 3, id="wrong"),
    ],
)
def test_errors_have_known_values(reading, errors, agrees):
    judge = Reading(SCHEMA)
    reading = torch.tensor([reading], dtype=torch.float32)
    assert judge.error(reading, CODE[:, :5])[0].tolist() == pytest.approx(errors, abs=1e-5)
    if agrees is not None:
        assert judge.agrees(reading, CODE)[0].tolist() == agrees


def test_a_reading_becomes_a_code_that_the_schema_can_say():
    reading = torch.tensor([[3.0, 0.0, 0.0, 20.0, 0.0, -7.0]])
    code = Reading(SCHEMA).as_code(reading)
    assert code.abs().max() <= 1
    said = SCHEMA.read(code)
    assert (said["age"][0], said["smiling"][0], said["hair"][0]) == (100, 0.5, "blond")


def test_a_column_without_a_label_is_not_known():
    _, known = SCHEMA.pack({"age": [None], "smiling": [1], "hair": ["red"]})
    assert Reading(SCHEMA).known(torch.from_numpy(known)).tolist() == [[False, True, True]]
