"""Image files that a user names, as the model wants them, and what had to be converted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.errors import DataError

if TYPE_CHECKING:
    from interpretable_gan.data.decoding import Picture
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.pictures import Files
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.shapes import Images

HINTS = {
    "sheet of images": " It shows several images with margins, as igan sample and igan edit save "
    "them: cut out one image first."
}
"""What to do about a problem of ``Intake``."""


UNLIKE = (
    "{name} is unlike the training images ({strange:.1f} times as far from what they have in "
    "common as 99 % of them are): what is read, explained or edited there means little."
)
"""What is said of an image before anything else."""


def open_images(
    paths: Sequence[Path], model: ImageModel, *, quiet: bool = False
) -> tuple[list[str], Images]:
    """Names and images of files, and of all image files in folders and their subfolders.

    Files that cannot be used are left out; says which, and what was converted.

    Raises:
        DataError: no such file, none that can be read as an image, or a folder without images.
    """
    import torch

    from interpretable_gan.data.decoding import Framing, frame
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.pictures import read_all

    size, channels = model.config.size, model.modality.channels
    framing, intake = Framing(size, channels=channels), Intake(", ".join(map(str, paths)))

    def read(picture: Picture, values: Any) -> tuple[Any, list[str]]:
        pixels = frame(picture.image, Framing(size, channels=channels, values=values))
        return pixels, _conversions(picture, size, channels)

    names, images = [], []
    for path in paths:
        files = _files(path, intake)
        for number, (pixels, changes) in read_all(files, intake, read, framing):
            names.append(files.names[number])
            images.append(torch.tensor(pixels).permute(2, 0, 1).float() / 127.5 - 1)
            for change in changes:
                say(f"{files.root / names[-1]}: {change}.", quiet=quiet)
    _settle(intake, paths, len(names))
    if intake.found or intake.remarks:
        say(str(intake), quiet=quiet)
    stacked = torch.stack(images)
    for name, strange in zip(names, model.strangeness(stacked).tolist(), strict=True):
        if strange > 1:
            say(UNLIKE.format(name=name, strange=strange), quiet=quiet)
    return names, stacked


def one_image(path: Path, model: ImageModel, *, quiet: bool = False) -> Images:
    """A batch of one, of a file; says what was converted.

    Raises:
        BadParameter: a folder, which may hold many.
        DataError: no such file, or none that can be read as an image.
    """
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name one image.", param_hint="IMAGE")
    return open_images([path], model, quiet=quiet)[1]


def _files(path: Path, intake: Intake) -> Files:
    """The file itself, or all image files in a folder.

    Raises:
        DataError: nothing of the kind.
    """
    from interpretable_gan.data.pictures import Files, files_below

    if path.is_file():
        return Files(path.parent, [path.name])
    if not path.is_dir():
        raise DataError(f"{path} {'is no image file' if path.exists() else 'does not exist'}.")
    files, remark = files_below(path)
    if not files.names:
        hidden = f" ({remark})" if remark else ""
        raise DataError(
            f"folder {path} holds no image files{hidden}; name another, or single files."
        )
    intake.remarks += [remark] if remark else []
    return files


def _settle(intake: Intake, paths: Sequence[Path], count: int) -> None:
    """Close the report.

    Raises:
        DataError: nothing can be used.
    """
    if not count and len(paths) == 1 and paths[0].is_file():
        (problem,) = intake.found
        raise DataError(f"{paths[0]} cannot be used: {problem}.{HINTS.get(problem, '')}")
    intake.settle(count, strict=False)


def _conversions(picture: Picture, size: int, channels: int) -> list[str]:
    """What framing does to a picture, in words."""
    mode, (width, height), changes = "L" if channels == 1 else "RGB", picture.size, []
    if picture.image.mode != mode:
        changes.append(f"converted from {picture.image.mode} to {mode}")
    if width != height:
        changes.append(f"cut from {width}×{height} to its centred square")
    if min(width, height) != size:
        changes.append(f"resized to the {size}×{size} pixels that the model reads")
    return changes
