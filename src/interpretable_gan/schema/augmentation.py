"""Which augmentations leave the named attributes true."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from interpretable_gan.schema.attribute import Attribute

Augmentation = Literal["flip", "translate", "color"]

CHANGES: dict[Augmentation, str] = {
    "flip": "left|right|side|turn|yaw|pose|direction|heading|steering|angle|rotation|azimuth|"
    "handedness|digit|letter|character|text",
    "translate": "position|place|location|cent(er|re)|offset|x|y|row|column",
    "color": "colou?r|tone|hue|tint|shade|saturation|light|lighting|bright|brightness|contrast|"
    "exposure|dark|pale|rosy|black|white|gr[ae]y|blonde?|brown|red|green|blue|yellow|pink|purple|"
    "orange|makeup|lipstick|skin|density|stain",
}
"""Words in an attribute's name or levels that an augmentation would make untrue."""


def allowed_augmentations(attributes: Iterable[Attribute]) -> tuple[Augmentation, ...]:
    """The augmentations that change none of the named attributes, judged by their words.

    A schema uses this where it does not list its ``augmentations`` itself.

    >>> allowed_augmentations([Attribute(name="smiling"), Attribute(name="black_hair")])
    ('flip', 'translate')
    """
    words = " ".join(" ".join((a.name, *a.levels)) for a in attributes if a.source == "named")
    spaced = re.sub(r"[^a-z]+", " ", words.lower())
    kinds: tuple[Augmentation, ...] = get_args(Augmentation)
    return tuple(kind for kind in kinds if not re.search(rf"\b({CHANGES[kind]})\b", spaced))
