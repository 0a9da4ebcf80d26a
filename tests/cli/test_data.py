"""Looking at data, decoding it, drawing it."""

import csv

import numpy as np
from PIL import Image

from interpretable_gan.data.open import open_dataset
from interpretable_gan.data.portraits import dataset
from interpretable_gan.semantics.schema import Schema


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


def test_prepare_decodes_once(folder, igan):
    first = igan("data", "prepare", folder, "--size", 16)
    assert "40 of 40" in first.err
    assert igan("data", "prepare", folder, "--size", 16, "-q").err == ""
    assert first.out.strip().endswith(".npy")
    assert "reading" not in igan("data", "prepare", folder, "--size", 16).err


def test_portraits_do_not_replace_a_folder_unasked(folder, igan):
    refused = igan("data", "portraits", "--out", folder, "--n", 10, "--size", 16)
    assert refused.code == 2
    assert len(list((folder / "images").iterdir())) == 40
    assert igan("data", "portraits", "--out", folder, "--n", 10, "--force").code == 0
    with Image.open(folder / "images" / "000000.png") as image:
        assert image.size == (64, 64)
