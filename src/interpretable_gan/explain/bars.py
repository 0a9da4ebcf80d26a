"""Bars: what each of a few attributes adds, to the right for and to the left against."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from interpretable_gan.explain.heat import AGAINST, FOR

ROW, REACH, GAP, SIZE = 26, 160, 12, 16
"""Pixels: height of a row, length of the longest bar, space around, height of letters."""


def bar_picture(values: Mapping[str, float]) -> Image.Image:
    """One bar per name, all on one scale, the number beside it; orange is up and blue down."""
    font = ImageFont.load_default(SIZE)
    left = GAP + round(max(font.getlength(name) for name in values)) + GAP
    number = round(font.getlength("+00.00"))
    middle = left + number + REACH
    width, height = middle + REACH + number + GAP, ROW * len(values) + 2 * GAP
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    longest = max(abs(value) for value in values.values()) or 1.0
    for row, (name, value) in enumerate(values.items()):
        centre = GAP + ROW * row + ROW // 2
        end = middle + round(REACH * value / longest)
        colour = tuple((FOR if value > 0 else AGAINST).astype(np.uint8).tolist())
        box = (min(middle, end), centre - ROW // 3, max(middle, end), centre + ROW // 3)
        pen.rectangle(box, fill=colour)
        pen.text((left - GAP, centre), name, "black", font, anchor="rm")
        side, anchor = (GAP // 3, "lm") if value > 0 else (-GAP // 3, "rm")
        pen.text((end + side, centre), f"{value:+.2f}", "black", font, anchor=anchor)
    pen.line((middle, GAP, middle, height - GAP), fill="black")
    return picture
