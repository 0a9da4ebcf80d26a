"""Decode once: images as one memory-mapped uint8 array, kept by their content."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interpretable_gan.arithmetic import available_cores
from interpretable_gan.atomic import read_json, remove_abandoned, write_json
from interpretable_gan.data.decoding import (
    FILTER,
    GREY_MODES,
    Framing,
    Unusable,
    Values,
    black_and_white,
    frame,
    pillow_warnings,
)
from interpretable_gan.data.intake import PROBLEMS, Intake
from interpretable_gan.data.pictures import Pictures, deep_ends, depth_remark, union
from interpretable_gan.errors import DataError
from interpretable_gan.progress import Progress, Status, silent

Found = tuple[int, str, str]
"""A picture's number, what is wrong with it, and its mode where that is what is wrong."""

FORMAT = 1
NOTES = 3
"""Version of what is noted beside the pixels, and of how they come about."""
TINT = 1
"""Levels by which red, green and blue of a grey pixel may differ: lossy WebP rounds so."""
BLOCK = 1024
"""Images decoded before they are written, which bounds the memory needed."""


class Stored(NamedTuple):
    """Pixels in the cache under ``key``, and what was noted when they were decoded."""

    key: str
    images: NDArray[np.uint8]
    found: list[Found]
    remarks: list[str]


class Seen(NamedTuple):
    """What one picture turned out to be: RGB pixels, or the ``problem`` why there are none."""

    pixels: NDArray[np.uint8] | None
    problem: str = ""
    mode: str = ""
    grey: bool = False
    notes: tuple[str, ...] = ()


class Decoded(NamedTuple):
    """``images`` uint8 ``(kept, size, size, channels)``, memory-mapped and read-only; ``kept``:
    which of the pictures they are; ``key``: a hash of their content and framing; ``framing``: with
    their channels, and what black and white are."""

    images: NDArray[np.uint8]
    kept: NDArray[np.int64]
    key: str
    framing: Framing


def cache_folder() -> Path:
    """``$IGAN_CACHE``, or ``igan`` in the user's cache folder."""
    if own := os.environ.get("IGAN_CACHE"):
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "igan"


def decode_once(
    pictures: Pictures, framing: Framing, intake: Intake, progress: Progress = silent
) -> Decoded:
    """The pictures as pixels, from the cache where they were decoded before.

    Decoding uses as many threads as the process may use cores, and memory for 1,024 images. They
    have 1 channel where more than half of them hold no colour, else 3. Unusable images are noted in
    ``intake`` and left out; images of another mode than most are noted and converted. Values of
    more than eight bits are scaled for all of them alike. A damaged cache is decoded again.

    Raises:
        DataError: the cache folder cannot be written, or no image is usable.
    """
    folder, total = cache_folder(), len(pictures.names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with pillow_warnings(), ThreadPoolExecutor(available_cores()) as pool:
            content, seen = _look(pictures, folder, pool, progress)
            framing = replace(framing, values=black_and_white(*seen) if seen else None)
            stored = _known(folder, content, framing, total) or _decode(
                pictures, folder, content, framing, pool, progress
            )
    except OSError as error:
        raise DataError(f"decoding into {folder} (see IGAN_CACHE): {error}.") from None
    for index, problem, mode in stored.found:
        intake.note(problem, pictures.names[index] + (f" ({mode})" if mode else ""))
    intake.remarks += stored.remarks
    if seen and framing.values:
        intake.remarks.append(depth_remark(seen, framing.values))
    if not len(stored.images):
        intake.settle(0, strict=False)
    framing = replace(framing, channels=stored.images.shape[3])
    return Decoded(stored.images, np.flatnonzero(_usable(stored.found, total)), stored.key, framing)


def _look(
    pictures: Pictures, folder: Path, pool: ThreadPoolExecutor, progress: Progress
) -> tuple[str, Values | None]:
    """A hash of every image's bytes, and the extremes of those with more than eight bits. While no
    file has changed its size or time, both are looked up."""
    known = folder / f"{pictures.stamp}.content"
    with suppress(OSError, ValueError, TypeError, KeyError):  # not there, damaged, or older
        told = read_json(known)
        if len(told["content"]) == 64:
            return told["content"], union([(float(low), float(high)) for low, high in told["seen"]])
    digest = hashlib.sha256()
    seen: list[Values] = []
    total = len(pictures.names)
    progress(Status(0, total, "looking up images"))
    for block in _blocks(total):
        for part, ends in pool.map(partial(_hash_and_ends, pictures), block):
            digest.update(part)
            seen += [ends] if ends else []
        progress(Status(block.stop, total, "looking up images"))
    content, together = digest.hexdigest(), union(seen)
    seen = [together] if together else []
    write_json(known, {"content": content, "seen": seen})
    return content, together


def _hash_and_ends(pictures: Pictures, index: int) -> tuple[bytes, Values | None]:
    try:
        content = pictures.content(index)
    except Unusable:
        content = b""
    return hashlib.sha256(content).digest(), deep_ends(pictures, index)


def _key(content: str, framing: Framing) -> str:
    """A hash of what the images are and how they are cut. Black and white follow from content."""
    fields = {name: value for name, value in asdict(framing).items() if name != "values"}
    how = json.dumps([FORMAT, FILTER.name, fields], sort_keys=True)
    return hashlib.sha256(f"{content} {how}".encode()).hexdigest()[:32]


def _known(folder: Path, content: str, framing: Framing, total: int) -> Stored | None:
    """What ``_read`` reads, or None where it is not there or not whole."""
    for channels in (3, 1):
        with suppress(Exception):  # damage makes readers raise whatever it may
            return _read(folder, content, replace(framing, channels=channels), total)
    return None


def _read(folder: Path, content: str, framing: Framing, total: int) -> Stored:
    """The pixels of all usable ones of ``total`` pictures, and what was noted."""
    key = _key(content, framing)
    notes = read_json(folder / f"{key}.json")
    if notes.get("version") != NOTES:
        raise ValueError(f"{key} was decoded by another version")
    found, remarks = notes["found"], notes["remarks"]
    if strange := {problem for _, problem, _ in found} - PROBLEMS.keys():
        raise ValueError(f"{key} knows of {strange}")
    pixels = np.lib.format.open_memmap(folder / f"{key}.npy", mode="r")
    shape = (int(_usable(found, total).sum()), framing.size, framing.size, framing.channels)
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        raise ValueError(f"{key} has {pixels.dtype} {pixels.shape}, not uint8 {shape}")
    if notes["pixels"] != _crc(pixels):
        raise ValueError(f"{key} has other pixels than were written")
    return Stored(key, pixels, found, remarks)


def _decode(
    pictures: Pictures,
    folder: Path,
    content: str,
    framing: Framing,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> Stored:
    """Write the pixels of all usable pictures, then what was found; each whole or not at all.
    Returns both as they can be read from now on."""
    remove_abandoned(folder, "*.part")
    part, grey = _part(folder / content[:32]), _part(folder / content[:32])
    total = len(pictures.names)
    try:
        seen = _write_colours(part, pictures, framing, pool, progress)
        channels, found, remarks = _judged(seen)
        framing = replace(framing, channels=channels)
        key = _key(content, framing)
        if channels == 1:
            _write_greys(part, grey)
        written = grey if channels == 1 else part
        record = {
            "version": NOTES,
            "framing": asdict(framing),
            "filter": FILTER.name,
            "found": found,
            "remarks": remarks,
            "pixels": _crc(np.lib.format.open_memmap(written, mode="r")),
        }
        write_json(folder / f"{key}.json", record)
        os.replace(written, folder / f"{key}.npy")
    finally:
        part.unlink(missing_ok=True)
        grey.unlink(missing_ok=True)
    return _read(folder, content, framing, total)


def _write_colours(
    part: Path,
    pictures: Pictures,
    framing: Framing,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> list[Seen]:
    """Write the RGB pixels of all usable pictures; returns what each was, without the pixels."""
    total, count = len(pictures.names), 0
    shape = (framing.size, framing.size, 3)
    seen: list[Seen] = []
    progress(Status(0, total, "decoding images"))
    with part.open("wb") as file:
        _header(file, (total, *shape))
        for block in _blocks(total):
            for one in pool.map(partial(_see, pictures, replace(framing, channels=3)), block):
                if one.pixels is not None:
                    file.write(one.pixels.tobytes())
                    count += 1
                seen.append(one._replace(pixels=None))
            progress(Status(block.stop, total, "decoding images"))
        file.seek(0)
        _header(file, (count, *shape))
    return seen


def _see(pictures: Pictures, framing: Framing, index: int) -> Seen:
    """Decode one picture. It is grey where its mode is, or all its pixels are."""
    try:
        picture = pictures.picture(index, framing)
        pixels = frame(picture.image, framing)
    except Unusable as error:
        return Seen(None, str(error))
    mode = picture.image.mode
    grey = mode in GREY_MODES or int(np.ptp(pixels, axis=2).max()) <= TINT
    return Seen(pixels, "", mode, grey, picture.notes)


def _judged(seen: Sequence[Seen]) -> tuple[int, list[Found], list[str]]:
    """Channels of all pictures together, problems of single ones, and remarks on all.

    Most pictures decide: on colour, and on the mode that is not worth a note.
    """
    kept = [one for one in seen if not one.problem]
    channels = 1 if 2 * sum(one.grey for one in kept) > len(kept) else 3
    plain = "L" if channels == 1 else "RGB"
    modes = Counter(one.mode for one in kept)
    usual = max(modes, key=lambda mode: (modes[mode], mode == plain), default=plain)
    found: list[Found] = []
    for index, one in enumerate(seen):
        found += [(index, problem, "") for problem in (one.problem, *one.notes) if problem]
        if one.problem:
            continue
        if channels == 1 and not one.grey:
            found.append((index, "colour among grey images", ""))
        elif one.mode != usual:
            found.append((index, "other mode", one.mode))
    remarks = []
    if usual != plain:
        how = "hold no colour and are read as grey" if channels == 1 else "are read as RGB"
        remarks = [f"{modes[usual]:,} of {len(kept):,} images are stored as {usual}; they {how}"]
    return channels, found, remarks


def _write_greys(colours: Path, greys: Path) -> None:
    """Write RGB pixels anew as grey ones."""
    pixels = np.lib.format.open_memmap(colours, mode="r")
    with greys.open("wb") as file:
        _header(file, (*pixels.shape[:3], 1))
        for image in pixels:
            file.write(Image.fromarray(image).convert("L").tobytes())


def _crc(pixels: NDArray[np.uint8]) -> int:
    """A CRC-32, by which damage to a file of pixels shows: 2 GB/s."""
    crc = 0
    for start in range(0, len(pixels), BLOCK):
        crc = zlib.crc32(np.ascontiguousarray(pixels[start : start + BLOCK]).data, crc)
    return crc


def _header(file: Any, shape: tuple[int, ...]) -> None:
    """An npy header; numpy leaves it room for any number of rows, so it can be written anew."""
    fields = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, {**fields, "shape": shape})


def _usable(found: list[Found], total: int) -> NDArray[np.bool_]:
    """Which of ``total`` pictures remain, ``(total,)``: those that at worst were converted."""
    usable = np.ones(total, bool)
    for index, problem, _ in found:
        usable[index] &= PROBLEMS[problem] != "left out"
    return usable


def _blocks(total: int) -> Iterator[range]:
    for start in range(0, total, BLOCK):
        yield range(start, min(start + BLOCK, total))


def _part(path: Path) -> Path:
    """Where to write ``path`` before it is whole; another process writes elsewhere."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
