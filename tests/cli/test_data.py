"""Looking at data, decoding it, drawing it."""

import csv
import gzip
import os
import re

import numpy as np
import pytest
from PIL import Image

from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.portraits import dataset
from interpretable_gan.schema.schema import Schema


def test_drawn_portraits_come_back_as_the_data_set_they_were(folder):
    drawn, opened = dataset(size=16, count=40), open_dataset(folder, size=16)
    assert opened.schema == drawn.schema
    np.testing.assert_array_equal(opened.images, drawn.images)
    np.testing.assert_allclose(opened.codes, drawn.codes, atol=1e-4)
    assert opened.known.all()
    for name, rows in drawn.splits.items():
        np.testing.assert_array_equal(opened.splits[name], rows)


def test_inspect_tells_every_attribute_and_what_is_wrong(folder, igan):
    (folder / "images" / "000003.png").write_bytes(b"")
    told = igan("data", "inspect", folder, "--size", 16, "--json")
    assert told.json["images"] == 39
    assert told.json["report"]["found"] == {"empty file": {"images/000003.png": 1}}
    assert told.json["profile"]["frequencies"].keys() == set(dataset(count=10).schema.names)
    assert "empty file: 1, left out" in told.err
    assert "smiling" in igan("data", "inspect", folder, "--size", 16).out


def test_inspect_warns_of_a_rare_level(folder, igan):
    table = folder / "metadata.csv"
    with table.open(newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("smiling")
    for row in rows[1:]:
        row[column] = "1"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    told = igan("data", "inspect", folder, "--size", 16)
    assert "warning: smiling: constant, always on" in told.out
    assert re.search(r"hair_color: too few training labels .*, red \d+, ", told.out)
    assert "smiling: too few" not in told.out


def test_inspect_drafts_a_schema_where_there_is_none(folder, igan):
    (folder / "schema.yaml").unlink()
    assert igan("data", "inspect", folder, "--size", 16, "--out", "draft.yaml").code == 0
    drafted = Schema.load("draft.yaml")
    assert drafted["age"].kind == "continuous"
    assert set(drafted["hair_length"].levels) == {"short", "medium", "long"}
    again = igan("data", "inspect", folder, "--size", 16, "--out", "draft.yaml")
    assert again.code == 2
    assert "draft.yaml exists already" in again.err


def test_strict_stops_at_a_damaged_image(folder, igan):
    (folder / "images" / "000003.png").write_bytes(b"")
    done = igan("data", "prepare", folder, "--size", 16, "--strict")
    assert done.code == 1
    assert "strict" in done.err
    assert "images/000003.png" in done.err


def npz(path, **arrays):
    pictures = {"images": np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)}
    np.savez(path, **pictures, **arrays)


def cut(path):
    npz(path, hat=np.arange(60) % 2)
    path.write_bytes(path.read_bytes()[:-99])


def corrupt(path):
    npz(path, hat=np.arange(60) % 2)
    content = bytearray(path.read_bytes())
    content[2000:2050] = bytes(50)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "as npz", id="empty"),
        pytest.param(cut, "as npz", id="cut short"),
        pytest.param(corrupt, "'images' cannot be read", id="corrupt"),
        pytest.param(lambda path: npz(path, hat=np.zeros(59)), "no array", id="labels of others"),
        pytest.param(
            lambda path: npz(path, hat=np.zeros(60), split=["train"] * 59),
            "split",
            id="short split",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(igan, tmp_path, make, message):
    make(tmp_path / "things.npz")
    told = igan("data", "inspect", "things.npz", "--size", 8)
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("igan: things.npz")
    assert told.err.count("\n") == 1
    assert message in told.err


@pytest.mark.parametrize(
    "content",
    [b"", b"hat,hair\n", gzip.compress(b"file,hat\n" * 9)[:-9]],
    ids=["empty", "not packed", "cut off"],
)
def test_a_table_that_cannot_be_used_is_one_line(igan, tmp_path, content):
    (tmp_path / "t.csv.gz").write_bytes(content)
    told = igan("data", "inspect", "t.csv.gz", "--size", 8)
    assert (told.code, told.out, told.err.count("\n")) == (1, "", 1)
    assert told.err.startswith("igan: t.csv.gz")


def test_labels_of_another_number_of_images_stop_a_strict_look(igan, tmp_path):
    npz(tmp_path / "things.npz", hat=np.zeros(59), beard=np.arange(60) % 2)
    told = igan("data", "inspect", "things.npz", "--size", 8)
    assert told.code == 0
    assert "array of another length: 1, left out (hat (59 for 60 images))" in told.err
    assert igan("data", "inspect", "things.npz", "--size", 8, "--strict").code == 1


def test_file_names_that_are_no_text_can_be_told(folder, igan):
    with open(os.fsencode(folder / "images") + b"/\xff.png", "wb"):
        pass
    told = igan("data", "inspect", folder, "--size", 16, "--json")
    assert told.json["report"]["found"] == {"image without a row": {"images/\\udcff.png": 1}}


def test_prepare_decodes_once(folder, igan):
    first = igan("data", "prepare", folder, "--size", 16)
    assert "40 of 40" in first.err
    assert igan("data", "prepare", folder, "--size", 16, "-q").err == ""
    assert first.out.strip().endswith(".npy")
    assert "decoding" not in igan("data", "prepare", folder, "--size", 16).err


def test_portraits_do_not_replace_a_folder_unasked(folder, igan):
    refused = igan("data", "portraits", "--out", folder, "--n", 10, "--size", 16)
    assert refused.code == 2
    assert len(list((folder / "images").iterdir())) == 40
    assert igan("data", "portraits", "--out", folder, "--n", 10, "--force").code == 0
    with Image.open(folder / "images" / "000000.png") as image:
        assert image.size == (64, 64)


def test_inspect_says_which_column_is_what_and_takes_corrections(folder, igan):
    (folder / "schema.yaml").unlink()
    table = folder / "metadata.csv"
    with table.open(newline="") as file:
        header, *rows = csv.reader(file)
    with table.open("w", newline="") as file:
        sitters = [[*row, f"s{number // 2}"] for number, row in enumerate(rows)]
        csv.writer(file).writerows([[*header, "sitter"], *sitters])
    told = igan("data", "inspect", folder, "--size", 16)
    assert "file: file_name · split: split · attributes: smiling," in told.err
    options = ("--group", "Sitter", "--split-column", "none", "--out", "draft.yaml")
    told = igan("data", "inspect", folder, "--size", 16, *options)
    assert "file: file_name · group: sitter · attributes: smiling," in told.err
    assert Schema.load("draft.yaml").roles.group == "Sitter"
    again = igan("data", "inspect", folder, "--size", 16, "--schema", "draft.yaml", "--json")
    assert again.json["report"]["columns"].startswith("file: file_name · group: sitter")
    assert igan("data", "inspect", folder, "--group", "sittr").code == 1


def test_no_name_is_cut_in_a_pipe(folder, igan):
    name = "nuclear_cytoplasmic_ratio_of_the_largest_cell_that_the_slide_shows"
    for path in (folder / "metadata.csv", folder / "schema.yaml"):
        path.write_text(path.read_text().replace("smiling", name))
    told = igan("data", "inspect", folder, "--size", 16).out
    (line,) = (line for line in told.splitlines() if line.strip().startswith(name))
    assert "binary" in line
    assert "…" not in told
