"""A table may spell the names of its images as people do, and each still means one file."""

from __future__ import annotations

import os
import shutil

import pytest

from interpretable_gan.data.file_names import Folder
from interpretable_gan.data.image_folder import image_folder_source
from interpretable_gan.data.open import open_dataset
from interpretable_gan.errors import DataError


@pytest.fixture
def names(folder):
    return [f"images/{i:02d}.png" for i in range(20)]


@pytest.fixture
def found(folder, write_table):
    """The files that a table with these names finds, and what is remarked and noted."""

    def find(names, header="file_name"):
        rows = [(name, i % 2) for i, name in enumerate(names)]
        source = image_folder_source(write_table(folder / "metadata.csv", (header, "odd"), rows))
        assert source.table["odd"] == [str(i % 2) for i in range(len(source.pictures.names))]
        return source.pictures.names, source.intake.remarks

    return find


@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(lambda name, root: f"./{name}", id="a point before"),
        pytest.param(lambda name, root: f"images/../{name}", id="up and down"),
        pytest.param(lambda name, root: f" {name} ", id="blanks"),
        pytest.param(lambda name, root: name.replace("/", "\\"), id="backslashes"),
        pytest.param(lambda name, root: str(root / name), id="absolute"),
        pytest.param(lambda name, root: f"file://{root / name}", id="file URL"),
        pytest.param(lambda name, root: name.removeprefix("images/"), id="bare"),
    ],
)
def test_names_that_mean_the_same_need_no_word(folder, names, found, spell):
    assert found([spell(name, folder) for name in names]) == (names, [])


@pytest.mark.parametrize(
    ("spell", "how"),
    [
        pytest.param(lambda n: n.removesuffix(".png"), "without suffix", id="no suffix"),
        pytest.param(lambda n: n[7:9], "without suffix", id="bare number"),
        pytest.param(lambda n: n.upper(), "whatever their case", id="upper case"),
        pytest.param(lambda n: f"things/{n}", "read without things/", id="seen from above"),
        pytest.param(lambda n: f"/home/b/x/{n}", "read without /home/b/x/", id="other machine"),
        pytest.param(lambda n: f"C:\\x\\{n[7:]}", "read without C:/x/", id="Windows"),
        pytest.param(lambda n: f"https://x.org/a%20b/{n}?v=1", "without /a b/", id="URL"),
        pytest.param(lambda n: f"{n[8]}/{n[7:]}", "without their folders", id="flattened"),
    ],
)
def test_names_that_were_true_elsewhere_are_found_and_that_is_said(names, found, spell, how):
    files, (remark,) = found(list(map(spell, names)))
    assert files == names
    assert how in remark


def test_names_from_a_folder_below_are_found_and_that_is_said(folder, names, found):
    (folder / "deep").mkdir()
    (folder / "images").rename(folder / "deep" / "images")
    deep = [f"deep/{name}" for name in names]
    assert found(names) == (deep, ["file names: read below deep/"])


def test_images_in_a_linked_folder_are_found(folder, names, found, tmp_path):
    (folder / "images").rename(tmp_path / "store")
    (folder / "images").symlink_to(tmp_path / "store")
    assert found(names) == (names, [])
    assert found([str(tmp_path / "store" / name[7:]) for name in names]) == (names, [])


def test_a_folder_that_is_linked_is_the_folder(folder, names, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    inside = [str(folder / name) for name in names]
    assert Folder(tmp_path / "link").find(inside).files == names


def test_links_in_a_circle_end(folder, names):
    (folder / "images" / "again").symlink_to(folder)
    assert Folder(folder).files == [*names, "metadata.csv"]


def test_hidden_folders_hold_no_images(folder, names):
    shutil.copytree(folder / "images", folder / ".ipynb_checkpoints")
    assert Folder(folder).images == names


def test_composed_and_decomposed_letters_are_one_name(folder, names, found):
    os.rename(folder / names[0], folder / "images" / "gru\u0308n.png")
    files, remarks = found(["images/gr\u00fcn.png", *names[1:]])
    assert files == ["images/gru\u0308n.png", *names[1:]]
    assert not remarks


def test_a_name_that_two_files_could_have_is_not_chosen(folder, write_image):
    for name in ("images/A.png", "images/a.PNG", "images/b.png", "images/b.jpg"):
        write_image(folder / name)
    assert Folder(folder).find(["images/a.png", "images/b", "images/A.png"]).files == [
        None,
        None,
        "images/A.png",
    ]


def test_missing_images_are_not_replaced_by_others_of_the_same_name(folder, names, found):
    (folder / "b").mkdir()
    (folder / "images" / "19.png").rename(folder / "b" / "19.png")
    files, _ = found(names)
    assert files == names[:-1]


def test_labels_are_not_taken_for_names_of_images(folder, write_table):
    for i in range(20):
        (folder / "images" / f"{i:02d}.png").rename(folder / "images" / f"{i}.png")
    rows = [(i % 2, f"/elsewhere/{i}.png") for i in range(20)]
    write_table(folder / "metadata.csv", ("odd", "where"), rows)
    assert image_folder_source(folder / "metadata.csv").columns == {"file": "where"}


def test_labels_like_names_of_images_do_not_hide_that_no_column_names_them(folder, write_table):
    (folder / "images" / "01.png").rename(folder / "images" / "1.png")
    table = write_table(folder / "t.csv", ("what", "odd"), [(f"x{i}.png", 1) for i in range(20)])
    with pytest.raises(DataError, match=r"says 'x0.png', and the folder has 'images/00.png'"):
        image_folder_source(table)


@pytest.mark.parametrize("suffix", [".png", ""])
def test_a_table_without_header_loses_no_image_in_silence(folder, write_table, suffix):
    rows = [(f"images/{i:02d}{suffix}", i % 2, i // 10 + 2) for i in range(20)]
    write_table(folder / "metadata.csv", rows[0], rows[1:])
    with pytest.raises(DataError, match=r"no header: .*image 'images/00.*file_name,smiling"):
        open_dataset(folder, size=8)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        pytest.param("file_name", "says 'x/a.png', and the folder has 'images/00.png'", id="usual"),
        pytest.param("hat", "The columns are hat, odd; expected one such as file_name", id="not"),
    ],
)
def test_names_of_no_image_are_compared_with_what_is_there(found, header, message):
    with pytest.raises(DataError, match=message):
        found(["x/a.png", "x/b.png"], header)


def test_a_folder_without_images_is_said(folder, names, found):
    shutil.rmtree(folder / "images")
    with pytest.raises(DataError, match="there is no image below"):
        found(names)


def test_the_usual_index_of_pandas_does_not_matter(folder, write_table):
    rows = [(3 * i, f"images/{i:02d}.png", i % 2) for i in range(20)]
    for index in ("", "Unnamed: 0"):
        write_table(folder / "metadata.csv", (index, "file_name", "odd"), rows)
        data = open_dataset(folder, size=8, strict=True)
        assert data.schema.names == ("odd",)
        assert any("it has no name in the first line" in r for r in data.report.remarks)


def test_names_may_be_the_index_of_pandas(folder, write_table):
    rows = [(f"images/{i:02d}.png", i % 2) for i in range(20)]
    write_table(folder / "metadata.csv", ("", "odd"), rows)
    assert len(open_dataset(folder, size=8, strict=True)) == 20
