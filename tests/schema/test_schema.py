"""Names in, names out: only the schema knows columns."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from interpretable_gan import schema as room
from interpretable_gan.errors import SchemaError, UnknownAttributeError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SMILING = Attribute(name="smiling", group="mouth", description="corners up")
HAIR = Attribute(name="hair", kind="categorical", levels=("black", "blond"), group="head")
AGE = Attribute(name="age", kind="continuous", range=(0, 100), unit="years", scope="global")
FACES = Schema(name="faces", attributes=(SMILING, HAIR, AGE), target="age")


def test_columns_follow_the_attributes():
    assert FACES.names == ("smiling", "hair", "age")
    assert FACES.columns == FACES.named_columns == 4
    assert FACES.slices == {"smiling": slice(0, 1), "hair": slice(1, 3), "age": slice(3, 4)}
    assert FACES.groups == {"mouth": ("smiling",), "head": ("hair",), "": ("age",)}


def test_a_table_is_packed_with_a_mask():
    code, known = FACES.pack({"hair": ["blond", None], "smiling": [1, 0]})
    np.testing.assert_array_equal(code, [[1, -1, 1, 0], [-1, 0, 0, 0]])
    np.testing.assert_array_equal(known, [[1, 1, 1, 0], [1, 0, 0, 0]])
    assert code.dtype == np.float32
    assert known.dtype == bool


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        pytest.param({"smilling": [1]}, UnknownAttributeError, "mean 'smiling'", id="typo"),
        pytest.param(
            {"hair": ["black", "blnd"]}, SchemaError, "row 1: attribute 'hair'.*'blond'", id="level"
        ),
        pytest.param({"age": [1], "smiling": [1, 0]}, SchemaError, "different len", id="ragged"),
    ],
)
def test_labels_that_do_not_fit_are_refused(table, error, message):
    with pytest.raises(error, match=message):
        FACES.pack(table)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1]), st.sampled_from(HAIR.levels), st.floats(0, 100)),
        min_size=1,
    )
)
def test_reading_gives_back_what_was_packed(rows):
    smiling, hair, age = zip(*rows, strict=True)
    code, known = FACES.pack({"smiling": smiling, "hair": hair, "age": age})
    read = FACES.read(code)
    assert known.all()
    assert read["smiling"].tolist() == list(smiling)
    assert read["hair"].tolist() == list(hair)
    np.testing.assert_allclose(read["age"], age, atol=1e-4)


@pytest.mark.parametrize("library", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
def test_replacing_changes_only_what_was_named(library):
    code = library(np.zeros((2, 4), np.float32))
    changed = FACES.replace(code, {"hair": "blond", "age": [25, 75]})
    assert type(changed) is type(code)
    assert changed.tolist() == [[0, -1, 1, -0.5], [0, -1, 1, 0.5]]
    assert not code.any()


@pytest.mark.parametrize(
    "values",
    [[1, 0], (True, False), np.array([1, 0]), torch.tensor([1.0, 0.0]), ["yes", "no"]],
    ids=["list", "tuple", "numpy", "torch", "words"],
)
def test_one_value_per_row_in_any_sequence(values):
    changed = FACES.replace(torch.zeros(2, 4), {"smiling": values})
    assert changed[:, 0].tolist() == [1, -1]


@pytest.mark.parametrize("value", [0.75, np.float32(0.75), torch.tensor(0.75), np.array(0.75)])
def test_one_value_for_all_rows(value):
    assert FACES.replace(torch.zeros(2, 4), {"smiling": value})[:, 0].tolist() == [0.5, 0.5]


def test_parts_can_be_put_back():
    code = torch.rand(3, 4)
    parts = FACES.unpack(code)
    assert {name: tuple(part.shape) for name, part in parts.items()} == {
        "smiling": (3, 1),
        "hair": (3, 2),
        "age": (3, 1),
    }
    torch.testing.assert_close(FACES.replace(torch.zeros(3, 4), parts), code)


def test_gradients_flow_through_a_replacement():
    code = torch.zeros(2, 4, requires_grad=True)
    FACES.replace(code, {"smiling": 1}).sum().backward()
    assert code.grad.tolist() == [[0, 1, 1, 1]] * 2


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        pytest.param({"smilling": 1}, UnknownAttributeError, "Did you mean 'smiling'", id="typo"),
        pytest.param({"d00": 0}, UnknownAttributeError, "no attribute 'd00'", id="not in the code"),
        pytest.param({"age": 101}, SchemaError, "0 to 100 years", id="out of range"),
        pytest.param({"age": [1, 2, 3]}, SchemaError, "3 values for 2 rows", id="too many"),
        pytest.param({"age": np.zeros((2, 2))}, SchemaError, r"shape \(2, 1\)", id="too wide"),
    ],
)
def test_changes_that_cannot_be_made_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        FACES.with_discovered(1).replace(np.zeros((2, 4), np.float32), changes)


def test_a_discovered_attribute_goes_by_its_alias():
    found = FACES.with_discovered(2)
    light = found.attributes[-1].model_copy(update={"alias": "warm light"})
    lit = found.model_copy(update={"attributes": (*found.attributes[:-1], light)})
    code = np.zeros((1, 6), np.float32)
    assert lit["warm light"] is lit["d01"]
    np.testing.assert_array_equal(
        lit.replace(code, {"warm light": 1.0}), lit.replace(code, {"d01": 1.0})
    )
    with pytest.raises(UnknownAttributeError, match="warm light"):
        lit.replace(code[:, :4], {"warm light": 1.0})  # a code without what was discovered
    with pytest.raises(UnknownAttributeError, match="warm light"):
        lit.pack({"warm light": [1]})


def test_a_code_of_another_schema_is_refused():
    with pytest.raises(SchemaError, match=r"4 columns .* got shape \(2, 7\)"):
        FACES.unpack(np.zeros((2, 7)))


def test_discovered_attributes_stand_behind_the_named_ones():
    schema = FACES.with_discovered(12)
    assert schema.names[-1] == "d11"
    assert (schema.columns, schema.named_columns) == (16, 4)
    assert schema.named == FACES.attributes
    assert len(schema.discovered) == 12
    assert schema.with_discovered(0) == FACES
    code = schema.replace(np.zeros((1, 16), np.float32), {"d11": 1})
    assert code[0].tolist() == [0] * 15 + [1]
    assert set(schema.unpack(code[:, :4])) == set(FACES.names)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"attributes": ()}, "at least 1 item", id="empty"),
        pytest.param({"attributes": (AGE, AGE)}, "'age' is listed twice", id="doubled"),
        pytest.param(
            {"attributes": (AGE,), "target": "agee"},
            "target 'agee'.*Did you mean 'age'",
            id="target",
        ),
        pytest.param(
            {"attributes": (AGE, {"name": "hat", "kind": "bin"})}, "attribute 'hat'", id="nested"
        ),
        pytest.param({"attributes": (AGE,), "augmentations": ("spin",)}, "'flip'", id="no such"),
        pytest.param(
            {"attributes": (Attribute(name="d00", source="discovered"), AGE)},
            "after the named",
            id="order",
        ),
    ],
)
def test_nonsense_is_refused(fields, message):
    with pytest.raises(SchemaError, match=f"schema 'bad'.*{message}"):
        Schema(name="bad", **fields)


NINES = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
LAUGHS = "\n".join(["a0: &a0 [lol]", *NINES, "name: *a9"])
"""Eleven lines of YAML that unfold to 400 million values."""


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_files_say_the_same(tmp_path, suffix):
    schema = FACES.with_discovered(3)
    path = tmp_path / f"schema.{suffix}"
    schema.save(path)
    assert Schema.load(path) == schema
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_written_by_hand_needs_only_names(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_text("name: mine\nattributes: [{name: hat}, {name: head_turn}]\n")
    schema = Schema.load(path)
    assert schema["hat"].kind == "binary"
    assert schema.augmentations == ("translate", "color")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("a.yaml", "a: [", "cannot be read as a schema", id="no YAML"),
        pytest.param("a.json", "{", "cannot be read as a schema", id="no JSON"),
        pytest.param("a.yaml", "hello", "holds no schema", id="just text"),
        pytest.param("a.yaml", "name: x", "attributes: Field required", id="no attributes"),
        pytest.param("a.yaml", "!!int ''", "cannot be read as a schema", id="no number"),
        pytest.param("a.yaml", "!!bool perhaps", "cannot be read as a schema", id="no boolean"),
        pytest.param("a.yaml", "!!timestamp now", "cannot be read as a schema", id="no time"),
        pytest.param("a.yaml", "[" * 5000, "nested more than 50 deep", id="endless nesting"),
        pytest.param("a.yaml", LAUGHS, "aliases unfold to more than", id="a billion laughs"),
        pytest.param("a.yaml", "name: &a [*a]", "aliases unfold to more than", id="within itself"),
        pytest.param("a.json", "[" * 10**5, "cannot be read as a schema", id="endless JSON"),
        pytest.param("a.yaml", "{1: 2}", "name is no text, but a number", id="a numbered field"),
        pytest.param("a.yaml", "{name: x, attributes: [{self: 1}]}", "None: name", id="no name"),
        pytest.param("a.txt", "", "ends in .yaml", id="another ending"),
    ],
)
def test_a_file_that_is_no_schema_is_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(SchemaError, match=f"{name}.*{message}"):
        Schema.load(tmp_path / name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=5,
)
FIELDS = ["name", "kind", "levels", "range", "unit", "group", "source"]
ATTRIBUTES = st.dictionaries(st.sampled_from(FIELDS), VALUES | st.just("categorical"))


@settings(max_examples=50)
@given(st.fixed_dictionaries({"name": VALUES, "attributes": VALUES | st.lists(ATTRIBUTES)}))
def test_any_file_is_a_schema_or_a_schema_error(tmp_path_factory, fields):
    path = tmp_path_factory.getbasetemp() / "any_schema.yaml"
    path.write_text(yaml.safe_dump(fields))
    try:
        schema = Schema.load(path)
    except SchemaError as error:
        assert str(path) in str(error)  # noqa: PT017
    else:
        schema.save(path)
        assert Schema.load(path) == schema


def test_the_stated_augmentations_win_over_the_words():
    schema = Schema(name="x", attributes=(Attribute(name="left"),), augmentations=("flip",))
    assert schema.augmentations == ("flip",)


def test_a_schema_travels_to_a_worker():
    assert pickle.loads(pickle.dumps(FACES)) == FACES


def test_the_room_does_not_import_torch():
    code = (
        "import sys, interpretable_gan.schema.schema, interpretable_gan.schema.inference;"
        "print(sorted({'torch', 'scipy', 'sklearn', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_public_names_load_on_first_use():
    assert room.Schema is Schema
    assert set(dir(room)) == set(room.PUBLIC)
    assert all(callable(getattr(room, name)) for name in room.PUBLIC)
    with pytest.raises(AttributeError, match="no attribute 'Shema'"):
        _ = room.Shema
