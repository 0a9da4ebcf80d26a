"""Files of one folder, on this machine or behind an address that fsspec knows."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from interpretable_gan.atomic import write_text
from interpretable_gan.data.cache import cache_folder
from interpretable_gan.errors import DataError

CHUNK = 2**20
"""Bytes that are fetched at a time."""

Content = mmap.mmap | bytes
"""A file's bytes, mapped into memory; those of an empty file cannot be."""


class Damaged(Exception):
    """A shard that must be left out; its text says why."""


@dataclass(frozen=True)
class Store:
    """A folder: a path, or an address with ``://`` such as ``s3://bucket/faces``."""

    address: str

    @staticmethod
    def is_address(source: str | Path) -> bool:
        """Whether a source is no path."""
        return "://" in str(source)

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return not self.is_address(self.address)

    @property
    def name(self) -> str:
        """The last part of the address."""
        return Path(self.address if not self.is_local else Path(self.address).resolve()).name

    def sizes(self) -> dict[str, int]:
        """Names of the files and how many bytes they have, in order of name.

        Raises:
            DataError: no such folder, or a store that does not answer.
        """
        with self._told():
            files, folder = self._place
            found = files.ls(folder, detail=True)
        names = {each["name"].rsplit("/", 1)[-1]: each for each in found if each["type"] == "file"}
        return {name: int(names[name]["size"]) for name in sorted(names)}

    def stamp(self, name: str) -> str:
        """Changes when a file does, as far as the store tells: where it is, its size and time."""
        with self._told(name):
            files, folder = self._place
            found = files.info(f"{folder}/{name}")
        times = [found.get(key) for key in ("mtime", "ETag", "LastModified", "etag", "updated")]
        return f"{self.address}/{name} {found['size']} {times}"

    def text(self, name: str) -> str:
        """A small file as text."""
        with self._told(name), self.open(name) as file:
            return file.read().decode("utf-8")

    def write(self, name: str, text: str) -> None:
        """Replace a small file; in a folder of this machine in one go."""
        if self.is_local:
            write_text(Path(self.address) / name, text)
            return
        with self._told(name):
            files, folder = self._place
            files.pipe_file(f"{folder}/{name}", text.encode())

    def content(self, name: str) -> Content:
        """A whole file. One from elsewhere is kept in a file of the cache folder that ends with it.

        Raises:
            Damaged: there is no such file.
            DataError: the store does not answer.
        """
        if self.is_local:
            try:
                with (Path(self.address) / name).open("rb") as file:
                    return _mapped(file)
            except FileNotFoundError:
                raise Damaged("is missing") from None
            except OSError as error:
                raise DataError(f"{self.address}/{name} cannot be read: {error}.") from None
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as kept:
            with self._told(name), self.open(name) as file:
                shutil.copyfileobj(file, kept, CHUNK)
            kept.flush()
            return _mapped(kept)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file to read."""
        files, folder = self._place
        with files.open(f"{folder}/{name}", "rb") as file:
            yield file

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """fsspec's file system and the folder in it."""
        import fsspec

        if "::" in self.address:
            raise DataError(f"{self.address}: give one plain address, without '::'.")
        return fsspec.core.url_to_fs(self.address)

    @contextmanager
    def _told(self, name: str = "") -> Iterator[None]:
        """What goes wrong inside, in one sentence."""
        where = f"{self.address}/{name}" if name else self.address
        try:
            yield
        except (Damaged, DataError):
            raise
        except FileNotFoundError:
            if name:
                raise Damaged("is missing") from None
            raise DataError(f"{where} does not exist.") from None
        except Exception as error:  # each kind of store has errors of its own
            why = str(error) or type(error).__name__
            raise DataError(
                f"{where} cannot be read: {why}. When the store answers again, the same command "
                "goes on."
            ) from None


def _mapped(file: Any) -> Content:
    """An open file mapped into memory."""
    if not file.seek(0, 2):
        return b""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
