"""An augmentation is allowed only where it leaves every named attribute true."""

from __future__ import annotations

import pytest

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.augmentation import allowed_augmentations, sentence


def levels(name, levels):
    return Attribute(name=name, kind="categorical", levels=tuple(levels))


def number(name):
    return Attribute(name=name, kind="continuous", range=(0, 1))


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
        pytest.param(Attribute(name="position-x"), ("color",), id="a place"),
        pytest.param(levels("label", "0123456789"), ("translate", "color"), id="digits"),
        pytest.param(levels("what", ["seven", "one"]), ("translate", "color"), id="in words"),
        pytest.param(levels("what", "bdpq"), ("translate", "color"), id="letters"),
        pytest.param(levels("lung", "LR"), ("translate", "color"), id="letters for sides"),
        pytest.param(levels("sex", "FM"), ("flip", "translate", "color"), id="letters of a word"),
        pytest.param(levels("chromosome", "XY"), ("translate", "color"), id="a level Y"),
        pytest.param(Attribute(name="y"), ("flip", "translate", "color"), id="the target y"),
        pytest.param(number("y"), ("flip", "color"), id="a height"),
        pytest.param(number("posX"), ("color",), id="a place in one word"),
        pytest.param(number("orientation"), ("translate", "color"), id="an orientation"),
        pytest.param(Attribute(name="facingEast"), ("translate", "color"), id="another direction"),
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


def test_what_was_derived_is_said_with_the_reason():
    assert sentence([levels("label", "0123"), Attribute(name="red_ink")]) == (
        "augmentations, by the names: translate; no flip, for levels of 'label' may be digits or "
        "letters; no color, for red in 'red_ink'; list others in schema.yaml"
    )
