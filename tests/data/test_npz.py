"""One npz file, three layouts."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data.npz import npz_source
from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.source import with_roles
from interpretable_gan.errors import DataError
from interpretable_gan.schema.roles import Roles

ROWS = 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "things.npz"


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (ROWS, 8, 8, 3), np.uint8)


def packed(images):
    files = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        files.append(np.frombuffer(file.getvalue(), np.uint8))
    return {"jpeg": np.concatenate(files), "offsets": np.cumsum([0, *map(len, files)])}


def test_plain_arrays(path, images):
    hat, age = np.arange(ROWS) % 2, np.linspace(20, 60, ROWS)
    np.savez(path, images=images, hat=hat, age=age, label=1 - hat, extra=np.zeros((3, 3)))
    data = open_dataset(path, size=8, strict=True)
    np.testing.assert_array_equal(data.images, images)
    assert data.schema.names == ("hat", "age", "label")
    assert data.schema["age"].range == (20, 60)
    np.testing.assert_array_equal(data.codes[:, 0], 2 * hat - 1)


def test_named_columns_splits_and_groups(path, images):
    attrs = np.stack([np.arange(ROWS) % 2, np.arange(ROWS) // 10], 1) * 2 - 1
    part = np.repeat(["train", "val", "test"], [14, 2, 4])
    group = np.arange(ROWS) // 2
    np.savez(path, images=images, attrs=attrs, attr_names=["Odd", "Late"], split=part, group=group)
    data = open_dataset(path, size=8, strict=True)
    assert data.schema.names == ("odd", "late")
    assert data.rows("test").tolist() == [16, 17, 18, 19]
    assert len(set(data.groups.tolist())) == 10


def test_medmnist(path, rng):
    parts = {"train": 10, "val": 4, "test": 6}
    arrays = {f"{p}_images": rng.integers(0, 256, (n, 8, 8), np.uint8) for p, n in parts.items()}
    labels = {f"{p}_labels": np.arange(n).reshape(n, 1) % 2 for p, n in parts.items()}
    np.savez(path, **arrays, **labels)
    data = open_dataset(path, size=8, strict=True)
    assert data.images.shape == (20, 8, 8, 1)
    np.testing.assert_array_equal(data.images[10:14, ..., 0], arrays["val_images"])
    assert data.schema.names == ("label",)
    assert data.schema.target == "label"
    assert data.rows("validation").tolist() == [10, 11, 12, 13]


def test_medmnist_with_several_labels(path):
    images, labels = np.zeros((4, 8, 8, 3), np.uint8), np.array([[0, 1], [1, 0]] * 2)
    np.savez(path, train_images=images, train_labels=labels)
    source = npz_source(path)
    assert list(source.table) == ["label_0", "label_1"]
    assert source.target is None


def test_medmnist_without_images_in_one_part(path):
    images, labels = np.zeros((4, 8, 8), np.uint8), np.array([[0], [1]] * 2)
    parts = {"val_images": images[:0], "val_labels": labels[:0]}
    np.savez(path, train_images=images, train_labels=labels, hat=labels, **parts)
    data = open_dataset(path, size=8, strict=True)
    assert [len(rows) for rows in data.splits.values()] == [4, 0, 0]
    told, empty, _ = data.report.remarks
    assert told == "hat: left out, MedMNIST has no such array"
    assert empty.startswith("no validation and no test images")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"val_labels": None}, "has no val_labels; add one row", id="none"),
        pytest.param({"val_labels": np.zeros(3)}, r"each of 4 images.*\(3,\)", id="too few"),
        pytest.param({"val_labels": np.int64(3)}, r"its shape is \(\)", id="a number"),
        pytest.param({"val_labels": np.zeros((4, 2))}, r"val_labels \(4, 2\)", id="other columns"),
        pytest.param({"val_images": np.zeros((4, 9, 8), np.uint8)}, "9, 8", id="other sizes"),
    ],
)
def test_medmnist_parts_must_fit_together(path, change, message):
    images, labels = np.zeros((4, 8, 8), np.uint8), np.zeros((4, 1))
    train = {"train_images": images, "train_labels": labels}
    arrays = train | {"val_images": images, "val_labels": labels} | change
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(DataError, match=message):
        npz_source(path)


def test_packed_files_with_coded_levels(path, images):
    codes = np.array([[0], [1], [-1], [9]] * 5, np.int8)
    names = {"attr_names": ["shape"], "values_shape": ["round", "long"]}
    label = {"label": np.arange(ROWS) % 2, "label_names": ["benign", "malign"]}
    np.savez(path, **packed(images), attr_codes=codes, **names, **label)
    data = open_dataset(path, size=8)
    np.testing.assert_array_equal(data.images, images)
    assert data.schema["shape"].levels == ("long", "round")
    assert data.schema.read(data.codes)["label"][:2].tolist() == ["benign", "malign"]
    assert data.schema.target == "label"
    assert data.report.to_dict()["found"] == {"missing label": {"shape": 10}}
    assert [r.split(",")[0] for r in data.report.remarks] == ["augmentations"]


def test_packed_numbers(path, images):
    labels = np.float32([np.linspace(-1, 1, ROWS), np.linspace(0, 30, ROWS)]).T
    files = packed(images)
    files["jpeg"][files["offsets"][3] :][:20] = 0
    filenames = [f"{i}.jpg" for i in range(ROWS)]
    np.savez(path, **files, labels=labels, label_names=["steering", "speed"], filenames=filenames)
    data = open_dataset(path, size=8)
    assert len(data) == ROWS - 1
    assert data.schema["steering"].range == (-1, 1)
    assert data.report.to_dict()["found"] == {"not an image": {"3.jpg": 1}}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        pytest.param({"x": np.zeros(3)}, "has the arrays x; looked for images", id="unknown keys"),
        pytest.param({"images": np.zeros((3, 8, 8))}, "must be uint8", id="floats"),
        pytest.param({"images": np.uint8(3)}, r"must be uint8.*\(\)", id="one number"),
        pytest.param(
            {"images": np.zeros((3, 0, 8), np.uint8)}, r"must be uint8.*3, 0, 8", id="no pixels"
        ),
        pytest.param(
            {"images": np.zeros((3, 8, 8), np.uint8)}, "no array holds 3 labels", id="none"
        ),
        pytest.param(
            {"images": np.zeros((3, 8, 8), np.uint8), "hat": np.array([None] * 3)},
            "plain arrays, not objects",
            id="pickled",
        ),
    ],
)
def test_other_files_are_refused(path, arrays, message):
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=message):
        npz_source(path)


@pytest.mark.parametrize(
    "length",
    [pytest.param((ROWS - 1,), id="one too few"), pytest.param((ROWS + 1, 1), id="one too many")],
)
def test_labels_of_another_number_of_images_are_named_and_stop_a_strict_reader(
    path, images, length
):
    np.savez(path, images=images, hat=np.zeros(length), beard=np.arange(ROWS) % 2)
    data = open_dataset(path, size=8)
    assert data.schema.names == ("beard",)
    told = f"hat ({length[0]} for {ROWS} images)"
    assert data.report.to_dict()["found"] == {"array of another length": {told: 1}}
    with pytest.raises(DataError, match=r"strict.*array of another length: 1, left out"):
        open_dataset(path, size=8, strict=True)


def test_other_arrays_that_are_left_out_are_remarked(path, images):
    hat = np.arange(ROWS) % 2
    np.savez(path, images=images, hat=hat, mean=np.zeros((3, 3)))
    remark = "mean: left out, no column of labels has shape (3, 3)"
    assert npz_source(path).intake.remarks == [remark]
    np.savez(path, images=images, attrs=hat[:, None], attr_names=["hat"], row=np.arange(ROWS))
    assert npz_source(path).intake.remarks == ["row: left out, attrs has the attributes"]


ATTRS = {"attrs": np.zeros((ROWS, 2)), "attr_names": ["a", "b"]}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        pytest.param(ATTRS | {"attrs": np.zeros((19, 2))}, "20 rows.*(19, 2)", id="attrs"),
        pytest.param(ATTRS | {"attr_names": ["a"]}, "1 columns.*(20, 2)", id="attr_names"),
        pytest.param(ATTRS | {"attr_names": "a"}, "attr_names must be a list", id="one name"),
        pytest.param(ATTRS | {"attr_names": ["a", "A "]}, "two .* called 'a'", id="doubled"),
        pytest.param({"Hat": np.zeros(20), "hat": np.zeros(20)}, "called 'hat'", id="spellings"),
        pytest.param(ATTRS | {"split": ["train"] * 19}, "split must .* each of 20", id="split"),
        pytest.param(ATTRS | {"group": np.zeros((20, 2))}, "group must .* each of 20", id="group"),
        pytest.param(ATTRS | {"filenames": ["a"]}, "filenames must .* each of 20", id="filenames"),
        pytest.param(
            {"label": np.zeros(20), "label_names": ["x"]}, "label must be whole", id="no codes"
        ),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(path, images, arrays, message):
    np.savez(path, images=images, **arrays)
    with pytest.raises(DataError, match=f"things.npz: .*{message}"):
        npz_source(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"offsets": np.int64(3)}, "offsets must be whole", id="one number"),
        pytest.param({"offsets": np.zeros(21)}, "offsets must be whole", id="floats"),
        pytest.param({"offsets": np.arange(21)[::-1]}, "offsets must ascend", id="descending"),
        pytest.param({"offsets": np.arange(21) * 10**6}, "offsets must ascend", id="too far"),
        pytest.param({"jpeg": np.zeros(9, np.int16)}, "jpeg must be uint8", id="no bytes"),
    ],
)
def test_packed_files_that_cannot_be_taken_apart_are_refused(path, images, change, message):
    np.savez(path, **packed(images) | change, label=np.arange(ROWS) % 2)
    with pytest.raises(DataError, match=message):
        npz_source(path)


def test_texts_may_be_bytes(path, images):
    odd = np.arange(ROWS) % 2
    texts = {"hair": np.array([b"red", b"black"])[odd], "split": np.array([b"train"] * ROWS)}
    np.savez(path, images=images, filenames=np.array([b"a"] * ROWS), **texts)
    data = open_dataset(path, size=8, strict=True)
    assert data.schema["hair"].levels == ("black", "red")
    assert len(data.rows("train")) == ROWS
    np.savez(path, images=images, attrs=odd[:, None], attr_names=[b"Odd"])
    assert list(npz_source(path).table) == ["odd"]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("layout", ["arrays", "packed"])
def test_a_data_set_may_be_larger_than_memory(path, rng, save, layout):
    images = rng.integers(0, 256, (300, 128, 128, 3), np.uint8)
    pictures = {"images": images} if layout == "arrays" else packed(images)
    save(path, **pictures, hat=np.arange(300) % 2)
    tracemalloc.start()
    open_dataset(path, size=8)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < images.nbytes / 2


def test_a_file_that_is_no_npz(path):
    path.write_text("hello")
    with pytest.raises(DataError, match="cannot be read as npz"):
        npz_source(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "splits"),
    [
        ("wbcatt/wbcatt64_jpeg.npz", 10_298, (6169, 1030, 3099)),
        ("driving/driving64_jpeg.npz", 3_000, (2400, 300, 300)),
        ("pneumoniamnist/pneumoniamnist.npz", 5_856, (4708, 524, 624)),
    ],
)
def test_real_files_hold_what_their_authors_say(shared, name, rows, splits):
    source = with_roles(npz_source(shared / name), Roles(), ())
    assert len(source.pictures.names) == rows
    assert source.pictures.picture(rows - 1).size in {(64, 64), (28, 28)}
    assert (
        source.split is None
        or tuple(
            sum(np.isin(source.split, words))
            for words in (["train"], ["val", "validation"], ["test"])
        )
        == splits
    )
