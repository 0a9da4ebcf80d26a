"""Where images lie before decoding: files in a folder, files packed in one array, arrays."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.data.decoding import open_image


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

    def image(self, index: int) -> Image.Image:
        """The decoded file."""
        return open_image(self.content(index))


@dataclass(frozen=True)
class Packed:
    """Image files one behind the other in the array ``jpeg`` of an npz file."""

    path: Path
    names: Sequence[str]

    @property
    def stamp(self) -> str:
        """Path, size and time of the npz file."""
        return stamp(self.path.parent, self.path.name)

    @cached_property
    def _packed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        with np.load(self.path, allow_pickle=False) as arrays:
            return arrays["jpeg"], arrays["offsets"]

    def content(self, index: int) -> bytes:
        """Image file ``jpeg[offsets[index]:offsets[index + 1]]``."""
        jpeg, offsets = self._packed
        return jpeg[offsets[index] : offsets[index + 1]].tobytes()

    def image(self, index: int) -> Image.Image:
        """The decoded file."""
        return open_image(self.content(index))


@dataclass(frozen=True)
class Arrays:
    """Decoded uint8 images ``(N, H, W)`` or ``(N, H, W, 1, 3 or 4)`` from the file ``path``."""

    path: Path
    names: Sequence[str]
    pixels: NDArray[np.uint8]

    @property
    def stamp(self) -> str:
        """Path, size and time of the file."""
        return stamp(self.path.parent, self.path.name)

    def content(self, index: int) -> bytes:
        """Shape and values."""
        return repr(self.pixels.shape[1:]).encode() + self.pixels[index].tobytes()

    def image(self, index: int) -> Image.Image:
        """The array as an image."""
        pixels = self.pixels[index]
        return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)


def stamp(root: Path, *names: str) -> str:
    """A hash of where files are, how long, and when they last changed."""
    place = str(root.resolve())
    digest = hashlib.sha256(place.encode())
    for name in names:
        status = os.stat(os.path.join(place, name))
        digest.update(f"\n{name}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return digest.hexdigest()
