"""The arrays of an npz file: their shapes at once, their values when asked for."""

from __future__ import annotations

import math
import struct
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from interpretable_gan.data.cache import cache_folder
from interpretable_gan.errors import DataError
from interpretable_gan.schema.table import BOMB, SPARE

CHUNK = 2**20
"""Bytes unpacked at a time."""


class Header(NamedTuple):
    """What an array is. Its values begin ``start`` bytes behind the beginning of its file."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int


class Archive:
    """One npz file, compressed or not; ``headers`` are its arrays' shapes and types by key.

    ``archive[key]`` reads an array into memory, ``archive.map(key)`` leaves it on the disk.

    Raises:
        DataError: no npz file, a damaged one, or an array of objects; says which.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._maps: dict[str, NDArray[Any]] = {}
        with _told(f"{path} cannot be read as npz"), zipfile.ZipFile(path) as file:
            self._members = {
                info.filename.removesuffix(".npy"): info
                for info in file.infolist()
                if info.filename.endswith(".npy")
            }
        self.headers = {key: self._header(key) for key in self._members}

    def __getitem__(self, key: str) -> NDArray[Any]:
        """The values of an array."""
        with self._open(key) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)

    def map(self, key: str) -> NDArray[Any]:
        """An array mapped into memory, read-only: values come from the disk when they are used.

        A compressed one is unpacked once, to a file in the cache folder that ends with the mapping.
        Safe to call from several threads at once.
        """
        with self._lock:
            if key not in self._maps:
                self._maps[key] = self._map(key)
            return self._maps[key]

    def _map(self, key: str) -> NDArray[Any]:
        if self._members[key].compress_type == zipfile.ZIP_STORED:
            for _ in self._chunks(key):  # at the end the checksum is compared
                pass
            with self.path.open("rb") as file:
                return _mapped(file, _place(file, self._members[key]), self.headers[key])
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.writelines(self._chunks(key))
            return _mapped(file, 0, self.headers[key])

    def _header(self, key: str) -> Header:
        """Read a header, and compare with it how many bytes there are."""
        size, packed = self._members[key].file_size, self._members[key].compress_size
        if size > BOMB * packed + SPARE:
            raise DataError(
                f"{self.path}: array {key!r} unfolds to more than {BOMB} times its size: refused."
            )
        with self._open(key) as stream:
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_2_0
            if version == (1, 0):
                read = np.lib.format.read_array_header_1_0
            header = Header(*read(stream), stream.tell())
            expected = header.start + math.prod(header.shape) * header.dtype.itemsize
            if size != expected and not header.dtype.hasobject:
                raise ValueError(f"it has {size:,} bytes instead of {expected:,}")
        if header.dtype.hasobject:
            raise DataError(f"{self.path}: {key} holds objects. Save plain arrays, not objects.")
        return header

    def _chunks(self, key: str) -> Iterator[bytes]:
        with self._open(key) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    @contextmanager
    def _open(self, key: str) -> Iterator[IO[bytes]]:
        """The bytes of one array's file."""
        with (
            _told(f"{self.path}: array {key!r} cannot be read"),
            zipfile.ZipFile(self.path) as file,
            file.open(self._members[key]) as stream,
        ):
            yield stream


def _mapped(file: Any, start: int, header: Header) -> NDArray[Any]:
    """The values of an array whose own file begins at ``start`` of an open one."""
    order: Literal["F", "C"] = "F" if header.fortran else "C"
    return np.memmap(file, header.dtype, "r", start + header.start, header.shape, order)


def _place(file: IO[bytes], member: zipfile.ZipInfo) -> int:
    """Where in an open zip file a stored member begins: behind a header with its name."""
    file.seek(member.header_offset)
    name, extra = struct.unpack("<26xHH", file.read(30))
    return member.header_offset + 30 + name + extra


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What goes wrong inside, in one sentence."""
    try:
        yield
    except Exception as error:  # damage makes zip and its codecs raise whatever it may
        why = str(error) or "it ends too early"
        raise DataError(f"{what}: {why}. Is the file damaged or cut short?") from None
