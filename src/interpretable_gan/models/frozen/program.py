"""A generator from a file: what it takes, what it draws, and whether that can be used."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from interpretable_gan.errors import DataError, MissingExtraError
from interpretable_gan.metrics.extractors import sha256
from interpretable_gan.models.config import SIZES
from interpretable_gan.shapes import Images

TRIED = 8
"""Images on which a program is tried out."""

SAME = 1e-3
"""Pixels of [-1, 1] that differ by less are the same; rounding in another batch leaves 1e-5."""

Call = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Program:
    """A generator that somebody else trained. Copies of it are the same object: nothing changes it.

    Args:
        path: of its file.
        checksum: SHA-256 of the file.
        call: from z, and a level where it takes one, to images.
        shape: of one z, (width,) or (width, 1, 1).
        levels: how many levels it takes beside z; 0 where it takes z alone.
        one_hot: whether a level is a row with one 1, not a number.
        size, channels: of its images.
        first: weights of the first layer (features, width), where the file tells them.
        slopes: whether gradients pass; not through ONNX.
        copies: of a module, on other devices than the CPU.
    """

    path: Path
    checksum: str
    call: Call
    shape: tuple[int, ...]
    levels: int
    one_hot: bool
    size: int
    channels: int
    first: Tensor | None
    slopes: bool
    copies: dict[torch.device, nn.Module] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many numbers z has."""
        return self.shape[0]

    def __deepcopy__(self, memo: dict[int, Any]) -> Program:
        return self

    def __call__(self, z: Tensor, level: Tensor | None = None) -> Images:
        """Images (batch, channels, size, size) in [-1, 1] of z (batch, width) and, where it takes
        them, levels (batch,)."""
        if len(z) == 1:  # for which exported programs often have no case
            return self(z.repeat(2, 1), None if level is None else level.repeat(2))[:1]
        inputs = _inputs(z, self.shape, level, self.levels, self.one_hot)
        drawn: Images = self._on(z.device)(*inputs)
        return drawn.to(z.device)

    def _on(self, device: torch.device) -> Call:
        """What to call on a device: a copy of a module that lies there; ONNX stays on the CPU."""
        if not isinstance(self.call, nn.Module) or device.type == "cpu":
            return self.call
        if device not in self.copies:
            with quiet():
                self.copies[device] = copy.deepcopy(self.call).to(device)
        return self.copies[device]


@dataclass(frozen=True)
class _Opened:
    """A file before anything is known of its inputs: ``inputs`` are how many it takes, ``widths``
    what its z may have, ``first`` the weights that the first layer may have."""

    call: Call
    inputs: int
    widths: Sequence[int]
    first: Tensor | None
    slopes: bool


def open_program(path: Path | str, levels: int = 0) -> Program:
    """A generator from a file, tried out.

    Args:
        path: TorchScript (``.pt``, ``.pth``, ``.ts``), `torch.export` (``.pt2``) or ONNX
            (``.onnx``). Such a file is a program: give one that you trust. Pickled modules, which
            can run anything, are refused.
        levels: of the attribute that its second input asks for; 0 where it takes z alone.

    Raises:
        DataError: no such file, not one of these, or not a generator of images that can be used:
            the sentence says why.
        MissingExtraError: an ONNX file without onnxruntime.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not there: name the file of a generator.")
    suffix = path.suffix.lower()
    if suffix not in OPENERS:
        raise DataError(
            f"{path} is no generator: give TorchScript (.pt), torch.export (.pt2) or ONNX (.onnx)."
        )
    with quiet():
        opened = OPENERS[suffix](path)
    if opened.inputs != (wanted := 2 if levels else 1):
        asks = "z and a level" if levels else "z alone; --label names what else it takes"
        raise DataError(f"{path} takes {opened.inputs} inputs, not {wanted}: {asks}.")
    return _tried(path, opened, levels)


def freeze(module: nn.Module, path: Path | str, width: int, levels: int = 0) -> Path:
    """Write a torch module as a file that `open_program` reads, by `torch.export`, in eval mode.

    Args:
        module: from z (batch, width) and, where it takes ``levels``, a one-hot level (batch,
            levels), to images (batch, 1 or 3, side, side) in [-1, 1]. A module that wants z as
            (batch, width, 1, 1) gets it so.
        path: ends in ``.pt2``.

    Raises:
        DataError: the module draws from neither form of z.
    """
    inputs: tuple[Tensor, ...] = (torch.randn(2, width),)
    if levels:
        inputs += (torch.eye(levels)[:2],)
    module = module.eval()
    for shape in ((width,), (width, 1, 1)):
        shaped = (inputs[0].view(2, *shape), *inputs[1:])
        try:
            with torch.no_grad():
                module(*shaped)
        except (RuntimeError, ValueError, IndexError):
            continue
        dynamic = tuple({0: torch.export.Dim("batch")} for _ in shaped)
        with quiet():
            torch.export.save(torch.export.export(module, shaped, dynamic_shapes=dynamic), path)
        return Path(path)
    raise DataError(
        f"{type(module).__name__} draws nothing from z of {width} numbers: give its width."
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Without what torch says of its own older parts, which files are still made with."""
    with warnings.catch_warnings():
        for kind in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", kind)
        yield


def _torchscript(path: Path) -> _Opened:
    try:
        module = torch.jit.load(path, map_location="cpu").eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise DataError(
            f"{path} is no TorchScript file ({_first_line(error)}): a pickled module is never "
            "loaded; in Python, interpretable_gan.models.frozen.program.freeze writes a file."
        ) from None
    weights = dict(module.named_parameters())
    _finite(path, weights)
    inputs = len(module.forward.schema.arguments) - 1  # the first one is the module itself
    first = _first(weights)
    widths = [] if first is None else list(dict.fromkeys(first.shape[:2]))
    return _Opened(module, inputs, widths, first, slopes=True)


def _exported(path: Path) -> _Opened:
    try:
        program = torch.export.load(path)
    except Exception as error:  # of many kinds
        raise DataError(f"{path} is no file of torch.export ({_first_line(error)}).") from None
    weights = dict(program.named_parameters())
    _finite(path, weights)
    names = program.graph_signature.user_inputs
    shapes = [node.meta["val"].shape for node in program.graph.nodes if node.name in names]
    if any(isinstance(shape[0], int) for shape in shapes if len(shape)):
        raise DataError(
            f"{path} draws a fixed number of images at a time: export it with a dynamic batch."
        )
    widths = [int(shapes[0][1])] if shapes and len(shapes[0]) > 1 else []
    return _Opened(program.module(), len(shapes), widths, _first(weights), slopes=True)


def _onnx(path: Path) -> _Opened:
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError("an ONNX generator", "onnx") from None
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common base
        raise DataError(f"{path} is no ONNX file ({_first_line(error)}).") from None
    entries = session.get_inputs()
    if not entries:
        raise DataError(f"{path} has no inputs, so there is nothing to draw from.")
    shape = entries[0].shape
    if isinstance(shape[0], int):
        raise DataError(
            f"{path} draws {shape[0]} images at a time: export it with a dynamic batch."
        )
    if len(shape) < 2 or not isinstance(shape[1], int):
        raise DataError(
            f"{path} takes z of shape {shape}, whose width is not fixed: export it with one."
        )

    def call(*inputs: Tensor) -> Tensor:
        fed = {e.name: each.detach().cpu().numpy() for e, each in zip(entries, inputs, strict=True)}
        return torch.from_numpy(session.run(None, fed)[0])

    return _Opened(call, len(entries), [shape[1]], None, slopes=False)


OPENERS: dict[str, Callable[[Path], _Opened]] = {
    ".pt": _torchscript,
    ".pth": _torchscript,
    ".ts": _torchscript,
    ".pt2": _exported,
    ".onnx": _onnx,
}
"""What reads a file, by its suffix."""


@torch.no_grad()
def _tried(path: Path, opened: _Opened, levels: int) -> Program:
    """The program, once a form of its inputs is found that draws images."""
    luck = torch.Generator().manual_seed(0)
    level = torch.arange(TRIED) % levels if levels else None
    widths = [width - less for less in sorted({0, levels}) for width in opened.widths]
    forms = itertools.product([w for w in widths if w > 0], (False, True), (True, False))
    failed = ""
    for width, deep, one_hot in forms:
        shape = (width, 1, 1) if deep else (width,)
        z = torch.randn(TRIED, width, generator=luck)
        try:
            images = opened.call(*_inputs(z, shape, level, levels, one_hot))
        except Exception as error:  # of torch and of onnxruntime, one kind for each operator
            failed = _first_line(error)
            continue
        size, channels = _checked_shape(path, images)
        program = Program(
            path, sha256(path), opened.call, shape, levels, one_hot, size, channels,
            _of_width(opened.first, width), opened.slopes,
        )  # fmt: skip
        _check(program, z, level, images)
        return program
    raise DataError(
        f"{path} draws nothing from z, (batch, width) or (batch, width, 1, 1), of "
        f"{' or '.join(map(str, widths)) or 'unknown'} numbers ({failed})."
    )


def _inputs(
    z: Tensor, shape: tuple[int, ...], level: Tensor | None, levels: int, one_hot: bool
) -> tuple[Tensor, ...]:
    """z and levels in the form that a program takes."""
    shaped = z.view(len(z), *shape)
    if level is None:
        return (shaped,)
    if one_hot:
        return shaped, nn.functional.one_hot(level, levels).to(z)
    return shaped, level


def _checked_shape(path: Path, images: Any) -> tuple[int, int]:
    """Side and channels of what was drawn.

    Raises:
        DataError: these are no images, or of a size that cannot be explained.
    """
    shape = tuple(getattr(images, "shape", ()))
    if len(shape) != 4 or shape[0] != TRIED or shape[1] not in (1, 3) or shape[2] != shape[3]:
        raise DataError(
            f"{path} draws {shape or type(images).__name__} from {TRIED} rows of z: images are "
            "(batch, 1 or 3 channels, side, side)."
        )
    if shape[2] not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        raise DataError(f"{path} draws images of side {shape[2]}: wrap it to draw one of {sizes}.")
    return shape[2], shape[1]


def _check(program: Program, z: Tensor, level: Tensor | None, images: Images) -> None:
    """Refuse what cannot be explained.

    Raises:
        DataError: values that are no numbers or beyond [-1, 1], or images that are all the same, or
            depend on something else than z.
    """
    path, (low, high) = program.path, images.aminmax()
    if not images.isfinite().all():
        raise DataError(f"{path} draws values that are NaN or infinite.")
    if low < -1 - SAME or high > 1 + SAME:
        raise DataError(
            f"{path} draws values from {low:.3g} to {high:.3g}: wrap it so that black is -1 and "
            "white is 1."
        )
    if low >= 0:
        raise DataError(
            f"{path} draws values from {low:.3g} to {high:.3g}, where black seems to be 0: wrap it "
            "so that black is -1 and white is 1."
        )
    if (images - images[:1]).abs().max() < SAME:
        raise DataError(f"{path} draws the same image whatever z is.")
    again = program(z, level)
    alone = program(z[:1], None if level is None else level[:1])
    if (again - images).abs().max() > SAME or (alone - images[:1]).abs().max() > SAME:
        raise DataError(
            f"{path} draws another image of the same z, alone or a second time: export it in eval "
            "mode."
        )


def _first(weights: Mapping[str, Tensor]) -> Tensor | None:
    """The first weights that may act on z, of two dimensions and more."""
    return next((each.detach() for each in weights.values() if each.ndim > 1), None)


def _of_width(weights: Tensor | None, width: int) -> Tensor | None:
    """First weights as (features, width): of a linear layer, or of a transposed convolution, which
    may take more than z; None where neither fits."""
    if weights is None:
        return None
    if weights.ndim == 2 and weights.shape[1] >= width:
        return weights[:, :width].float()
    if weights.ndim > 2 and weights.shape[0] >= width:
        return weights[:width].flatten(1).T.float()
    return None


def _finite(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Refuse weights that are no numbers.

    Raises:
        DataError: some are.
    """
    for name, each in weights.items():
        if not each.isfinite().all():
            raise DataError(f"{path} has weights that are NaN or infinite, first in {name}.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
