"""Roles are named in a schema's file, and what one leaves open another may fill in."""

from __future__ import annotations

import pytest

from interpretable_gan.errors import SchemaError
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.roles import Roles
from interpretable_gan.schema.schema import Schema

HAT = Attribute(name="hat")


def test_roles_come_back_from_a_file_and_travel_with_discovered_attributes(tmp_path):
    schema = Schema(name="x", attributes=(HAT,), roles=Roles(group="sitter"))
    schema.save(tmp_path / "schema.yaml")
    assert "split" not in (tmp_path / "schema.yaml").read_text()
    assert Schema.load(tmp_path / "schema.yaml").roles == Roles(group="sitter")
    assert schema.with_discovered(2).roles == schema.roles


def test_a_schema_without_roles_does_not_speak_of_them(tmp_path):
    assert "roles" not in Schema(name="x", attributes=(HAT,)).to_dict()


def test_what_is_said_wins_over_what_was_said_before():
    before = Roles(split="part", group="sitter")
    assert Roles(group="none").over(before) == Roles(split="part", group="none")


def test_a_misspelt_role_is_told(tmp_path):
    path = tmp_path / "schema.yaml"
    path.write_text("name: x\nattributes: [{name: hat}]\nroles: {spilt: part}\n")
    with pytest.raises(SchemaError, match=r"has no field 'spilt'\. Did you mean 'split'"):
        Schema.load(path)
