"""An augmentation is allowed only where it leaves every named attribute true."""

from __future__ import annotations

import pytest

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.augmentation import allowed_augmentations


@pytest.mark.parametrize(
    ("attribute", "allowed"),
    [
        pytest.param(Attribute(name="smiling"), ("flip", "translate", "color"), id="a smile"),
        pytest.param(Attribute(name="Black_Hair"), ("flip", "translate"), id="colour in a name"),
        pytest.param(
            Attribute(name="cell", kind="categorical", levels=("light blue", "clear")),
            ("flip", "translate"),
            id="colour in a level",
        ),
        pytest.param(Attribute(name="head_turn"), ("translate", "color"), id="a direction"),
        pytest.param(Attribute(name="position-x"), ("flip", "color"), id="a place"),
        pytest.param(
            Attribute(name="redness", source="discovered"),
            ("flip", "translate", "color"),
            id="red inside another word",
        ),
    ],
)
def test_words_decide_what_is_safe(attribute, allowed):
    assert allowed_augmentations([Attribute(name="neutral"), attribute]) == allowed


def test_discovered_attributes_forbid_nothing():
    found = Attribute(name="left", source="discovered")
    assert allowed_augmentations([found]) == ("flip", "translate", "color")
