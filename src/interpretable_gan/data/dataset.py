"""Images with their attributes, in memory or memory-mapped, and batches of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from interpretable_gan.chance import rows as walk_of
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.sharded.stream import Stream
from interpretable_gan.data.splits import rows_of
from interpretable_gan.errors import DataError
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Known

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class DataSource:
    """What `open_dataset` needs, beside a size and a schema, to open a data set again.

    Args:
        source: the word ``portraits``, or an absolute path.
        seed: of splits that the source does not have, and of portraits.
    """

    source: str
    seed: int


class DrawnImages(Protocol):
    """Images that are drawn as they are read."""

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> NDArray[np.uint8]: ...

    def __iter__(self) -> Iterator[NDArray[np.uint8]]: ...


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and what is known about them, row by row.

    Args:
        name: what to call it in tables and file names.
        schema: the named attributes, whose columns ``codes`` has.
        images: uint8 ``(N, H, W, C)``, C = 3 (RGB) or 1 (grey), square; may be memory-mapped, or
            drawn as they are read.
        codes: float32 ``(N, named columns)`` in [-1, 1], 0 where not known.
        known: bool ``(N, named columns)``.
        splits: ``train``, ``validation`` and ``test`` → int64 row numbers, disjoint.
        groups: int64 ``(N,)``, equal for rows that must stay in one split, such as one person's.
        checksum: changes when images or codes do.
        report: what was wrong with the source, and what became of it.
        source: where it comes from; None where it was made from arrays.
        stream: training images beyond those at hand here, where they lie in shards; training takes
            all of its images from it.

    Raises:
        DataError: shapes that do not fit together.
    """

    name: str
    schema: Schema
    images: NDArray[np.uint8] | DrawnImages
    codes: NDArray[np.float32]
    known: NDArray[np.bool_]
    splits: Mapping[str, NDArray[np.int64]]
    groups: NDArray[np.int64] | None = None
    checksum: str = ""
    report: Intake | None = None
    source: DataSource | None = None
    stream: Stream | None = None

    def __post_init__(self) -> None:
        shape = self.images.shape
        square = len(shape) == 4 and shape[1] == shape[2] and shape[3] in (1, 3)
        if self.images.dtype != np.uint8 or not square:
            raise DataError(
                f"data set {self.name!r}: images must be square uint8 (N, H, W, 1 or 3), "
                f"but got {self.images.dtype} {shape}."
            )
        expected = (shape[0], self.schema.named_columns)
        if self.codes.shape != expected or self.known.shape != expected:
            raise DataError(
                f"data set {self.name!r}: codes and known must be {expected}, "
                f"but got {self.codes.shape} and {self.known.shape}."
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Height of the images in pixels."""
        return int(self.images.shape[1])

    @property
    def channels(self) -> int:
        """3 for RGB, 1 for grey."""
        return int(self.images.shape[3])

    def rows(self, split: str) -> NDArray[np.int64]:
        """Row numbers of ``train``, ``validation`` or ``test``."""
        return rows_of(self.splits, split, self.name)

    def half(self, purpose: Literal["steering", "judging"]) -> NDArray[np.int64]:
        """Row numbers of one half of the training split: who steers a model and who judges it learn
        from disjoint groups (rows, where there are no groups), told apart by a hash of the group.
        """
        rows = self.rows("train")
        groups = rows if self.groups is None else self.groups[rows]
        names, which = np.unique(groups, return_inverse=True)
        odd = [hashlib.sha256(str(name).encode()).digest()[0] % 2 for name in names.tolist()]
        return rows[np.array(odd, bool)[which] == (purpose == "judging")]

    def batch(self, rows: Sequence[int] | NDArray[Any]) -> tuple[Images, Code, Known]:
        """Images in [-1, 1] (channels last in memory), codes and known of the given rows.

        Safe to call from several threads at once.
        """
        index = np.asarray(rows, np.intp)
        return _as_batch(np.asarray(self.images[index]), self.codes[index], self.known[index])

    @property
    def training_count(self) -> int:
        """How many different images training sees."""
        return len(self.rows("train")) if self.stream is None else self.stream.count

    def walk(self, seed: int, first: int, count: int) -> tuple[Images, Code, Known]:
        """Training images number ``first`` to ``first + count`` of an endless walk through all of
        them, as `batch` gives them; every epoch has its own order, which follows from ``seed``."""
        if self.stream is not None:
            return _as_batch(*self.stream.rows(seed, first, count))
        train = self.rows("train")
        return self.batch(train[walk_of(seed, len(train), first, count)])

    def __getstate__(self) -> dict[str, Any]:
        """For pickling to a worker: a memory map travels as the place of its file, not as data."""
        state = dict(self.__dict__)
        if isinstance(self.images, np.memmap) and self.images.filename is not None:
            images = self.images
            state["images"] = (str(images.filename), images.offset, images.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["images"], tuple):
            path, offset, shape = state["images"]
            state["images"] = np.memmap(path, np.uint8, "r", offset, shape)
        self.__dict__.update(state)


def _as_batch(
    pixels: NDArray[np.uint8], codes: NDArray[np.float32], known: NDArray[np.bool_]
) -> tuple[Images, Code, Known]:
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)
    return images, torch.from_numpy(codes), torch.from_numpy(known)


def checksum(*parts: NDArray[Any] | str) -> str:
    """SHA-256 over arrays (values, shape, type) and texts, in hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode() + b"\0")
        else:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
