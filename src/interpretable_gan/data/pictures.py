"""Where images lie before decoding, and the plainest place: files in a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from interpretable_gan.data.decoding import open_header, open_image


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
        """The bytes that make this image what it is."""
        ...

    def mode(self, index: int) -> str:
        """Its mode, as Pillow calls it; cheap, for nothing is decoded.

        Raises:
            Unusable: it is no image.
        """
        ...

    def image(self, index: int) -> Image.Image:
        """The decoded image.

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
        return (self.root / self.names[index]).read_bytes()

    def mode(self, index: int) -> str:
        """The mode that the file's header tells; no more of it is read."""
        with (self.root / self.names[index]).open("rb") as file:
            return open_header(file).mode

    def image(self, index: int) -> Image.Image:
        """The decoded file."""
        return open_image(self.content(index))


def stamp(root: Path, *names: str) -> str:
    """A hash of where files are, how long, and when they last changed."""
    place = str(root.resolve())
    digest = hashlib.sha256(os.fsencode(place))
    for name in names:
        status = os.stat(os.path.join(place, name))
        digest.update(os.fsencode(f"\n{name}\0{status.st_size}\0{status.st_mtime_ns}"))
    return digest.hexdigest()
