"""The attributes of a portrait: eight binary, two categorical, five continuous."""

from __future__ import annotations

from functools import cache

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

HAIR_COLORS = ("black", "brown", "blond", "red", "gray")
HAIR_LENGTHS = ("short", "medium", "long")

ATTRIBUTES = (
    Attribute(
        name="smiling",
        group="mouth",
        description="corners of the mouth turned up, teeth to be seen",
    ),
    Attribute(name="mouth_open", group="mouth", description="lips apart"),
    Attribute(name="lipstick", group="mouth", description="full crimson lips"),
    Attribute(name="beard", group="hair", description="full beard in the hair's colour"),
    Attribute(name="bangs", group="hair", description="fringe down to the brows"),
    Attribute(name="hat", group="worn", description="felt hat with a light band"),
    Attribute(name="eyeglasses", group="worn", description="dark frames, bluish lenses"),
    Attribute(name="earrings", group="worn", description="gold drops on both sides"),
    Attribute(
        name="hair_color",
        kind="categorical",
        levels=HAIR_COLORS,
        group="hair",
        description="of hair, brows and beard",
    ),
    Attribute(
        name="hair_length",
        kind="categorical",
        levels=HAIR_LENGTHS,
        group="hair",
        description="to the ears, the jaw or over the shoulders",
    ),
    Attribute(
        name="skin_tone",
        kind="continuous",
        range=(0, 1),
        group="face",
        description="0 pale to 1 deep brown",
    ),
    Attribute(
        name="age",
        kind="continuous",
        range=(20, 80),
        unit="years",
        group="face",
        description="lines, bags, a longer face, narrower eyes, whiter brows",
    ),
    Attribute(
        name="face_width",
        kind="continuous",
        range=(0.8, 1.2),
        unit="× the usual",
        group="face",
    ),
    Attribute(
        name="head_turn",
        kind="continuous",
        range=(-30, 30),
        unit="degrees",
        group="view",
        description="towards the picture's left to its right",
    ),
    Attribute(
        name="light",
        kind="continuous",
        range=(-1, 1),
        group="view",
        description="−1 from the picture's left to +1 from its right",
    ),
)
"""Eight binary attributes, two categorical and five continuous ones."""


@cache
def schema() -> Schema:
    """What can be said about a portrait.

    Shifting a picture by a pixel changes no attribute. Mirroring would swap the sides that
    ``head_turn`` and ``light`` name, and colour changes would touch hair, skin and lips.
    """
    return Schema(
        name="portraits",
        attributes=ATTRIBUTES,
        augmentations=("translate",),
    )
