"""Pictures in an npz file: pixels as they are, or image files packed in one array."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.data.archive import Archive
from interpretable_gan.data.decoding import Framing, Picture, open_header, open_picture
from interpretable_gan.data.pictures import stamp

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""Channels → mode of an array as an image."""


@dataclass(frozen=True)
class Packed:
    """Image files one behind the other in the array ``jpeg`` of an npz file.

    ``offsets`` int64 ``(N + 1,)`` are where each begins, and where the last ends.
    """

    archive: Archive
    offsets: NDArray[np.int64]
    names: Sequence[str]

    @property
    def stamp(self) -> str:
        """Path, size and time of the npz file."""
        return stamp(self.archive.path.parent, self.archive.path.name)

    def content(self, index: int) -> bytes:
        """Image file ``jpeg[offsets[index]:offsets[index + 1]]``."""
        start, end = self.offsets[index : index + 2]
        return self.archive.map("jpeg")[start:end].tobytes()

    def mode(self, index: int) -> str:
        """The mode that the file's header tells."""
        return open_header(io.BytesIO(self.content(index))).mode

    def picture(self, index: int, framing: Framing | None = None) -> Picture:
        """The decoded file."""
        return open_picture(self.content(index), framing)


@dataclass(frozen=True)
class Arrays:
    """Decoded uint8 images ``(N, H, W)`` or ``(N, H, W, 1, 3 or 4)`` in arrays of an npz file.

    The arrays ``keys`` stand one behind the other, and differ in N alone.
    """

    archive: Archive
    keys: Sequence[str]
    names: Sequence[str]

    @property
    def stamp(self) -> str:
        """Path, size and time of the npz file."""
        return stamp(self.archive.path.parent, self.archive.path.name)

    def content(self, index: int) -> bytes:
        """Shape and values."""
        pixels = self._pixels(index)
        return repr(pixels.shape).encode() + pixels.tobytes()

    def mode(self, index: int) -> str:
        """The mode that follows from the number of channels."""
        return MODES[(*self.archive.headers[self.keys[0]].shape, 1)[3]]

    def picture(self, index: int, framing: Framing | None = None) -> Picture:
        """The array as an image."""
        pixels = self._pixels(index)
        image = Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
        return Picture(image, image.size)

    def _pixels(self, index: int) -> NDArray[Any]:
        for key in self.keys:
            rows = self.archive.headers[key].shape[0]
            if index < rows:
                return self.archive.map(key)[index]
            index -= rows
        raise IndexError(index)
