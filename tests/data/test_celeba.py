"""CelebA in both of its forms."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data.celeba import celeba_source, split_by_person
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.source import Source
from interpretable_gan.errors import DataError
from interpretable_gan.schema.celeba import celeba_schema

NAMES = [name.title() for name in celeba_schema().names]
ROWS = 12


def text(rows):
    return "".join(f"{row}\n" for row in rows)


@pytest.fixture
def celeba(tmp_path, write_image):
    """Twelve images of six people in the official layout; attribute k of image i is on if i > k."""
    for i in range(ROWS):
        write_image(
            tmp_path / "img_align_celeba" / f"{i:06d}.jpg", (20 * i, 90, 90), size=(178, 218)
        )
    labels = [" ".join("1" if i > k else "-1" for k in range(40)) for i in range(ROWS)]
    rows = [f"{i:06d}.jpg {labels[i]}" for i in range(ROWS)]
    (tmp_path / "list_attr_celeba.txt").write_text(text([ROWS, " ".join(NAMES), *rows]))
    parts = [f"{i:06d}.jpg {max(0, i // 2 - 3)}" for i in range(ROWS)]
    (tmp_path / "list_eval_partition.txt").write_text(text(parts))
    people = [f"{i:06d}.jpg {5 + i // 2}" for i in range(ROWS)]
    (tmp_path / "identity_CelebA.txt").write_text(text(people))
    return tmp_path


def test_the_official_layout(celeba):
    data = open_dataset(celeba, size=16, strict=True)
    assert data.schema == celeba_schema()
    assert data.images.shape == (ROWS, 16, 16, 3)
    np.testing.assert_allclose(data.images[:, 8, 8, 0], 20 * np.arange(ROWS), atol=2)
    np.testing.assert_array_equal(data.codes > 0, np.arange(ROWS)[:, None] > np.arange(40))
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 4, "validation": 2, "test": 4, "official test": 2,
    }  # fmt: skip
    assert data.groups.tolist() == np.repeat(range(6), 2).tolist()


def test_a_fifth_of_the_training_people_become_test_people():
    people = [str(person) for person in range(1, 4001) for _ in range(3)]
    source = Source("celeba", None, {}, Intake("x"), split=["0"] * len(people), group=people)
    words = np.array(split_by_person(source).split).reshape(-1, 3)
    assert (words == words[:, :1]).all()
    assert (words == "test").mean() == pytest.approx(0.2, abs=0.02)


def test_the_split_by_person_never_changes():
    source = Source("celeba", None, {}, Intake("x"), split=[0, 0, 0, 1, 2], group=[5, 7, 8, 5, 5])
    split = split_by_person(source)
    assert split.split == ["train", "test", "test", "validation", "official test"]


def retitled(celeba, names, columns):
    """The official table with these columns of labels instead."""
    table = celeba / "list_attr_celeba.txt"
    rows = [f"{i:06d}.jpg {' '.join(map(str, row))}" for i, row in enumerate(columns)]
    table.write_text(text([ROWS, " ".join(names), *rows]))


def test_a_column_of_ones_own_beside_the_forty_is_learned(celeba):
    labels = [[1 - (i + k) % 2 * 2 for k in range(41)] for i in range(ROWS)]
    retitled(celeba, [*NAMES, "Sunny"], labels)
    data = open_dataset(celeba, size=16, strict=True)
    assert data.schema.attributes[:40] == celeba_schema().attributes
    assert data.schema.names[40:] == ("sunny",)
    assert data.schema.augmentations == ("flip", "translate")
    assert data.report.remarks[0] == "other attributes than CelebA's forty: also sunny"


def test_attributes_of_ones_own_alone_are_learned(celeba):
    retitled(celeba, ["Sunny", "Age"], [[1 - i % 2 * 2, 20.5 + 3 * i % 7] for i in range(ROWS)])
    data = open_dataset(celeba, size=16, strict=True)
    assert [(a.name, a.kind) for a in data.schema.named] == [
        ("sunny", "binary"),
        ("age", "continuous"),
    ]
    assert "also sunny, age; without 40 of them" in data.report.remarks[0]


def test_the_middle_square_is_kept(celeba):
    tall = np.zeros((218, 178, 3), np.uint8)
    tall[20:198] = 255
    Image.fromarray(tall).save(celeba / "img_align_celeba" / "000004.jpg")
    assert open_dataset(celeba, size=16).images[4].min() > 200


def test_the_packed_form_serves_sizes_up_to_its_own(celeba):
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (1, 2, 3)).save(file, "PNG")
    image = np.frombuffer(file.getvalue(), np.uint8)
    np.savez(
        celeba / "celeba64_jpeg.npz",
        jpeg=np.tile(image, 3),
        offsets=np.arange(4) * len(image),
        attrs=np.ones((3, 40), np.int8),
        attr_names=NAMES,
        partition=np.uint8([0, 1, 2]),
        identity=np.int32([5, 6, 7]),
        native_width=np.uint8([178, 178, 89]),
    )
    data = open_dataset(celeba, size=64, strict=True)
    assert data.images[:, 0, 0].tolist() == [[1, 2, 3]] * 3
    assert data.schema == celeba_schema()
    assert (data.codes == 1).all()
    assert [rows.tolist() for rows in data.splits.values()] == [[0], [1], [], [2]]
    assert len(open_dataset(celeba, size=65)) == ROWS


def test_without_partition_people_stay_together(celeba):
    (celeba / "list_eval_partition.txt").unlink()
    data = open_dataset(celeba, size=16, strict=True)
    parts = [set(data.groups[rows]) for rows in data.splits.values()]
    assert sum(map(len, parts)) == 6


def test_faults_are_named(celeba, write_image):
    images = celeba / "img_align_celeba"
    (images / "000000.jpg").unlink()
    (images / "000001.jpg").write_bytes((images / "000001.jpg").read_bytes()[:500])
    write_image(images / "999999.jpg")
    table = celeba / "list_attr_celeba.txt"
    lines = table.read_text().splitlines()
    lines[4] = lines[4].replace(" 1", " 2", 1)
    table.write_text(text([*lines, lines[5]]))
    data = open_dataset(celeba, size=16)
    assert data.report.to_dict()["found"] == {
        "row without an image": {"000000.jpg": 1},
        "truncated image": {"000001.jpg": 1},
        "image without a row": {"999999.jpg": 1},
        "unreadable label": {"5_o_clock_shadow '2'": 1},
        "doubled row": {"000003.jpg": 1},
    }
    assert len(data) == ROWS - 2


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(["000001.jpg 1 -1"], "first line must be a count", id="no header"),
        pytest.param([1, "A B", "000001.jpg 1"], "line 3: 1 labels for 2 names", id="short row"),
        pytest.param([1, "A a", "000001.jpg 1 1"], "'a' stands twice", id="doubled name"),
    ],
)
def test_a_table_in_another_format_is_refused(celeba, lines, message):
    (celeba / "list_attr_celeba.txt").write_text(text(lines))
    with pytest.raises(DataError, match=message):
        open_dataset(celeba, size=16)


@pytest.mark.parametrize("name", ["list_attr_celeba.txt", "identity_CelebA.txt"])
def test_a_table_that_is_no_text_is_named(celeba, name):
    (celeba / name).write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=f"{name} is not text"):
        open_dataset(celeba, size=16)


def test_a_missing_image_folder_is_named(celeba):
    (celeba / "img_align_celeba").rename(celeba / "images")
    with pytest.raises(DataError, match="img_align_celeba"):
        open_dataset(celeba, size=16)


@pytest.mark.slow
def test_small_images_come_packed_and_large_ones_as_files(shared):
    folder = shared / "celeba"
    packed, official = celeba_source(folder, 64), celeba_source(folder, 65)
    assert (len(packed.pictures.names), len(official.pictures.names)) == (15_722, 2_000)
    assert tuple(packed.table) == tuple(official.table) == celeba_schema().names
    assert (packed.crop, official.crop) == (None, 178)


@pytest.mark.slow
def test_the_packed_images_are_the_official_ones_with_the_same_labels(shared):
    folder = shared / "celeba"
    packed, official = celeba_source(folder, 64), celeba_source(folder, 65)
    name = official.pictures.names[100]
    row = packed.pictures.names.index(name)
    for attribute, labels in official.table.items():
        assert int(labels[100]) == packed.table[attribute][row]
    assert official.split[100] == packed.split[row]
    assert int(official.group[100]) == packed.group[row]
