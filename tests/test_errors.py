"""A name that does not exist brings up those that were meant."""

import pytest

from interpretable_gan.errors import did_you_mean


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hair_colour", " Did you mean 'hair_color'?"),
        ("hair", " Did you mean 'hair_color' or 'hair_length'?"),
        ("ha", ""),
        ("nose", ""),
    ],
)
def test_a_misspelt_name_or_a_part_of_one_is_recognised(name, hint):
    assert did_you_mean(name, ["age", "hair_color", "hair_length"]) == hint
