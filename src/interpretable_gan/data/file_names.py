"""Which file of a folder a table means, however it spells the name."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from interpretable_gan.data.pictures import is_called_picture, is_hidden

Lookup = dict[str, str]
"""A spelling of a name → the file's path below the folder."""


class Found(NamedTuple):
    """The file that each name means, or None, and sentences on how that was found out."""

    files: list[str | None]
    remarks: list[str]


class Folder:
    """The files below a folder, linked folders included; ``hidden`` pictures are kept apart."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = cache(os.path.realpath)
        found = sorted(_below(root))
        self.files = [file for file in found if not is_hidden(file)]
        self.hidden = [file for file in found if is_hidden(file) and is_called_picture(file)]

    @cached_property
    def images(self) -> list[str]:
        """Those that are called as images are."""
        return [file for file in self.files if is_called_picture(file)]

    def find(self, names: Sequence[str]) -> Found:
        """Files by names as they stand: relative to the folder, absolute, or a bare name that only
        one file has; upper or lower case and a missing suffix do not matter where it is clear.
        """
        plain = list(map(self._plain, names))
        files = list(map(self._spelt.get, plain))
        remarks = []
        for what in ("whatever their case", "without suffix"):
            lost = [row for row, file in enumerate(files) if file is None]
            lookup = self._caseless if lost and "case" in what else self._stems if lost else {}
            hits = [row for row in lost if plain[row].casefold() in lookup]
            for row in hits:
                files[row] = lookup[plain[row].casefold()]
            if hits:
                first = f"{names[hits[0]]!r} as {files[hits[0]]}"
                remarks.append(f"file names: {len(hits):,} are found {what}, such as {first}")
        return Found(files, remarks)

    def find_moved(self, names: Sequence[str]) -> Found:
        """Files by names that were true elsewhere: with folders before or behind this one, alike in
        all rows, or with other folders where bare names tell all of them apart.
        """
        plain = list(map(self._plain, names))
        if not any("/" in name or is_called_picture(name) for name in plain):
            return Found([None] * len(names), [])
        for how, moved in self._moves(plain):
            found = self.find(moved)
            if any(found.files):
                return Found(found.files, [f"file names: {how}", *found.remarks])
        return Found([None] * len(names), [])

    def _moves(self, plain: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        paths = [PurePosixPath(name) for name in plain]
        below = Counter(
            file.removesuffix(f"/{name}")
            for name, path in zip(plain, paths, strict=True)
            for file in self._called.get(path.name.casefold(), ())
            if file.endswith(f"/{name}")
        )
        for folder, _ in below.most_common(1):
            yield f"read below {folder}/", [f"{folder}/{name}" for name in plain]
        levels = zip(*(path.parent.parts for path in paths if path.name), strict=False)
        shared = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]
        for depth in range(1, len(shared) + 1):
            before = str(PurePosixPath(*shared[:depth])).rstrip("/")
            yield f"read without {before}/", ["/".join(p.parts[depth:]) for p in paths]
        last = [path.name for path in paths]
        if len(set(last)) == len(set(plain)):
            yield "read without their folders", last

    def _plain(self, name: str) -> str:
        """A name as this folder would write it."""
        name = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
        if "://" in name:
            name = unquote(urlsplit(name).path)
        if name.startswith("/"):
            place, _, last = name.rpartition("/")
            inside = self._places.get(self._real(place))
            name = name if inside is None else f"{inside}/{last}"
        return normpath(name) if name else ""

    @cached_property
    def _places(self) -> Lookup:
        """Where folders really are → their paths below this one."""
        inside = {os.path.dirname(file) for file in self.files}
        return {self._real(os.path.join(self.root, folder)): folder or "." for folder in inside}

    @cached_property
    def _called(self) -> dict[str, list[str]]:
        called: dict[str, list[str]] = {}
        for file in self.files:
            called.setdefault(os.path.basename(file).casefold(), []).append(file)
        return called

    @cached_property
    def _spelt(self) -> Lookup:
        return _lookup(self.files, lambda name: name)

    @cached_property
    def _caseless(self) -> Lookup:
        return _lookup(self.files, str.casefold)

    @cached_property
    def _stems(self) -> Lookup:
        return _lookup(self.images, lambda name: os.path.splitext(name)[0].casefold())


def _lookup(files: Iterable[str], spell: Callable[[str], str]) -> Lookup:
    """Spellings of paths and, where a path is not spelt so, of bare names; those of one file."""
    whole: dict[str, set[str]] = {}
    bare: dict[str, set[str]] = {}
    for file in files:
        path = spell(unicodedata.normalize("NFC", file))
        whole.setdefault(path, set()).add(file)
        bare.setdefault(path.rpartition("/")[2], set()).add(file)
    return {name: found.pop() for name, found in (bare | whole).items() if len(found) == 1}


def _below(root: Path) -> Iterator[str]:
    """Paths of files relative to ``root``."""
    for place, folders, files in os.walk(root, followlinks=True):
        here = f"{os.path.realpath(place)}/"
        for name in list(folders):
            circle = here.startswith(f"{os.path.realpath(os.path.join(place, name))}/")
            if circle:
                folders.remove(name)
        inside = Path(place).relative_to(root)
        yield from ((inside / name).as_posix() for name in files)
