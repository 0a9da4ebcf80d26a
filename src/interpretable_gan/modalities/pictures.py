"""Pictures to look at: grids and strips of images with captions, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw

from interpretable_gan.atomic import write
from interpretable_gan.data.decoding import SHEET
from interpretable_gan.errors import DataError
from interpretable_gan.modalities.lettering import lettering
from interpretable_gan.shapes import Images

Tiles: TypeAlias = Images | NDArray[np.uint8]
"""Images as the networks see them, or uint8 ``(N, H, W, C)`` as data sets hold them."""

MARGIN, GAP = 10, 2
CAPTION, LABEL = 15, 12
"""Font sizes in pixels: beside or above a row, and above a tile."""
TITLE, LINE = 24, 18
"""Pixels that a title and a line of a label take."""
PAPER, INK = "white", "#333333"


@dataclass(frozen=True)
class Row:
    """Images side by side, with a caption to their left, a label above each and a title above all.

    A label has two lines where it is wider than its image, or where it holds a line break.
    """

    images: Tiles
    caption: str = ""
    labels: Sequence[str] = ()
    title: str = ""


def to_pixels(images: Tiles) -> NDArray[np.uint8]:
    """Images in [-1, 1] ``(N, C, H, W)`` as uint8 ``(N, H, W, C)``; uint8 arrays as they are."""
    if isinstance(images, np.ndarray):
        return images
    shades = images.detach().float().cpu().clamp(-1, 1).add(1).mul(127.5).round()
    return shades.permute(0, 2, 3, 1).numpy().astype(np.uint8)


def save_grid(
    images: Tiles,
    path: str | Path,
    *,
    columns: int,
    scale: int = 2,
    row_captions: Sequence[str] = (),
    column_captions: Sequence[str] = (),
) -> Path:
    """Save images row by row, ``columns`` in each, every pixel ``scale`` pixels wide.

    Raises:
        DataError: no images, or captions that do not fit their number.
    """
    pixels = to_pixels(images)
    starts = range(0, len(pixels), columns)
    if row_captions and len(row_captions) != len(starts):
        raise DataError(f"{len(starts)} rows of images have {len(row_captions)} captions.")
    rows = [
        Row(
            pixels[start : start + columns],
            caption=row_captions[number] if row_captions else "",
            labels=column_captions if number == 0 else (),
        )
        for number, start in enumerate(starts)
    ]
    return save_rows(rows, path, scale=scale)


def save_rows(rows: Sequence[Row], path: str | Path, *, scale: int = 2) -> Path:
    """Save rows of images, which may differ in length, below each other.

    Raises:
        DataError: no images, or a row whose labels are not one per image.
    """
    return save(compose(rows, scale=scale), path)


def compose(rows: Sequence[Row], *, scale: int = 2) -> Image.Image:
    """The picture that ``save_rows`` saves. It says in its EXIF part what it is, so that nobody
    takes it for a single image."""
    if not rows or not all(len(row.images) for row in rows):
        raise DataError("a picture needs at least one image in every row.")
    for row in rows:
        if row.labels and len(row.labels) != len(row.images):
            raise DataError(f"{len(row.images)} images in a row have {len(row.labels)} labels.")
    side = to_pixels(rows[0].images).shape[1] * scale
    left = MARGIN + _caption_width(rows)
    labels = [[_lines(label, side) for label in row.labels] for row in rows]
    heads = [max(map(len, each), default=0) * LINE for each in labels]  # pixels above the tiles
    titles = [TITLE if row.title else 0 for row in rows]
    heights = [sum(parts) + side + GAP for parts in zip(titles, heads, strict=True)]
    width = left + max(len(row.images) for row in rows) * (side + GAP) - GAP + MARGIN
    picture = Image.new("RGB", (width, sum(heights) - GAP + 2 * MARGIN), PAPER)
    picture.getexif()[ExifTags.Base.Software] = SHEET
    pen = ImageDraw.Draw(picture)
    top = MARGIN
    for row, height, lines in zip(rows, heights, labels, strict=True):
        below = top + height - GAP - side
        title, font = lettering(row.title, CAPTION)
        pen.text((left, top), title, INK, font)
        middle = below + side / 2
        caption, font = lettering(row.caption, CAPTION)
        pen.text((left - MARGIN, middle), caption, INK, font, anchor="rm")
        for number, tile in enumerate(to_pixels(row.images)):
            x = left + number * (side + GAP)
            picture.paste(_enlarged(tile, side), (x, below))
            for line, text in enumerate(reversed(lines[number] if lines else ())):
                _label(pen, text, x + side / 2, below - 4 - line * LINE, side)
        top += height
    return picture


def save(picture: Image.Image, path: str | Path) -> Path:
    """Write a picture, whole or not at all; makes the folder it lies in.

    Raises:
        DataError: the name ends in no format of pictures.
    """
    path, kind, exif = Path(path), format_of(path), picture.getexif()
    says = {"exif": exif} if exif else {}
    write(path, lambda part: picture.save(part, format=kind, **says))
    return path


def format_of(path: str | Path) -> str:
    """The format that the name of a picture ends in, as Pillow calls it.

    Raises:
        DataError: it ends in none that Pillow writes.
    """
    kind = Image.registered_extensions().get(Path(path).suffix.lower())
    if kind is None or kind not in Image.SAVE:
        raise DataError(f"{path} is no name of a picture: end it in .png, .jpg or .webp.")
    return kind


def as_image(tile: NDArray[np.uint8]) -> Image.Image:
    """One uint8 image ``(H, W, C)`` as Pillow has it."""
    return Image.fromarray(tile[..., 0] if tile.shape[-1] == 1 else tile)


def _caption_width(rows: Sequence[Row]) -> int:
    """Pixels that the captions need, with the space behind them."""
    captions = (lettering(row.caption, CAPTION) for row in rows)
    longest = max(font.getlength(caption) for caption, font in captions)
    return round(longest) + MARGIN if longest else 0


def _lines(label: str, width: int) -> list[str]:
    """A label in one line, or in two where it has two or is too wide for one."""
    if "\n" in label:
        return label.split("\n", 1)
    written, font = lettering(label, LABEL)
    if font.getlength(written) <= width:
        return [label]
    words = re.split(r"(?<=[ _-])", label)
    fits = [n for n in range(1, len(words)) if font.getlength("".join(words[:n])) <= width]
    first = fits[-1] if fits else len(words)
    return [line for line in ("".join(words[:first]), "".join(words[first:])) if line]


def _label(pen: ImageDraw.ImageDraw, text: str, x: float, y: float, width: int) -> None:
    """Write a label centred above a tile, shortened where the tile is too narrow."""
    written, font = lettering(text, LABEL)
    shown = written
    while font.getlength(shown) > width and len(written) > 1:
        written = written[:-1]
        shown = f"{written}..."
    pen.text((x, y), shown, INK, font, anchor="ms")


def _enlarged(tile: NDArray[np.uint8], side: int) -> Image.Image:
    return as_image(tile).convert("RGB").resize((side, side), Image.Resampling.NEAREST)
