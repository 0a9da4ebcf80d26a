"""An attribute may be named by whatever its schema answers to; explanations then say its name."""

import copy

import numpy as np
import pytest

from interpretable_gan.explain import (
    edit,
    explain_attribute,
    explain_decision,
    explain_discovered,
    explain_reading,
    fit_target,
)
from interpretable_gan.explain.strips import draw_strips
from interpretable_gan.schema.schema import Schema

ALIAS = "warm light"


@pytest.fixture
def called(model, monkeypatch):
    """The model, whose d01 is called warm light."""
    own = Schema.__getitem__
    monkeypatch.setattr(
        Schema, "__getitem__", lambda schema, name: own(schema, "d01" if name == ALIAS else name)
    )
    called = copy.copy(model)
    d01 = model.schema["d01"].model_copy(update={"alias": ALIAS})
    attributes = [d01 if each.name == "d01" else each for each in model.schema.attributes]
    called.schema = Schema(name=model.schema.name, attributes=tuple(attributes))
    return called


def test_a_reading_and_a_map(called, images):
    found, same = (explain_reading(called, images, name) for name in (ALIAS, "d01"))
    assert np.array_equal(found.reading, same.reading)
    decision = explain_decision(called, images)
    assert np.array_equal(decision.map(ALIAS), decision.map("d01"))


def test_an_edit(called, images):
    found, same = (edit(called, images[:2], {name: 1}, steps=0) for name in (ALIAS, "d01"))
    assert found.wanted == ("d01",)
    assert np.array_equal(found.edited, same.edited)
    assert "Asked for warm light 1" in found.sentence()


def test_what_an_attribute_does_and_what_it_is(called, world):
    found, same = (explain_attribute(called, name, samples=2) for name in (ALIAS, "d01"))
    assert found.footprint == same.footprint
    assert np.array_equal(found.strips, same.strips)
    found, same = (explain_discovered(called, world.data, n, samples=2) for n in (ALIAS, "d01"))
    assert found.sentence() == same.sentence()
    assert np.array_equal(found.strips, same.strips)


def test_strips(called):
    code, style = called.codes(2), called.styles(2)
    found, same = (draw_strips(called, name, code, style) for name in (ALIAS, "d01"))
    assert np.array_equal(found, same)


def test_a_curve(called, world):
    head = fit_target(called, world.data, "smiling")
    assert np.array_equal(head.curve(ALIAS)[1], head.curve("d01")[1])
