"""CelebA: 202,599 aligned faces with 40 attributes (Liu, Luo, Wang, Tang, ICCV 2015)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from interpretable_gan.data.image_folder import unambiguous_rows
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.npz import packed_source
from interpretable_gan.data.pictures import Files
from interpretable_gan.data.source import Source, with_roles
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import as_text
from interpretable_gan.schema.celeba import celeba_schema
from interpretable_gan.schema.roles import Roles

ATTRIBUTES, IMAGES, PACKED = "list_attr_celeba.txt", "img_align_celeba", "celeba64_jpeg.npz"
PARTITION, IDENTITY = "list_eval_partition.txt", "identity_CelebA.txt"
CROP = 178
OFFICIAL_TEST = "official test"
"""The split that holds CelebA's own test images, which are few and of few people here."""
TEST_SHARE = 5
"""One person in this many of the official training part is a test person."""


def is_celeba(folder: Path) -> bool:
    """Whether a folder holds CelebA, official or packed."""
    return (folder / ATTRIBUTES).is_file() or (folder / PACKED).is_file()


def celeba_source(folder: Path, size: int) -> Source:
    """CelebA from ``folder``: packed at 64×64 where it is there and enough, else official files.

    Images are centre-cropped to 178×178 (the packed ones were, when they were made). Groups are the
    identities, splits are by person (`split_by_person`). Without identities the splits are the
    official partition, without that they are drawn; both are noted.

    Raises:
        DataError: no folder of images, or a table that is not in the official format.
    """
    if (folder / PACKED).is_file() and (size <= 64 or not (folder / IMAGES).is_dir()):
        source = packed_source(folder / PACKED, name="celeba")
        source = with_roles(source, Roles(), celeba_schema().names)
    else:
        source = _official_source(folder)
    return split_by_person(_with_schema(source))


def _with_schema(source: Source) -> Source:
    """CelebA's schema for its forty attributes. With others, or fewer, those of the forty that are
    there are known, and what the others mean is inferred, which is remarked.
    """
    official = celeba_schema()
    if set(source.table) == set(official.names):
        return replace(source, schema=official)
    own = [name for name in source.table if name not in official.names]
    lacking = len(official.names) - len(source.table) + len(own)
    differ = [f"also {', '.join(own)}"] * bool(own) + [f"without {lacking} of them"] * bool(lacking)
    source.intake.remarks.append(f"other attributes than CelebA's forty: {'; '.join(differ)}")
    return replace(source, known={attribute.name: attribute for attribute in official.attributes})


def split_by_person(source: Source) -> Source:
    """CelebA's images split anew: one person in `TEST_SHARE` of the official training part is a
    test person, chosen by a hash of the identity. The official validation images stay validation;
    the official test images are a split apart, `OFFICIAL_TEST`.

    Subsets of CelebA that are published with images have few official test people (22 in the packed
    file), too few for any figure about people. A source without identities or without an official
    partition is returned as it is, with a remark.
    """
    if source.split is None or source.group is None:
        source.intake.remarks.append("no identities or no partition: not split by person")
        return source
    words = [
        _split_of(as_text(partition), as_text(identity))
        for partition, identity in zip(source.split, source.group, strict=True)
    ]
    return replace(source, split=words, apart=(OFFICIAL_TEST,))


def _split_of(partition: str, identity: str) -> str:
    if partition != "0":
        return {"1": "validation", "2": OFFICIAL_TEST}.get(partition, partition)
    digest = hashlib.sha256(identity.encode()).digest()
    return "test" if int.from_bytes(digest[:8], "big") % TEST_SHARE == 0 else "train"


def _official_source(folder: Path) -> Source:
    intake = Intake(str(folder))
    if not (folder / IMAGES).is_dir():
        raise DataError(f"{folder} has {ATTRIBUTES}, but no folder {IMAGES}/ with the images.")
    rows = _attribute_rows(folder / ATTRIBUTES)
    names = next(rows)
    labels = dict(unambiguous_rows([(row[0], tuple(row[1:])) for row in rows], intake))
    present = {path.name for path in (folder / IMAGES).iterdir()}
    for name in sorted(labels.keys() - present):
        intake.note("row without an image", name)
    for name in sorted(present - labels.keys()):
        intake.note("image without a row", name)
    files = [name for name in labels if name in present]
    columns = zip(*(labels[file] for file in files), strict=True)
    split = _column(folder / PARTITION)
    identity = _column(folder / IDENTITY)
    return Source(
        name="celeba",
        pictures=Files(folder / IMAGES, files),
        table=dict(zip(names, columns, strict=False)),
        intake=intake,
        split=[split.get(file) for file in files] if split else None,
        group=[identity.get(file) for file in files] if identity else None,
        columns=dict([("split", PARTITION)] * bool(split) + [("group", IDENTITY)] * bool(identity)),
        crop=CROP,
    )


def _attribute_rows(path: Path) -> Iterator[list[str]]:
    """The attributes' names in lower case, then each image's name and labels."""
    lines = _lines(path)
    if len(lines) < 2 or not lines[0].strip().isdigit():
        raise DataError(
            f"{path}: the first line must be a count, the second the attributes' names."
        )
    names = lines[1].lower().split()
    if doubled := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{path}: attribute {doubled[0]!r} stands twice; rename or remove one.")
    yield names
    for number, line in enumerate(lines[2:], 3):
        cells = line.split()
        if cells and len(cells) != len(names) + 1:
            raise DataError(
                f"{path}, line {number}: {len(cells) - 1} labels for {len(names)} names."
            )
        if cells:
            yield cells


def _column(path: Path) -> dict[str, str]:
    """A file of ``name value`` lines; empty where there is no such file."""
    if not path.is_file():
        return {}
    rows = (line.split() for line in _lines(path))
    return {cells[0]: cells[1] for cells in rows if len(cells) == 2}


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise DataError(f"{path} is not text, as CelebA's own is. Is it damaged?") from None
