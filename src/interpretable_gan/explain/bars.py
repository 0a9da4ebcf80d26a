"""Bars: a few numbers by name, to the right for and to the left against, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from interpretable_gan.explain.heat import AGAINST, FOR
from interpretable_gan.modalities.lettering import lettering

ROW, REACH, GAP, SIZE = 26, 160, 12, 16
"""Pixels: height of a row, length of the longest bar, space around, height of letters."""


def bar_picture(
    values: Mapping[str, float],
    intervals: Mapping[str, Sequence[float]] | None = None,
    *,
    title: str = "",
    form: str = "+.2f",
) -> Image.Image:
    """One bar per name, all on one scale, the number beside it; orange is up and blue down.

    Args:
        values: name → length of its bar.
        intervals: name → ends of a line across it, or nothing.
        title: stands above.
        form: of the numbers, such as ``.0%``.
    """
    font, spans = ImageFont.load_default(SIZE), intervals or {}
    lengths = [*values.values(), *(end for ends in spans.values() for end in ends)]
    unit = REACH / (max(abs(length) for length in lengths) or 1.0)
    title, heading = lettering(title, SIZE)
    label = max(
        letters.getlength(name) for name, letters in (lettering(each, SIZE) for each in values)
    )
    number = max(font.getlength(format(value, form)) for value in values.values()) + GAP
    left, top = 2 * GAP + label, GAP + (ROW if title else 0)
    middle = round(left + (REACH + number if min(lengths) < 0 else 0))
    width = round(max(middle + REACH + number, GAP + heading.getlength(title)) + GAP)
    picture = Image.new("RGB", (width, top + ROW * len(values) + GAP), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((GAP, GAP), title, "black", heading)
    for row, (name, value) in enumerate(values.items()):
        centre = top + ROW * row + ROW // 2
        bar, *line = (middle + round(unit * end) for end in (value, *spans.get(name, ())))
        box = (min(middle, bar), centre - ROW // 3, max(middle, bar), centre + ROW // 3)
        pen.rectangle(box, fill=tuple((FOR if value > 0 else AGAINST).astype(np.uint8).tolist()))
        pen.line([(place, centre) for place in line], "black", width=2)
        written, letters = lettering(name, SIZE)
        pen.text((left - GAP, centre), written, "black", letters, anchor="rm")
        end, anchor = (max, "lm") if value > 0 else (min, "rm")
        beside = end(bar, *line, middle) + (GAP // 3 if value > 0 else -GAP // 3)
        pen.text((beside, centre), format(value, form), "black", font, anchor=anchor)
    pen.line((middle, top, middle, picture.height - GAP), fill="black")
    return picture


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures below each other on one sheet."""
    size = (max(each.width for each in pictures), sum(each.height for each in pictures))
    sheet, top = Image.new("RGB", size, "white"), 0
    for each in pictures:
        sheet.paste(each, (0, top))
        top += each.height
    return sheet
