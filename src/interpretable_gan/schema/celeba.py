"""The schema of CelebA: forty binary attributes of faces (Liu et al., ICCV 2015)."""

from __future__ import annotations

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

GROUPS = {
    "expression": {
        "mouth_slightly_open": "lips apart",
        "narrow_eyes": "eyes narrow or narrowed",
        "smiling": "a smile, mouth open or closed",
    },
    "hair": {
        "bald": "no hair on top of the head",
        "bangs": "hair falls over the forehead",
        "black_hair": "hair is black",
        "blond_hair": "hair is blond",
        "brown_hair": "hair is brown",
        "gray_hair": "hair is gray or white",
        "receding_hairline": "hairline is high",
        "straight_hair": "hair falls straight",
        "wavy_hair": "hair is wavy or curly",
    },
    "beard": {
        "5_o_clock_shadow": "stubble of a day",
        "goatee": "beard on the chin",
        "mustache": "hair on the upper lip",
        "no_beard": "shaved, or never grew one",
        "sideburns": "hair grows down before the ears",
    },
    "face": {
        "arched_eyebrows": "eyebrows curve upwards",
        "bags_under_eyes": "swelling or shade under the eyes",
        "big_lips": "lips are full",
        "big_nose": "nose is wide or large",
        "bushy_eyebrows": "eyebrows are thick",
        "chubby": "face is plump",
        "double_chin": "a fold under the chin",
        "high_cheekbones": "cheekbones stand out",
        "oval_face": "face is oval",
        "pale_skin": "skin is very light",
        "pointy_nose": "tip of the nose is narrow",
        "rosy_cheeks": "cheeks are red",
    },
    "wearing": {
        "eyeglasses": "glasses of any kind, also dark ones",
        "heavy_makeup": "makeup is plain to see",
        "wearing_earrings": "earrings in sight",
        "wearing_hat": "something on the head",
        "wearing_lipstick": "lips are coloured",
        "wearing_necklace": "necklace in sight",
        "wearing_necktie": "necktie in sight",
    },
    "person": {
        "attractive": "as judged by the annotators",
        "male": "as judged by the annotators",
        "young": "as judged by the annotators",
    },
    "picture": {"blurry": "picture is out of focus"},
}
"""Group → attribute → what it says."""

GLOBAL = frozenset({"attractive", "blurry", "male", "young"})
"""Attributes that no single place shows."""


def celeba_schema() -> Schema:
    """CelebA's forty attributes, in the order of the official table.

    Names are the official ones in lower case. Flipping and shifting change none of them; changing
    colours would, as hair, skin and makeup have names.
    """
    attributes = [
        Attribute(
            name=name,
            group=group,
            description=description,
            scope="global" if name in GLOBAL else "local",
        )
        for group, members in GROUPS.items()
        for name, description in members.items()
    ]
    official = sorted(attributes, key=lambda attribute: attribute.name)
    return Schema(name="celeba", attributes=tuple(official), augmentations=("flip", "translate"))
