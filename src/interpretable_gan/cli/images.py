"""Image files that a user names, as the model wants them, and what had to be converted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.errors import DataError

if TYPE_CHECKING:
    from interpretable_gan.models.gan.model import InterpretableGAN
    from interpretable_gan.shapes import Images


def open_images(
    paths: Sequence[Path], model: InterpretableGAN, *, quiet: bool = False
) -> tuple[list[str], Images]:
    """Names and images of files, and of all image files in folders; says what was converted.

    Raises:
        DataError: no such file, none that can be read as an image, or a folder without images.
    """
    import torch

    files = [file for path in paths for file in _files(path)]
    return [file.name for file in files], torch.cat([_open(file, model, quiet) for file in files])


def one_image(path: Path, model: InterpretableGAN, *, quiet: bool = False) -> Images:
    """A batch of one, of a file; says what was converted.

    Raises:
        BadParameter: a folder, which may hold many.
        DataError: no such file, or none that can be read as an image.
    """
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name one image.", param_hint="IMAGE")
    return open_images([path], model, quiet=quiet)[1]


def _files(path: Path) -> list[Path]:
    """The file itself, or a folder's image files in the order of their names.

    Raises:
        DataError: nothing of the kind.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DataError(f"{path} is no image file.")
    from PIL import Image

    known = Image.registered_extensions()
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in known)
    if not files:
        raise DataError(f"folder {path} holds no image files; name another, or single files.")
    return files


def _open(path: Path, model: InterpretableGAN, quiet: bool) -> Images:
    """A batch of one."""
    import torch

    from interpretable_gan.data.decoding import Framing, Unusable, frame, open_image

    size, channels = model.config.size, model.modality.channels
    try:
        picture = open_image(path.read_bytes())
        pixels = frame(picture, Framing(size, channels=channels))
    except Unusable as problem:
        raise DataError(f"{path} cannot be used: {problem}.") from None
    for change in _conversions(picture, size, channels):
        say(f"{path}: {change}.", quiet=quiet)
    return torch.tensor(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1


def _conversions(picture: Any, size: int, channels: int) -> list[str]:
    """What framing does to a picture, in words."""
    mode, (width, height), changes = "L" if channels == 1 else "RGB", picture.size, []
    if picture.mode != mode:
        changes.append(f"converted from {picture.mode} to {mode}")
    if width != height:
        changes.append(f"cut from {width}×{height} to its centred square")
    if min(width, height) != size:
        changes.append(f"resized to the {size}×{size} pixels that the model reads")
    return changes
