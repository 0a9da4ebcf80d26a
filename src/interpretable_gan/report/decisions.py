"""Why the discriminator judged a few telling images as it did, with heat maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.explain.decision import DecisionExplanation, explain_decision
from interpretable_gan.explain.heat import overlay
from interpretable_gan.modalities.pictures import to_pixels
from interpretable_gan.models.images import ImageModel
from interpretable_gan.report.picture import Captioned, Picture, Press
from interpretable_gan.shapes import Images

JUDGED = 256
"""Real images, and as many generated ones, among which the best and the worst are looked for."""

MAPS = 4
"""Attributes whose map a panel shows."""

PANELS = 6

GENERATED = "generated images"
"""What scores are compared with."""


@dataclass(frozen=True)
class Panel:
    """One image, why it was judged so, and where."""

    title: str
    words: str
    tiles: tuple[Captioned, ...]


def decision_panels(
    model: ImageModel, data: Dataset, rows: NDArray[np.int64], press: Press, seed: int
) -> list[Panel]:
    """The best, the worst and a typical one of real and of generated images.

    Each is judged against its own code, as in training: real ones by their labels, generated ones
    by what was asked. Scores and terms are compared with the mean over the generated images.

    Args:
        rows: of the data; the first `JUDGED` are looked at.

    Raises:
        ConfigError: the model has a black-box discriminator.
    """
    images, labels, _ = data.batch(rows[:JUDGED])
    asked = model.codes(JUDGED, seed=seed)
    drawn = model.draw(asked, model.styles(JUDGED, seed=seed))
    code = asked[:, : model.schema.named_columns]
    generated = explain_decision(model, drawn, code)
    real = explain_decision(model, images, model.code_of(images, labels)).against(
        generated, GENERATED
    )
    generated = generated.against(generated, GENERATED)
    panels = []
    for kind, explained, shown in (("real", real, images), ("generated", generated, drawn)):
        for title, number in _telling(explained.logit, kind).items():
            panels.append(_panel(title, explained, shown, number, press))
    return panels


def _telling(scores: NDArray[np.float64], kind: str) -> dict[str, int]:
    """Titles and numbers of the highest, the middle and the lowest score."""
    order = np.argsort(scores, kind="stable")
    return {
        f"The {kind} image that looks most real": int(order[-1]),
        f"A typical {kind} image": int(order[len(order) // 2]),
        f"The {kind} image that looks least real": int(order[0]),
    }


def _panel(
    title: str, explained: DecisionExplanation, images: Images, number: int, press: Press
) -> Panel:
    pixels = to_pixels(images[number][None])[0]
    whole = explained.map()[number]
    peak = float(np.abs(whole).max())
    strongest = explained.strongest(number, MAPS)
    placed = [name for name, _ in strongest if name not in explained.whole_image]
    limit = max((float(np.abs(explained.map(name)[number]).max()) for name in placed), default=1.0)
    tiles = [
        Captioned(press.print([pixels[None]], f"{title}."), "the image"),
        Captioned(
            _heat(press, pixels, whole, peak, f"everything that has a place, {title.lower()}"),
            f"all places, up to ±{peak:.2g}",
        ),
    ]
    for name, term in strongest:
        label, told = explained.schema[name].label, explained.told(term, number)
        if name in explained.whole_image:
            grey = overlay(pixels, np.zeros_like(whole), 1.0)[None]
            picture = press.print([grey], f"The image in grey: {label} has no place in it.")
            tiles.append(Captioned(picture, f"{label} {told}, whole image"))
        else:
            picture = _heat(press, pixels, explained.map(name)[number], limit, label)
            tiles.append(Captioned(picture, f"{label} {told}"))
    words = f"{explained.sentence(number)} Maps of attributes go up to ±{limit:.2g} per place."
    return Panel(title, words, tuple(tiles))


def _heat(
    press: Press,
    pixels: NDArray[np.uint8],
    values: NDArray[np.float32],
    limit: float,
    what: str,
) -> Picture:
    row, column = np.unravel_index(np.abs(values).argmax(), values.shape)
    return press.print(
        [overlay(pixels, values, limit)[None]],
        f"Heat map of {what}: strongest at place row {row + 1}, column {column + 1} of "
        f"{len(values)} by {len(values)}, {values[row, column]:+.2f}.",
    )
