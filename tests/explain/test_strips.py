"""A strip goes through an attribute's values and changes nothing else."""

import pytest

from interpretable_gan.explain.strips import strip_values
from interpretable_gan.schema.attribute import Attribute


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        (Attribute(name="smiling"), {"off": 0, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "on": 1}),
        (
            Attribute(name="age", kind="continuous", range=(20, 80)),
            {"20": 20, "35": 35, "50": 50, "65": 65, "80": 80},
        ),
        (
            Attribute(name="hair", kind="categorical", levels=("red", "gray")),
            {"red": "red", "gray": "gray"},
        ),
    ],
    ids=["binary", "continuous", "categorical"],
)
def test_a_strip_goes_from_low_to_high_or_level_by_level(attribute, values):
    assert strip_values(attribute) == values
