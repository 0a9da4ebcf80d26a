"""Networks that turn images into features, by name, with all that changes a distance stated.

A Fréchet distance moves more with the network, its weights, the resize filter and the value range
than most models differ (Parmar et al. 2022), so an extractor carries all four into every result.
Resizing always uses an antialiasing filter.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from interpretable_gan.errors import (
    DataError,
    InterpretableGANWarning,
    MetricError,
    MissingExtraError,
    did_you_mean,
)

RESIZE_FILTERS = ("bicubic", "bilinear")
"""The filters that torch can antialias."""

INCEPTION_SHA256_START = "6726825d"
"""First digits of the checksum of the 2015 weights that every published FID uses."""


@dataclass(frozen=True)
class FeatureExtractor:
    """A frozen network with the name, checksum and preprocessing that belong to its features.

    Args:
        name: what results call it.
        checksum: SHA-256 of the weights.
        network: images ``(batch, 3, height, width)`` in ``value_range`` to features.
        size: images are resized to ``size × size``; ``None`` leaves them as they are.
        filter: ``"bicubic"`` or ``"bilinear"``, always antialiased.
        value_range: lowest and highest pixel value the network was trained on.
        device: where the network lives.
        published: the distance these features define in the literature, such as ``"FID"``.
        pixels: range of float images, such as ``(0, 1)``. Where it is not given they are read as
            [−1, 1], with a warning if all of them lie in [0, 1].
    """

    name: str
    checksum: str
    network: Callable[[Tensor], Tensor]
    size: int | None = 96
    filter: str = "bicubic"
    value_range: tuple[float, float] = (-1.0, 1.0)
    device: str = "cpu"
    published: str | None = None
    pixels: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.filter not in RESIZE_FILTERS:
            raise MetricError(
                f"resize filter {self.filter!r} is not one of {', '.join(RESIZE_FILTERS)}."
            )

    @property
    def resize(self) -> str:
        """The resize rule in words, as results state it."""
        if self.size is None:
            return "none"
        return f"{self.filter}, antialias, {self.size}x{self.size}"

    def describe(self) -> dict[str, Any]:
        """What a result must say about its features."""
        return {
            "name": self.name,
            "checksum": self.checksum,
            "resize": self.resize,
            "value_range": list(self.value_range),
        }

    @torch.no_grad()
    def __call__(
        self, images: Tensor | NDArray[Any], *, batch_size: int = 32
    ) -> NDArray[np.float32]:
        """Features ``(n, d)`` of images of any size.

        Args:
            images: uint8 ``(n, height, width, channels)`` or ``(n, channels, height, width)``, or
                float ``(n, channels, height, width)`` in the range ``pixels``; one channel is
                taken as grey.
            batch_size: images that pass through the network at once.
        """
        pictures = _channels_first(images)
        ends = _range_of(pictures, self.pixels)
        low, high = self.value_range
        features = []
        for batch in torch.split(pictures, batch_size):
            unit = (batch.to(self.device).float() - ends[0]) / (ends[1] - ends[0])
            if self.size is not None and unit.shape[-2:] != (self.size, self.size):
                unit = F.interpolate(
                    unit, (self.size, self.size), mode=self.filter, antialias=True
                ).clamp(0, 1)
            features.append(self.network(low + (high - low) * unit).flatten(1).float().cpu())
        return torch.cat(features).numpy()


def _channels_first(images: Tensor | NDArray[Any]) -> Tensor:
    """Images as ``(n, 3, height, width)``, values untouched."""
    pictures = images if isinstance(images, Tensor) else torch.from_numpy(np.array(images))
    if pictures.ndim != 4 or len(pictures) == 0:
        raise DataError(
            f"images have shape {tuple(pictures.shape)}; expected a non-empty batch of four "
            "dimensions: (n, height, width, channels) or (n, channels, height, width)."
        )
    if pictures.shape[1] not in (1, 3) and pictures.shape[3] in (1, 3):
        pictures = pictures.permute(0, 3, 1, 2)
    if pictures.shape[1] not in (1, 3):
        raise DataError(
            f"images have shape {tuple(pictures.shape)}; expected 1 or 3 channels, second or last."
        )
    return pictures.expand(-1, 3, -1, -1)


def _range_of(pictures: Tensor, stated: tuple[float, float] | None) -> tuple[float, float]:
    """The values of black and white: 0 and 255 of uint8, else as stated, else −1 and 1."""
    if pictures.dtype == torch.uint8:
        return 0.0, 255.0
    if not pictures.is_floating_point():
        raise DataError(f"images are {pictures.dtype}; expected uint8, or float in [-1, 1].")
    lowest, highest = float(pictures.min()), float(pictures.max())
    if not (math.isfinite(lowest) and math.isfinite(highest)):
        raise DataError("images hold NaN or infinite pixels.")
    low, high = stated or (-1.0, 1.0)
    slack = 0.001 * (high - low)
    if lowest < low - slack or highest > high + slack:
        raise DataError(
            f"float images reach from {lowest:g} to {highest:g}; expected values in "
            f"[{low:g}, {high:g}]. Pass uint8, or state their range with pixels=(low, high)."
        )
    if stated is None and lowest >= 0 < highest:
        warnings.warn(
            "float images all lie in [0, 1] and are read as [-1, 1], where 0 is mid-grey; if 0 is "
            "black in them, give the extractor pixels=(0, 1).",
            InterpretableGANWarning,
            stacklevel=3,
        )
    return low, high


def mobilenet_v2(
    path: str | Path,
    *,
    size: int = 96,
    filter: str = "bicubic",
    device: str = "cpu",
    pixels: tuple[float, float] | None = None,
) -> FeatureExtractor:
    """The small MobileNetV2 from a file of int8 weights: 1,280 features an image.

    For distances that are compared only with each other, never with a published FID.

    Args:
        path: an ``.npz`` with ``layers`` and, for each, ``.weight_int8``, ``.scale``, ``.bias``.
        size: side of the images the network sees, a multiple of 32. 224 is what it was trained
            on; 96 is five times as fast.
        filter: resize filter, always antialiased.
        device: where to run it.
        pixels: range of float images; see ``FeatureExtractor``.
    """
    from interpretable_gan.metrics.mobilenet import MobileNetV2

    if size % 32 or size < 32:
        raise MetricError(f"MobileNetV2 halves its input five times: size {size} is not 32·n.")
    with np.load(_existing(path)) as arrays:
        network = MobileNetV2(dict(arrays)).eval().to(device)
    return FeatureExtractor(
        "mobilenet-v2-int8", sha256(path), network, size, filter, device=device, pixels=pixels
    )


def torch_module(
    module: nn.Module,
    *,
    name: str,
    size: int | None = None,
    filter: str = "bicubic",
    value_range: tuple[float, float] = (-1.0, 1.0),
    device: str = "cpu",
    pixels: tuple[float, float] | None = None,
) -> FeatureExtractor:
    """Any torch module from images to features; its checksum is that of its weights."""
    digest = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        digest.update(key.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return FeatureExtractor(
        name,
        digest.hexdigest(),
        module.eval().to(device),
        size,
        filter,
        value_range,
        device,
        pixels=pixels,
    )


def onnx_file(
    path: str | Path,
    *,
    size: int | None = None,
    filter: str = "bicubic",
    value_range: tuple[float, float] = (-1.0, 1.0),
) -> FeatureExtractor:
    """Any ONNX file whose first input takes ``(batch, 3, height, width)`` images.

    Raises:
        MissingExtraError: onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as missing:
        raise MissingExtraError("reading features with an ONNX file", "onnx") from missing
    try:
        session = onnxruntime.InferenceSession(str(_existing(path)))
    except Exception as broken:  # onnxruntime has a dozen exception classes without a base
        raise MetricError(f"{path} is not an ONNX file that runs: {broken}") from broken
    entry = session.get_inputs()[0].name

    def network(images: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {entry: images.numpy()})[0])

    return FeatureExtractor(Path(path).stem, sha256(path), network, size, filter, value_range)


def inception_v3(weights: str | Path | None = None, *, device: str = "cpu") -> FeatureExtractor:
    """The Inception network of FID, through the package torch-fidelity and its weights.

    Images are resized to 299×299 by an antialiased bicubic filter (Parmar et al. 2022), so the
    distance is "clean" FID and differs from figures made with the original, aliased resizing.

    Args:
        weights: the weights' file; without it torch-fidelity fetches it.
        device: where to run it.

    Raises:
        MetricError: the package or its weights cannot be had, or the weights are others.
    """
    instead = "Name another extractor, such as mobilenet_v2, or pass weights= and install it."
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except (ImportError, RuntimeError) as missing:
        raise MetricError(
            f"Inception features need the package torch-fidelity. {instead}"
        ) from missing
    try:
        inception = FeatureExtractorInceptionV3(
            "inception-v3-compat",
            ["2048"],
            feature_extractor_weights_path=None if weights is None else str(_existing(weights)),
        )
    except (OSError, RuntimeError) as unreachable:
        raise MetricError(f"Inception's weights cannot be read or fetched. {instead}") from (
            unreachable
        )

    def network(images: Tensor) -> Tensor:
        return inception(images.round().to(torch.uint8))[0]

    if weights is None:
        from torch.hub import get_dir

        weights = Path(get_dir()) / "checkpoints" / "weights-inception-2015-12-05-6726825d.pth"
    checksum = sha256(weights)
    known = checksum.startswith(INCEPTION_SHA256_START)
    inception.eval().to(device)
    return FeatureExtractor(
        "inception-v3-compat" if known else "inception-v3-other-weights",
        checksum,
        network,
        299,
        value_range=(0.0, 255.0),
        device=device,
        published="FID" if known else None,
    )


EXTRACTORS = {"mobilenet_v2": mobilenet_v2, "inception_v3": inception_v3, "onnx": onnx_file}
"""Extractors that a name and a file of weights are enough for."""


def extractor_named(name: str, weights: str | Path | None = None) -> FeatureExtractor:
    """The extractor of this name, with its file of weights."""
    if name not in EXTRACTORS:
        raise MetricError(
            f"no feature extractor {name!r}.{did_you_mean(name, list(EXTRACTORS))} "
            f"There are: {', '.join(EXTRACTORS)}."
        )
    if name == "inception_v3":
        return inception_v3(weights)
    if weights is None:
        raise MetricError(f"extractor {name!r} needs its file of weights (--weights FILE).")
    return mobilenet_v2(weights) if name == "mobilenet_v2" else onnx_file(weights)


def sha256(path: str | Path) -> str:
    """Checksum of a file."""
    with _existing(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise MetricError(f"there is no file {path}.")
    return Path(path)
