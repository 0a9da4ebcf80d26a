"""CelebA's schema is the official list, in words."""

from __future__ import annotations

from interpretable_gan.schema.celeba import celeba_schema


def test_the_forty_official_attributes_in_their_order():
    schema = celeba_schema()
    assert len(schema.names) == schema.columns == 40
    assert schema.names[0] == "5_o_clock_shadow"
    assert schema.names[31] == "smiling"
    assert schema.names[39] == "young"
    assert schema.names == tuple(sorted(schema.names))


def test_every_attribute_is_described_and_grouped():
    assert all(attribute.description and attribute.group for attribute in celeba_schema().named)


def test_colours_may_not_be_changed():
    assert celeba_schema().augmentations == ("flip", "translate")
