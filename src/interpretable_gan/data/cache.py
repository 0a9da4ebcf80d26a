"""Decode once: images as one memory-mapped uint8 array, kept by their content."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.atomic import write_text
from interpretable_gan.data.decoding import FILTER, GREY_MODES, Framing, Unusable, frame
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.pictures import Pictures
from interpretable_gan.errors import DataError

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""

FORMAT = 1
BLOCK = 1024
"""Images decoded before they are written, which bounds the memory needed."""


class Decoded(NamedTuple):
    """``images`` uint8 ``(kept, size, size, channels)``, memory-mapped and read-only; ``kept``:
    which of the pictures they are; ``key``: a hash of their content and framing."""

    images: NDArray[np.uint8]
    kept: NDArray[np.int64]
    key: str


def cache_folder() -> Path:
    """``$IGAN_CACHE``, or ``igan`` in the user's cache folder."""
    if own := os.environ.get("IGAN_CACHE"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "igan"


def decode_once(
    pictures: Pictures, framing: Framing, intake: Intake, progress: Progress | None = None
) -> Decoded:
    """The pictures as pixels, from the cache where they were decoded before.

    Decoding uses as many threads as the process may use cores, and memory for 1,024 images.
    ``framing.channels`` becomes 1 where the first images are all grey. Unusable images are noted in
    ``intake`` and left out, images of another mode are noted and converted.

    Raises:
        DataError: the cache folder cannot be written, or no image is usable.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(_cores()) as pool, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            framing = replace(framing, channels=_channels(pictures))
            key = _key(pictures, framing, folder, pool)
            images, notes = folder / f"{key}.npy", folder / f"{key}.json"
            if not (images.exists() and notes.exists()):
                _decode(pictures, framing, images, notes, pool, progress)
    except OSError as error:
        raise DataError(f"decoding into {folder} (see IGAN_CACHE): {error}.") from None
    found = json.loads(notes.read_text())["found"]
    kept = _report(found, pictures, intake)
    if not len(kept):
        intake.settle(0, strict=False)
    return Decoded(np.load(images, mmap_mode="r"), kept, key)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _channels(pictures: Pictures) -> int:
    """1 where the first readable images are all grey, else 3."""
    modes = set()
    for index in range(min(len(pictures.names), 16)):
        try:
            modes.add(pictures.image(index).mode)
        except Unusable:
            continue
    return 1 if modes and modes <= GREY_MODES else 3


def _key(pictures: Pictures, framing: Framing, folder: Path, pool: ThreadPoolExecutor) -> str:
    """A hash of every image's bytes and of the framing. While no file has changed its size or
    time, the hash of the bytes is looked up instead of computed."""
    known = folder / f"{pictures.stamp}.content"
    if known.exists():
        content = known.read_text()
    else:
        digest = hashlib.sha256()
        for block in _blocks(len(pictures.names)):
            for part in pool.map(lambda i: hashlib.sha256(pictures.content(i)).digest(), block):
                digest.update(part)
        content = digest.hexdigest()
        write_text(known, content)
    how = json.dumps([FORMAT, FILTER.name, asdict(framing)], sort_keys=True)
    return hashlib.sha256(f"{content} {how}".encode()).hexdigest()[:32]


def _decode(
    pictures: Pictures,
    framing: Framing,
    images: Path,
    notes: Path,
    pool: ThreadPoolExecutor,
    progress: Progress | None,
) -> None:
    """Write the pixels of all usable pictures, then what was found; each whole or not at all."""

    expected = "L" if framing.channels == 1 else "RGB"

    def work(index: int) -> tuple[NDArray[np.uint8] | None, str, str]:
        """Pixels, if usable; a problem, if any; a mode, if it is not the expected one."""
        try:
            image = pictures.image(index)
            pixels = frame(image, framing)
        except Unusable as error:
            return None, str(error), ""
        return (pixels, "", "") if image.mode == expected else (pixels, "other mode", image.mode)

    total, count = len(pictures.names), 0
    shape = (framing.size, framing.size, framing.channels)
    found: list[tuple[int, str, str]] = []
    part = _part(images)
    try:
        with part.open("wb") as file:
            _header(file, (total, *shape))
            for block in _blocks(total):
                results = pool.map(work, block)
                for index, (pixels, problem, mode) in zip(block, results, strict=True):
                    if problem:
                        found.append((index, problem, mode))
                    if pixels is not None:
                        file.write(pixels.tobytes())
                        count += 1
                if progress:
                    progress(block.stop, total)
            file.seek(0)
            _header(file, (count, *shape))
        record = {"framing": asdict(framing), "filter": FILTER.name, "found": found}
        write_text(notes, json.dumps(record))
        os.replace(part, images)
    finally:
        part.unlink(missing_ok=True)


def _header(file: Any, shape: tuple[int, ...]) -> None:
    """An npy header; numpy leaves it room for any number of rows, so it can be written anew."""
    fields = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, {**fields, "shape": shape})


def _report(found: list[list[Any]], pictures: Pictures, intake: Intake) -> NDArray[np.int64]:
    """Note what was found; return the numbers of the pictures that remain."""
    usable = np.ones(len(pictures.names), bool)
    for index, problem, mode in found:
        usable[index] = bool(mode)
        intake.note(problem, pictures.names[index] + (f" ({mode})" if mode else ""))
    return np.flatnonzero(usable)


def _blocks(total: int) -> Iterator[range]:
    for start in range(0, total, BLOCK):
        yield range(start, min(start + BLOCK, total))


def _part(path: Path) -> Path:
    """Where to write ``path`` before it is whole; another process writes elsewhere."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
