"""Which column is what is decided by names and values, said in one line, and can be settled."""

from __future__ import annotations

import numpy as np
import pytest

from interpretable_gan.data.columns import sort_columns
from interpretable_gan.data.open import open_dataset
from interpretable_gan.errors import DataError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema

ROWS = 20
PARTS = ["Train"] * 12 + ["val"] * 4 + ["TEST"] * 4
PATIENTS = [f"p{i // 2}" for i in range(ROWS)]
ODD = [i % 2 for i in range(ROWS)]


@pytest.fixture
def opened(folder, write_table):
    """The folder's images with these columns beside their names."""

    def open_with(columns, **options):
        names = [f"images/{i:02d}.png" for i in range(ROWS)]
        rows = zip(names, *columns.values(), strict=True)
        write_table(folder / "metadata.csv", ("File Name", *columns), rows)
        return open_dataset(folder, size=8, **options)

    return open_with


def test_one_line_says_which_column_is_what(opened):
    data = opened({"Split": PARTS, "Patient ID": PATIENTS, "dog": ODD})
    assert data.report.columns == (
        "file: File Name · split: Split · group: Patient ID · attributes: dog"
    )
    assert data.report.columns in str(data.report)
    assert [len(rows) for rows in data.splits.values()] == [12, 4, 4]
    assert len(set(data.groups)) == 10


def test_the_line_names_a_dozen_attributes(opened):
    data = opened({f"a{i:02d}": ODD for i in range(15)})
    assert data.report.columns.endswith("a10, a11 and 3 more")


@pytest.mark.parametrize(
    ("columns", "split", "group"),
    [
        pytest.param({"split": PARTS}, "split", None, id="split"),
        pytest.param({"Partition": [0, 1, 2, 0] * 5}, "Partition", None, id="numbers by name"),
        pytest.param({"subset": PARTS}, "subset", None, id="words under another name"),
        pytest.param({"data_set": [0, 1, 2, 0] * 5}, None, None, id="numbers of another name"),
        pytest.param({"split": ["lip", "none"] * 10}, None, None, id="another split"),
        pytest.param({"fold": [0, 1, 2, 3] * 5}, None, None, id="folds"),
        pytest.param({"subject-id": PATIENTS}, None, "subject-id", id="identity"),
        pytest.param({"patientId": ODD}, None, "patientId", id="two patients"),
        pytest.param({"group": list(range(10)) * 2}, None, "group", id="group"),
        pytest.param({"person": ODD, "identity": PATIENTS}, None, "identity", id="surest first"),
        pytest.param({"person": ODD}, None, None, id="a person is in sight"),
        pytest.param({"Group": ["control", "treated"] * 10}, None, None, id="two kinds"),
        pytest.param({"train": ODD}, None, None, id="a railway"),
    ],
)
def test_names_and_values_decide(columns, split, group):
    found = sort_columns(columns, Roles(), ())
    assert (found.split, found.group) == (split, group)


def test_a_person_beside_a_dog_is_an_attribute_and_the_doubt_is_said(opened):
    data = opened({"person": ODD, "dog": [i // 10 for i in range(ROWS)]})
    assert data.schema.names == ("person", "dog")
    assert data.groups is None
    assert [len(rows) for rows in data.splits.values()] == [16, 2, 2]
    assert any(
        r.startswith("person: an attribute, as it is only 0 or 1") for r in data.report.remarks
    )


def test_a_few_groups_are_said(opened):
    data = opened({"group": [i % 4 for i in range(ROWS)], "dog": ODD})
    assert len(set(data.groups)) == 4
    assert any("--group none" in remark for remark in data.report.remarks)
    assert opened(
        {"group": [i % 4 for i in range(ROWS)], "dog": ODD}, roles=Roles(group="none")
    ).schema.names == ("group", "dog")


def test_what_somebody_says_is_done_and_stays_with_the_schema(opened):
    columns = {
        "person": PATIENTS,
        "sitter": [i // 4 for i in range(ROWS)],
        "part": [0, 1, 2, 0] * 5,
        "dog": ODD,
    }
    data = opened(columns, roles=Roles(split="Part", group="sitter"))
    assert data.report.columns.startswith("file: File Name · split: part · group: sitter")
    again = opened(columns, schema=data.schema)
    np.testing.assert_array_equal(again.groups, data.groups)
    np.testing.assert_array_equal(again.rows("test"), data.rows("test"))


def test_a_second_group_or_split_is_no_attribute(opened):
    data = opened(
        {
            "split": PARTS,
            "partition": [0, 1, 2, 0] * 5,
            "patient_id": PATIENTS,
            "identity": PATIENTS,
            "dog": ODD,
        }
    )
    assert data.schema.names == ("dog",)
    assert sum("says nothing of an example" in remark for remark in data.report.remarks) == 2


def test_an_attribute_of_the_schema_is_no_group(opened):
    schema = Schema(
        name="x", attributes=(Attribute(name="group", kind="categorical", levels=tuple("0123")),)
    )
    data = opened({"group": [i % 4 for i in range(ROWS)]}, schema=schema)
    assert data.groups is None
    with pytest.raises(DataError, match="'group' cannot be the group and an attribute"):
        opened({"group": [i % 4 for i in range(ROWS)]}, schema=schema, roles=Roles(group="group"))


def test_a_column_that_is_not_there_is_told(opened):
    with pytest.raises(
        DataError, match=r"no column 'patint' for the group\. Did you mean 'patient'"
    ):
        opened({"patient": PATIENTS, "dog": ODD}, roles=Roles(group="patint"))


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        pytest.param(
            {"split": ["train"] * ROWS}, "no validation and no test images", id="all train"
        ),
        pytest.param({"split": ["train", "test"] * 10}, "no validation images: the data", id="two"),
        pytest.param({"patient_id": ODD}, "2 groups cannot fill three splits", id="two groups"),
    ],
)
def test_missing_splits_are_said_plainly(opened, columns, sentence):
    data = opened({**columns, "dog": [i % 3 % 2 for i in range(ROWS)]})
    (remark,) = [r for r in data.report.remarks if r.startswith("no ")]
    assert sentence in remark
    assert "nothing can be measured on images that were not trained on" in remark


def test_without_training_images_that_is_said(opened):
    data = opened({"split": ["test"] * ROWS, "dog": ODD})
    assert any("nothing can be trained" in remark for remark in data.report.remarks)


def test_attributes_that_only_a_test_image_has_are_left_out(opened):
    parts = ["train"] * 16 + ["test"] * 4
    data = opened(
        {"split": parts, "dog": ODD, "cat": [0] * 19 + [1], "cow": [""] * 16 + [0, 1] * 2}
    )
    assert data.schema.names == ("dog",)
    assert "cat: left out, constant among the training images, always off" in data.report.remarks
    assert "cow: left out, no training image has a label" in data.report.remarks


def test_arrays_of_an_npz_file_are_sorted_alike(tmp_path):
    images = np.zeros((ROWS, 8, 8), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, person=ODD, dog=ODD, Split=PARTS, patient=PATIENTS)
    data = open_dataset(tmp_path / "a.npz", size=8)
    assert data.report.columns == "split: split · group: patient · attributes: person, dog"
