"""Which augmentations leave the named attributes true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.naming import words

Augmentation = Literal["flip", "translate", "color"]

PLACE = r"positions?|place|location|cent(er|re)|offset|bbox"
SIDE = (
    r"left|right|sides?|sided|turn|turned|turning|yaw|pose|directions?|heading|facing|gaze|steering|"
    r"angle|rotation|orientation|azimuth|tilt|handed|handedness|clockwise|counterclockwise|"
    r"anticlockwise|laterality|chirality|mirror|mirrored|east|west|eastward|westward|port|starboard"
)
WRITING = r"digits?|numerals?|letters?|characters?|glyphs?|symbols?|signs?|words?|text|writing|font"
CHANGES: dict[Augmentation, str] = {
    "flip": f"{SIDE}|{WRITING}|{PLACE}|horizontal",
    "translate": f"{PLACE}|horizontal|vertical",
    "color": "colou?rs?|tone|hue|tint|shade|saturation|light|lighting|bright|brightness|contrast|"
    "exposure|dark|pale|rosy|black|white|gr[ae]y|blonde?|brown|red|green|blue|yellow|pink|purple|"
    "orange|makeup|lipstick|skin|density|stain",
}
"""Words in an attribute's name or levels that an augmentation would make untrue."""

NUMERALS = "zero|one|two|three|four|five|six|seven|eight|nine|ten"
SEXES = {"f", "m"}

AXES: dict[Augmentation, str] = {
    "flip": "x|cx|dx|column",
    "translate": "x|y|cx|cy|dx|dy|row|column",
}
"""Words in the names of measured attributes alone. As a level, Y may be a letter, or yes."""


NUMERALS = "zero|one|two|three|four|five|six|seven|eight|nine|ten"
"""Numbers as words, which an image of a digit may be called."""

SEXES = {"f", "m"}
"""Levels of one letter that no image shows."""


def allowed_augmentations(attributes: Iterable[Attribute]) -> tuple[Augmentation, ...]:
    """The augmentations that change none of the named attributes, judged by their words.

    A schema uses this where it does not list its ``augmentations`` itself.

    >>> allowed_augmentations([Attribute(name="smiling"), Attribute(name="black_hair")])
    ('flip', 'translate')
    """
    refused = why_not(attributes)
    kinds: tuple[Augmentation, ...] = get_args(Augmentation)
    return tuple(kind for kind in kinds if kind not in refused)


def why_not(attributes: Iterable[Attribute]) -> dict[Augmentation, str]:
    """Augmentations that may change a named attribute, and of the first such one what says so.

    >>> why_not([Attribute(name="smiling"), Attribute(name="black_hair")])
    {'color': "black in 'black_hair'"}
    """
    refused: dict[Augmentation, str] = {}
    for attribute in attributes:
        if attribute.source != "named":
            continue
        levels = {level.lower() for level in attribute.levels}
        if levels and levels != SEXES and all(map(_is_code, levels)):
            refused.setdefault("flip", f"levels of {attribute.name!r} may be digits or letters")
        for kind in CHANGES:
            if word := _untrue(kind, attribute):
                refused.setdefault(kind, f"{word} in {attribute.name!r}")
    return refused


def sentence(attributes: Sequence[Attribute]) -> str:
    """Which augmentations are allowed, and why others are not."""
    refused = "".join(f"; no {kind}, for {why}" for kind, why in why_not(attributes).items())
    listed = ", ".join(allowed_augmentations(attributes)) or "none"
    return f"augmentations, by the names: {listed}{refused}; list others in schema.yaml"


def _is_code(level: str) -> bool:
    """Whether a level is a number or a letter: one that images may show, or a code for a side."""
    return bool(re.fullmatch(rf"[+-]?[0-9]+|[^\W\d_]|{NUMERALS}", level, re.IGNORECASE))


def _untrue(kind: Augmentation, attribute: Attribute) -> str:
    """A word of an attribute that an augmentation would make untrue; '' if there is none."""
    name, said = words(attribute.name), words(" ".join((attribute.name, *attribute.levels)))
    codes = attribute.levels and all(map(_is_code, attribute.levels))
    measured = attribute.kind == "continuous" or codes or len(name) > 1
    found = [word for word in said if re.fullmatch(CHANGES[kind], word)]
    if measured and kind in AXES:
        found += [word for word in name if re.fullmatch(AXES[kind], word)]
    return next(iter(found), "")
