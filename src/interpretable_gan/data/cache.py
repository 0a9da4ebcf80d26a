"""Decode once: images as one memory-mapped uint8 array, kept by their content."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.atomic import write_text
from interpretable_gan.data.decoding import FILTER, GREY_MODES, Framing, Unusable, frame
from interpretable_gan.data.intake import PROBLEMS, Intake
from interpretable_gan.data.pictures import Pictures
from interpretable_gan.errors import DataError

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""

Found = tuple[int, str, str]
"""A picture's number, what is wrong with it, and its mode where that is what is wrong."""

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
    ``framing.channels`` becomes 1 where all images are grey, else 3. Unusable images are noted in
    ``intake`` and left out, images of another mode are noted and converted. A damaged cache is
    decoded again.

    Raises:
        DataError: the cache folder cannot be written, or no image is usable.
    """
    folder, total = cache_folder(), len(pictures.names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(_cores()) as pool, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            content, channels = _look(pictures, folder, pool)
            framing = replace(framing, channels=channels)
            key = _key(content, framing)
            images, notes = folder / f"{key}.npy", folder / f"{key}.json"
            known = _known(images, notes, framing, total)
            pixels, found = known or _decode(pictures, framing, images, notes, pool, progress)
    except OSError as error:
        raise DataError(f"decoding into {folder} (see IGAN_CACHE): {error}.") from None
    _report(found, pictures, intake)
    if not len(pixels):
        intake.settle(0, strict=False)
    return Decoded(pixels, np.flatnonzero(_usable(found, total)), key)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _look(pictures: Pictures, folder: Path, pool: ThreadPoolExecutor) -> tuple[str, int]:
    """A hash of every image's bytes, and how many channels they have together. While no file has
    changed its size or time, both are looked up."""
    known = folder / f"{pictures.stamp}.content"
    with suppress(OSError, ValueError):  # not there, damaged, or without the channels
        content, number = known.read_text().split()
        if len(content) == 64 and number in {"1", "3"}:
            return content, int(number)
    digest = hashlib.sha256()
    for block in _blocks(len(pictures.names)):
        for part in pool.map(lambda i: hashlib.sha256(pictures.content(i)).digest(), block):
            digest.update(part)
    content, channels = digest.hexdigest(), _channels(pictures)
    write_text(known, f"{content} {channels}")
    return content, channels


def _channels(pictures: Pictures) -> int:
    """1 where every usable image is grey, else 3. Headers tell, and the first colour is enough."""
    return 3 if any(_is_colour(pictures, index) for index in range(len(pictures.names))) else 1


def _is_colour(pictures: Pictures, index: int) -> bool:
    try:
        if pictures.mode(index) in GREY_MODES:
            return False
        image = pictures.image(index)
        frame(image, Framing(size=1))
    except Unusable:
        return False
    return image.mode not in GREY_MODES


def _key(content: str, framing: Framing) -> str:
    """A hash of what the images are and how they are cut."""
    how = json.dumps([FORMAT, FILTER.name, asdict(framing)], sort_keys=True)
    return hashlib.sha256(f"{content} {how}".encode()).hexdigest()[:32]


def _known(
    images: Path, notes: Path, framing: Framing, total: int
) -> tuple[NDArray[np.uint8], list[Found]] | None:
    """What ``_read`` reads, or None where it is not there or not whole."""
    try:
        return _read(images, notes, framing, total)
    except Exception:  # damage makes readers raise whatever it may
        return None


def _read(
    images: Path, notes: Path, framing: Framing, total: int
) -> tuple[NDArray[np.uint8], list[Found]]:
    """The pixels of all usable ones of ``total`` pictures, and what was found."""
    found = json.loads(notes.read_text())["found"]
    if strange := {problem for _, problem, _ in found} - PROBLEMS.keys():
        raise ValueError(f"{notes} knows of {strange}")
    pixels = np.lib.format.open_memmap(images, mode="r")
    shape = (int(_usable(found, total).sum()), framing.size, framing.size, framing.channels)
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        raise ValueError(f"{images} has {pixels.dtype} {pixels.shape}, not uint8 {shape}")
    return pixels, found


def _decode(
    pictures: Pictures,
    framing: Framing,
    images: Path,
    notes: Path,
    pool: ThreadPoolExecutor,
    progress: Progress | None,
) -> tuple[NDArray[np.uint8], list[Found]]:
    """Write the pixels of all usable pictures, then what was found; each whole or not at all.
    Returns both as they can be read from now on."""

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
    found: list[Found] = []
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
    return _read(images, notes, framing, total)


def _header(file: Any, shape: tuple[int, ...]) -> None:
    """An npy header; numpy leaves it room for any number of rows, so it can be written anew."""
    fields = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, {**fields, "shape": shape})


def _usable(found: list[Found], total: int) -> NDArray[np.bool_]:
    """Which of ``total`` pictures remain, ``(total,)``: those that at worst were converted."""
    usable = np.ones(total, bool)
    for index, _, mode in found:
        usable[index] = bool(mode)
    return usable


def _report(found: list[Found], pictures: Pictures, intake: Intake) -> None:
    for index, problem, mode in found:
        intake.note(problem, pictures.names[index] + (f" ({mode})" if mode else ""))


def _blocks(total: int) -> Iterator[range]:
    for start in range(0, total, BLOCK):
        yield range(start, min(start + BLOCK, total))


def _part(path: Path) -> Path:
    """Where to write ``path`` before it is whole; another process writes elsewhere."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
