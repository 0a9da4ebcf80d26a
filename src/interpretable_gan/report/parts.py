"""What each attribute does, named or discovered, as pictures and words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.attribute import explain_attribute
from interpretable_gan.explain.calibration import Calibration
from interpretable_gan.explain.discovered import explain_discovered
from interpretable_gan.explain.heat import overlay
from interpretable_gan.modalities.pictures import to_pixels
from interpretable_gan.models.base import sample
from interpretable_gan.models.images import ImageModel
from interpretable_gan.report.claims import Measured
from interpretable_gan.report.picture import Captioned, Picture, Press
from interpretable_gan.schema.attribute import Attribute

PEOPLE = 3
"""Samples of which a strip is shown."""

EDITED = 32
"""Samples behind the picture of where an attribute acts."""

EXAMPLES = 4
"""Strongest examples of a discovered attribute, on either side."""


@dataclass(frozen=True)
class AttributePart:
    """What an attribute does in the generator. ``captions``: one above each column of the strip."""

    label: str
    about: str
    captions: tuple[str, ...]
    strip: Picture
    beside: tuple[Captioned, ...]
    words: str


def named_part(
    model: ImageModel,
    name: str,
    measured: Measured,
    calibration: Calibration | None,
    press: Press,
    seed: int,
) -> AttributePart:
    """A strip of a named attribute, where it changes the image, how often it shows, and how far its
    probabilities are off."""
    attribute = model.schema[name]
    found = explain_attribute(model, name, samples=EDITED, seed=seed)
    typical = to_pixels(sample(model, 1, seed=seed))[0]
    most = float(found.change.max())
    where = overlay(typical, found.change, most)
    beside = press.print(
        [where[None]],
        f"Heat map of where {attribute.label} changes the image: most at row "
        f"{_place(found.change)[0]} and column {_place(found.change)[1]} of the pixels.",
    )
    return AttributePart(
        label=attribute.label,
        about=_about(attribute),
        captions=found.captions,
        strip=_strip(press, attribute.label, found.captions, found.strips),
        beside=(Captioned(beside, f"Where pixels change, at most by {most:.0%} of full scale."),),
        words=f"{measured.success_of(name)} {_sureness(name, calibration)}".strip(),
    )


def discovered_part(
    model: ImageModel,
    data: Dataset,
    name: str,
    rows: NDArray[np.int64],
    press: Press,
    seed: int,
) -> AttributePart:
    """A strip of a discovered attribute, its strongest real examples, and what resembles it."""
    found = explain_discovered(
        model, data, name, rows=rows, count=EXAMPLES, samples=2 * EDITED, seed=seed
    )
    label = found.attribute.label
    ends = {"least": found.lowest, "most": found.highest}
    beside = tuple(
        Captioned(
            press.print(
                [np.asarray(data.images[side])],
                f"{len(side)} real images that show the {word} of {label}.",
            ),
            f"Real images with the {word} of it.",
        )
        for word, side in ends.items()
    )
    return AttributePart(
        label=label,
        about=f"discovered, {name}" if label != name else "discovered",
        captions=("least", *("" for _ in found.captions[2:]), "most"),
        strip=_strip(press, label, found.captions, found.strips),
        beside=beside,
        words=found.sentence(),
    )


def _sureness(name: str, calibration: Calibration | None) -> str:
    """How far probabilities of an attribute are off, where that was measured."""
    if calibration is None or name not in calibration.error:
        return ""
    before, after = calibration.error_before[name], calibration.error[name]
    without = "" if after == before else f" ({before:.1%} without its temperature)"
    if after > before:
        without = f"{without[:-1]}, which helps other attributes and harms this one)"
    return f"Read from an image, its probability is {after:.1%} off on average{without}."


def _strip(
    press: Press, label: str, captions: tuple[str, ...], strips: NDArray[np.uint8]
) -> Picture:
    rows = list(strips[:PEOPLE])
    alt = (
        f"{len(rows)} generated images, one in each row, with {label} at "
        f"{', '.join(captions)} from left to right."
    )
    return press.print(rows, alt)


def _about(attribute: Attribute) -> str:
    """Kind, values and description."""
    kinds = {
        "binary": "off or on",
        "categorical": f"one of {', '.join(attribute.levels)}",
        "continuous": "a number",
    }
    told = kinds[attribute.kind]
    if attribute.range is not None:
        low, high = attribute.range
        told = f"{low:g} to {high:g} {attribute.unit}".rstrip()
    if attribute.scope == "global":
        told += "; read from the whole image"
    return f"{attribute.description} ({told})" if attribute.description else told


def _place(change: NDArray[np.float32]) -> tuple[int, int]:
    row, column = np.unravel_index(change.argmax(), change.shape)
    return int(row), int(column)
