"""Image files that a user names, as the model wants them, and what had to be converted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.progress import say
from interpretable_gan.errors import DataError

if TYPE_CHECKING:
    from interpretable_gan.data.alignment import Points
    from interpretable_gan.data.decoding import Picture, Values
    from interpretable_gan.data.intake import Intake
    from interpretable_gan.data.pictures import Files
    from interpretable_gan.models.images import ImageModel
    from interpretable_gan.shapes import Images

HINTS = {
    "no face": " No face is seen in it: give the eyes by hand, --eyes X,Y,X,Y.",
    "eyes outside of the image": " --eyes counts pixels of the image file from its top left.",
    "face too near the edge": " Aligned, more than half of the square would lie outside of the "
    "image: use one with more around the face.",
    "sheet of images": " It shows several images with margins, as igan sample and igan edit save "
    "them: cut out one image first.",
}
"""What to do about a problem of ``Intake``."""


UNLIKE = (
    "{name} is unlike the training images ({strange:.1f} times as far from what they have in "
    "common as 99 % of them are): what is read, explained or edited there means little."
)
"""What is said of an image before anything else."""

FindsEyes = Callable[["Picture", "Values | None"], "Points"]
"""A picture, and black and white of those of more than eight bits, to the middles of its eyes."""

Eyes = Annotated[
    str | None,
    typer.Option(
        help="Align a face as CelebA has them: the middles of its eyes in the image, in pixels "
        "from the top left, the left one as seen first, such as 120,95,178,97.",
        metavar="X,Y,X,Y",
    ),
]
EyeFinder = Annotated[
    Path | None,
    typer.Option(
        "--judges",
        help="Align faces as CelebA has them, by the eyes that a published detector finds: a "
        "folder with blazeface.json (docs/card.md says where to get it).",
    ),
]


def eyes_of(given: str | None, judges: Path | None, images: Sequence[Path]) -> FindsEyes | None:
    """How to find the eyes of faces that are to be aligned; None where none are.

    Raises:
        BadParameter: points that are no four numbers, or for several images, or both options.
        DataError: no detector in the folder.
    """
    from interpretable_gan.data.alignment import Points

    if given is not None and judges is not None:
        raise typer.BadParameter("give --eyes or --judges, not both.", param_hint="--eyes")
    if judges is not None:
        from interpretable_gan.audit.published import published_eyes  # loads what audits need

        return published_eyes(judges)
    if given is None:
        return None
    if len(images) != 1 or images[0].is_dir():
        raise typer.BadParameter("the eyes are those of one image; name one.", param_hint="--eyes")
    try:
        left, down, right, below = map(float, given.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is not X,Y,X,Y, such as 120,95,178,97.", param_hint="--eyes"
        ) from None
    return lambda picture, values: Points((left, down), (right, below))


def open_images(
    paths: Sequence[Path],
    model: ImageModel,
    *,
    eyes: FindsEyes | None = None,
    quiet: bool = False,
) -> tuple[list[str], Images]:
    """Names and images of files, and of all image files in folders and their subfolders.

    Files that cannot be used are left out; says which, and what was converted. With ``eyes`` faces
    are aligned as CelebA's.

    Raises:
        DataError: no such file, none that can be read as an image, or a folder without images.
    """
    import torch

    from interpretable_gan.data.intake import Intake

    intake, names, images = Intake(", ".join(map(str, paths))), [], []
    for path in paths:
        files = _files(path, intake)
        for name, image, changes in pictures_of(files, model, intake, eyes):
            names.append(name)
            images.append(image)
            for change in changes:
                say(f"{files.root / name}: {change}.", quiet=quiet)
    _settle(intake, paths, len(names))
    if intake.found or intake.remarks:
        say(str(intake), quiet=quiet)
    stacked = torch.stack(images)
    for name, strange in zip(names, model.strangeness(stacked).tolist(), strict=True):
        if strange > 1:
            say(UNLIKE.format(name=name, strange=strange), quiet=quiet)
    return names, stacked


def pictures_of(
    files: Files, model: ImageModel, intake: Intake, eyes: FindsEyes | None = None
) -> Iterator[tuple[str, Images, list[str]]]:
    """Name, image ``(channels, size, size)`` and what was converted, in words, of each file that
    can be read; what is wrong with the others is noted in ``intake``."""
    import torch

    from interpretable_gan.data.alignment import CELEBA_EYES, aligned
    from interpretable_gan.data.decoding import Framing, frame
    from interpretable_gan.data.pictures import read_all

    size, channels = model.config.size, model.modality.channels

    def read(picture: Picture, values: Any) -> tuple[Any, list[str]]:
        framing = Framing(size, channels=channels, values=values)
        if eyes is None:
            return frame(picture.image, framing), _conversions(picture, size, channels)
        found = eyes(picture, values)
        face = aligned(picture, found, CELEBA_EYES, framing)
        places = " and ".join(f"{x:.0f},{y:.0f}" for x, y in found)
        return frame(face, framing), [f"aligned by its eyes at {places}"]

    reduced = None if eyes else Framing(size, channels=channels)  # a face may be small in it
    for number, (pixels, changes) in read_all(files, intake, read, reduced):
        yield (
            files.names[number],
            torch.tensor(pixels).permute(2, 0, 1).float() / 127.5 - 1,
            changes,
        )


def one_image(
    path: Path, model: ImageModel, *, eyes: FindsEyes | None = None, quiet: bool = False
) -> Images:
    """A batch of one, of a file; says what was converted.

    Raises:
        BadParameter: a folder, which may hold many.
        DataError: no such file, or none that can be read as an image.
    """
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name one image.", param_hint="IMAGE")
    return open_images([path], model, eyes=eyes, quiet=quiet)[1]


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
