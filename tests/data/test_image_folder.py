"""A folder and a table: what is named is used, what is wrong is counted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from interpretable_gan.data.image_folder import find_table, image_folder_source, unambiguous_rows
from interpretable_gan.data.intake import Intake
from interpretable_gan.data.open import open_dataset
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema


def found(data):
    return data.report.to_dict()["found"]


def test_a_healthy_folder_opens_without_a_word(folder):
    data = open_dataset(folder, size=8, strict=True)
    assert data.name == "things"
    assert data.images[:, 0, 0, 0].tolist() == list(range(0, 200, 10))
    assert data.schema.read(data.codes)["dark"].tolist() == [1, 0] * 10
    assert data.schema.read(data.codes)["red"].tolist() == ["low"] * 10 + ["high"] * 10
    assert data.known.all()
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 16,
        "validation": 2,
        "test": 2,
    }
    assert not found(data)


def test_hidden_copies_are_left_out_and_said(folder, write_image, write_table):
    write_image(folder / "images" / ".ipynb_checkpoints" / "03.png", (250, 250, 250))
    write_image(folder / "images" / "._04.png", (250, 250, 250))
    rows = [(f"{i:02d}.png", (i + 1) % 2, ["low", "high"][i // 10]) for i in range(20)]
    write_table(folder / "metadata.csv", ("file_name", "dark", "red"), rows)
    data = open_dataset(folder, size=8, strict=True)
    assert data.images[:, 0, 0, 0].tolist() == list(range(0, 200, 10))
    said = "hidden files and folders are left out: images/._04.png, and 1 more"
    assert said in data.report.remarks


def test_every_fault_is_counted_and_named(folder, write_image, write_table):
    images = folder / "images"
    (images / "00.png").write_bytes(b"")
    (images / "01.png").write_bytes((images / "01.png").read_bytes()[:50])
    (images / "02.png").write_text("not a picture")
    (images / "03.png").unlink()
    write_image(images / "04.png", mode="LA")
    write_image(images / "unlisted.png")
    (images / "notes.txt").write_text("by the photographer")
    rows = [(f"images/{i:02d}.png", (i + 1) % 2, "low" if i < 10 else "high") for i in range(20)]
    rows[5] = ("images/05.png", "nan", "low")
    rows[6] = ("images/06.png", 1, "lwo")
    rows += [rows[7], ("images/08.png", 0, "low")]
    write_table(folder / "metadata.csv", ("file_name", "dark", "red"), rows)
    schema = Schema(
        name="x",
        attributes=(
            Attribute(name="dark"),
            Attribute(name="red", kind="categorical", levels=("low", "high")),
        ),
    )
    data = open_dataset(folder, size=8, schema=schema)
    assert found(data) == {
        "empty file": {"images/00.png": 1},
        "truncated image": {"images/01.png": 1},
        "not an image": {"images/02.png": 1, "images/notes.txt": 1},
        "row without an image": {"images/03.png": 1},
        "other mode": {"images/04.png (LA)": 1},
        "missing label": {"dark": 1},
        "unreadable label": {"red 'lwo'": 1},
        "doubled row": {"images/07.png": 1},
        "contradicting rows": {"images/08.png": 2},
        "image without a row": {"images/08.png": 1, "images/unlisted.png": 1},
    }
    assert len(data) == data.report.kept == 15
    assert (~data.known).sum(axis=0).tolist() == [1, 1, 1]
    assert not data.codes[~data.known].any()
    with pytest.raises(DataError, match="strict stops at what cannot be used"):
        open_dataset(folder, size=8, schema=schema, strict=True)


def test_labels_stay_with_their_images_when_others_are_left_out(folder):
    (folder / "images" / "00.png").write_bytes(b"")
    data = open_dataset(folder, size=8)
    assert data.images[:, 0, 0, 0].tolist() == list(range(10, 200, 10))
    assert data.schema.read(data.codes)["dark"].tolist() == [0, *([1, 0] * 9)]


@pytest.mark.parametrize("name", ["metadata.jsonl", "labels.csv", "labels.parquet"])
def test_tables_of_each_kind_are_found(folder, name):
    rows = [{"image": f"{i:02d}.png", "big": i > 9, "group": i // 2} for i in range(20)]
    (folder / "metadata.csv").unlink()
    path = folder / name
    if name.endswith("jsonl"):
        path.write_text("\n".join(map(json.dumps, rows)))
    elif name.endswith("csv"):
        path.write_text(
            "\n".join(["image;big;group", *(";".join(map(str, r.values())) for r in rows)])
        )
    else:
        pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs the data extra")
        parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the data extra")
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    data = open_dataset(folder, size=8, strict=True)
    assert data.schema.names == ("big",)
    assert data.schema.read(data.codes)["big"].tolist() == [0] * 10 + [1] * 10
    assert len(np.unique(data.groups)) == 10
    parts = [set(data.groups[rows]) for rows in data.splits.values()]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_a_split_column_decides(folder, write_table):
    parts = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
    rows = [(f"images/{i:02d}.png", i % 2, parts[i]) for i in range(20)]
    write_table(folder / "metadata.csv", ("file_name", "odd", "split"), rows)
    data = open_dataset(folder, size=8)
    assert data.schema.names == ("odd",)
    assert data.rows("validation").tolist() == [12, 13, 14, 15]


def test_a_schema_beside_the_table_is_used(folder):
    Schema(name="mine", attributes=(Attribute(name="dark", description="little light"),)).save(
        folder / "schema.yaml"
    )
    assert open_dataset(folder, size=8).schema.name == "mine"


def test_a_schema_with_a_column_that_is_not_there_is_refused(folder):
    schema = Schema(name="mine", attributes=(Attribute(name="drak"),))
    with pytest.raises(DataError, match=r"no such column\. Did you mean 'dark'"):
        open_dataset(folder, size=8, schema=schema)


def test_columns_that_are_no_attribute_are_remarked(folder, write_table):
    rows = [(f"images/{i:02d}.png", i % 2, "Ann") for i in range(20)]
    write_table(folder / "metadata.csv", ("file_name", "odd", "author"), rows)
    data = open_dataset(folder, size=8, strict=True)
    assert data.report.remarks[0] == "author: left out, constant, always 'Ann'"


def test_a_table_of_other_files_is_refused(folder, write_table):
    table = write_table(folder / "metadata.csv", ("id", "hat"), [("a.png", 1)])
    with pytest.raises(DataError, match=r"no column holds names of images.*id, hat"):
        image_folder_source(table)


def test_several_tables_are_not_chosen_from(folder, write_table):
    write_table(folder / "more.csv", ("a",), [])
    assert find_table(folder) == folder / "metadata.csv"
    (folder / "metadata.csv").rename(folder / "labels.csv")
    with pytest.raises(DataError, match=r"several tables \(labels.csv, more.csv\)"):
        find_table(folder)


def test_names_that_lie_in_two_places_must_be_paths(folder, write_image, write_table):
    write_image(folder / "a" / "x.png", (1, 1, 1))
    write_image(folder / "b" / "x.png", (2, 2, 2))
    write_image(folder / "c" / "y.png", (3, 3, 3))
    write_table(
        folder / "metadata.csv",
        ("file", "k"),
        [("a/x.png", 0), ("b\\x.png", 1), ("x.png", 1), ("y.png", 1)],
    )
    source = image_folder_source(folder / "metadata.csv")
    assert source.pictures.names == ["a/x.png", "b/x.png", "c/y.png"]
    assert source.intake.found["row without an image"] == {"x.png": 1}


def test_equal_doubles_count_once_and_contradictions_not_at_all():
    intake = Intake("x")
    rows = [("a", 1), ("b", 1), ("a", 1), ("b", 2), ("c", 1), ("a", 1)]
    assert unambiguous_rows(rows, intake) == [("a", 1), ("c", 1)]
    assert intake.found == {"doubled row": {"a": 2}, "contradicting rows": {"b": 2}}


def test_one_image_under_two_names_is_doubled(folder, write_table):
    rows = [("images/00.png", 1), ("00.png", 0), ("images/01.png", 1), ("01.png", 1)]
    write_table(folder / "metadata.csv", ("file", "hat"), rows)
    source = image_folder_source(folder / "metadata.csv")
    assert source.pictures.names == ["images/01.png"]
    assert source.intake.found["contradicting rows"] == {"images/00.png": 2}


def test_names_without_attributes_are_refused(folder, write_table):
    write_table(folder / "metadata.csv", ("file",), [("images/00.png",)])
    with pytest.raises(DataError, match="can be an attribute: it has none"):
        open_dataset(folder, size=8)
