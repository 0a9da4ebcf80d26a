"""Where images lie before decoding, and the plainest place: files in a folder."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from PIL import Image

from interpretable_gan.data.decoding import (
    DEEP_MODES,
    Framing,
    Picture,
    Unusable,
    Values,
    black_and_white,
    extremes,
    open_header,
    open_picture,
    pillow_warnings,
)
from interpretable_gan.data.intake import Intake

T = TypeVar("T")


class Pictures(Protocol):
    """Undecoded images by number."""

    @property
    def names(self) -> Sequence[str]:
        """What to call each image in a report."""
        ...

    @property
    def stamp(self) -> str:
        """Changes when the files do; cheap, for it only looks at paths, sizes and times."""
        ...

    def content(self, index: int) -> bytes:
        """The bytes that make this image what it is.

        Raises:
            Unusable: they cannot be read.
        """
        ...

    def mode(self, index: int) -> str:
        """Its mode, as Pillow calls it; cheap, for nothing is decoded.

        Raises:
            Unusable: it is no image.
        """
        ...

    def picture(self, index: int, framing: Framing | None = None) -> Picture:
        """The decoded image, reduced where that is enough for ``framing``.

        Raises:
            Unusable: it cannot be decoded.
        """
        ...


@dataclass(frozen=True)
class Files:
    """Image files below ``root``, by their names relative to it."""

    root: Path
    names: Sequence[str]

    @property
    def stamp(self) -> str:
        """Paths, sizes and times of all files."""
        return stamp(self.root, *self.names)

    def content(self, index: int) -> bytes:
        """The whole file."""
        try:
            return (self.root / self.names[index]).read_bytes()
        except OSError:
            raise Unusable("unreadable file") from None

    def mode(self, index: int) -> str:
        """The mode that the file's header tells; no more of it is read."""
        try:
            with (self.root / self.names[index]).open("rb") as file:
                return open_header(file).mode
        except OSError:
            raise Unusable("unreadable file") from None

    def picture(self, index: int, framing: Framing | None = None) -> Picture:
        """The decoded file."""
        return open_picture(self.content(index), framing)


def files_below(folder: Path) -> tuple[Files, str]:
    """All files in a folder and its subfolders that are called pictures, in order of name, and a
    remark on hidden ones, which are not among them; it is empty where there are none."""
    names = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if is_called_picture(path) and path.is_file()
    ]
    visible = [name.as_posix() for name in names if not is_hidden(name)]
    return Files(folder, visible), hidden_remark([str(name) for name in names if is_hidden(name)])


def is_called_picture(path: str | Path) -> bool:
    """Whether a file's name ends as those of pictures do, be it one that cannot be read here."""
    path = Path(path)
    kind, _ = mimetypes.guess_type(path.name, strict=False)
    return path.suffix.lower() in Image.registered_extensions() or (kind or "").startswith("image/")


def is_hidden(name: str | Path) -> bool:
    """Whether a relative path is hidden, or in a hidden folder such as ``.ipynb_checkpoints``."""
    return any(part.startswith(".") for part in Path(name).parts)


def hidden_remark(names: Sequence[str]) -> str:
    """What to say of hidden pictures; nothing where there are none."""
    if not names:
        return ""
    rest = f", and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"hidden files and folders are left out: {names[0]}{rest}"


def read_all(
    pictures: Pictures,
    intake: Intake,
    use: Callable[[Picture, Values | None], T],
    framing: Framing | None = None,
) -> list[tuple[int, T]]:
    """Number and result of ``use`` of every picture that can be read, with black and white of
    those of more than eight bits; what is left out or lost is noted in ``intake``."""
    done = []
    with pillow_warnings():
        seen = deep_extremes(pictures)
        values = black_and_white(*seen) if seen else None
        for index, name in enumerate(pictures.names):
            try:
                picture = pictures.picture(index, framing)
                done.append((index, use(picture, values)))
            except Unusable as problem:
                intake.note(str(problem), name)
                continue
            for note in picture.notes:
                intake.note(note, name)
    if seen and values:
        intake.remarks.append(depth_remark(seen, values))
    return done


def deep_extremes(pictures: Pictures) -> Values | None:
    """Lowest and highest value of all pictures with more than eight bits; None without such."""
    found = [ends for index in range(len(pictures.names)) if (ends := deep_ends(pictures, index))]
    return union(found)


def deep_ends(pictures: Pictures, index: int) -> Values | None:
    """Lowest and highest value of a picture, if it has more than eight bits and can be used."""
    try:
        if pictures.mode(index) in DEEP_MODES:
            return extremes(pictures.picture(index).image)
    except Unusable:
        pass
    return None


def union(ends: Sequence[Values]) -> Values | None:
    """The range that holds all others; None without any."""
    if not ends:
        return None
    return min(low for low, _ in ends), max(high for _, high in ends)


def depth_remark(seen: Values, values: Values) -> str:
    """What became of values of more than eight bits."""
    return (
        f"values of more than eight bits reach from {seen[0]:,.6g} to {seen[1]:,.6g}: "
        f"{values[0]:,.6g} is black, {values[1]:,.6g} white"
    )


def stamp(root: Path, *names: str) -> str:
    """A hash of where files are, how long, and when they last changed."""
    place = str(root.resolve())
    digest = hashlib.sha256(os.fsencode(place))
    for name in names:
        status = os.stat(os.path.join(place, name))
        digest.update(os.fsencode(f"\n{name}\0{status.st_size}\0{status.st_mtime_ns}"))
    return digest.hexdigest()
