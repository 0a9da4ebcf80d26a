"""Letters for captions in any script: an installed font that has them, or a way to write them."""

from __future__ import annotations

import os
import sys
import unicodedata
import warnings
from functools import cache
from pathlib import Path

from PIL import ImageFont

from interpretable_gan.errors import InterpretableGANWarning

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS = {
    "win32": ("$WINDIR/Fonts", "$LOCALAPPDATA/Microsoft/Windows/Fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "linux": ("~/.local/share/fonts", "~/.fonts", "/usr/local/share/fonts", "/usr/share/fonts"),
}
"""Where systems keep fonts."""
SPECIAL = ("bold", "italic", "oblique", "light", "black", "thin", "mono", "serif", "condensed")
"""Words in the names of fonts that are less fit for captions; ``sans-serif`` fonts say ``sans``."""
ABSENT = "\uffff"
"""A character that no font has: it is drawn as what stands for missing ones."""


@cache
def lettering(text: str, size: int) -> tuple[str, Font]:
    """A text as it can be written, and the font to write it in, ``size`` pixels high.

    That is Pillow's own font where it has the characters, else an installed one. Where no font has
    them all, they lose their accents or become ``\\u5fae``, and a warning says so once.
    """
    usual = ImageFont.load_default(size)
    if missing(text, usual):
        for path in installed_fonts():
            font = _opened(path, size)
            if font is not None and not missing(text, font):
                return text, font
        text = "".join(_written(character, usual) for character in text)
        _tell()
    return text, usual


def missing(text: str, font: Font) -> set[str]:
    """The characters of a text that a font does not have."""
    absent = _drawn(ABSENT, font)
    return {
        character
        for character in set(text)
        if not character.isspace() and _drawn(character, font) == absent
    }


@cache
def installed_fonts() -> tuple[Path, ...]:
    """Scalable fonts of this machine, the plainest first."""
    folders = [
        Path(os.path.expandvars(each)).expanduser() for each in FOLDERS.get(sys.platform, ())
    ]
    fonts = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in (".ttf", ".otf", ".ttc")
    ]
    return tuple(sorted(fonts, key=_fitness))


def _fitness(path: Path) -> tuple[int, bool, str]:
    name = path.stem.lower()
    return sum(word in name for word in SPECIAL), "sans" not in name, name


@cache
def _opened(path: Path, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(path, size)
    except OSError:  # damaged, or drawn for one size only
        return None


def _drawn(character: str, font: Font) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


def _written(character: str, font: Font) -> str:
    """A character, or how to write it in a font that does not have it."""
    if not missing(character, font):
        return character
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    if plain and not missing(plain, font):
        return plain
    return character.encode("ascii", "backslashreplace").decode()


@cache
def _tell() -> None:
    """Say once what captions look like."""
    warnings.warn(
        "no installed font has all characters of the captions, so they are written without accents "
        "or as \\u codes; install a font of their script, such as Noto Sans CJK.",
        InterpretableGANWarning,
        stacklevel=2,
    )
