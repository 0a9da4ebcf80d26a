"""Directions are proposed in an order: those that hold and are new before those that do not."""

import numpy as np
import pytest

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain import candidates
from interpretable_gan.explain.candidates import Candidate, rank_discovered, told_by
from interpretable_gan.explain.discovered import Correlation
from interpretable_gan.schema.attribute import Attribute


@pytest.fixture(scope="module")
def model(world):
    return world.run.model()


def a_candidate(**fields):
    """One that is obeyed, new and found again, but for what is said."""
    usual = {
        "attribute": Attribute(name="d00", kind="continuous", range=(-1, 1), source="discovered"),
        "highest": (0,), "lowest": (1,), "obeyed": 0.9, "obeyed_interval": (0.8, 1.0), "told": 0.1,
        "closest": "hat", "correlation": Correlation(0.3, 0.2, 0.4, 50), "again": (0.9, 0.8),
    }  # fmt: skip
    return Candidate(**usual | fields)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"obeyed": 0.5}, id="not obeyed"),
        pytest.param({"obeyed": 0.2}, id="obeyed the other way round"),
        pytest.param({"told": 1.0}, id="all told by names"),
        pytest.param({"again": (0.9, 0.0)}, id="not in each other run"),
    ],
)
def test_what_does_not_hold_or_is_not_new_is_worth_no_time(fields):
    assert a_candidate(**fields).worth == pytest.approx(0)
    assert a_candidate().worth == pytest.approx(0.8 * 0.9 * 0.8)


def test_what_named_attributes_tell_has_known_answers(rng):
    named = rng.normal(size=(400, 5)) * [1, 10, 0.1, 1, 0]
    assert told_by(named, named @ [1, -2, 30, 0, 0] + 4) > 0.99
    assert told_by(named, rng.normal(size=400)) < 0.05
    assert told_by(named, named[:, 0] + rng.normal(size=400)) == pytest.approx(0.5, abs=0.1)
    assert told_by(named, np.ones(400)) == 0


def test_a_run_that_is_the_same_finds_all_again_and_the_order_is_that_of_worth(model, world):
    found = rank_discovered(model, world.data, also=[model], samples=16)
    assert [each.again for each in found.ranked] == [(pytest.approx(1),)] * 2
    worths = [row["worth"] for row in found.to_rows()]
    assert worths == sorted(worths, reverse=True)
    assert found.sentence().startswith(f"Look at {found.ranked[0].attribute.name} first")
    assert found.plot(world.data).width > 500
    held_out = {*world.data.rows("validation"), *world.data.rows("test")}
    assert held_out.issuperset(found.ranked[0].highest)


def test_the_examples_are_the_ends_of_the_reading(model, world):
    rows = np.arange(60)
    (first, _) = rank_discovered(model, world.data, rows=rows, samples=2).ranked
    column = model.schema.slices[first.attribute.name].start
    read = model.read(world.data.batch(rows)[0])[:, column].numpy()
    assert first.highest[0] == read.argmax()
    assert first.lowest[0] == read.argmin()


def test_what_cannot_be_compared_is_refused(model, world, monkeypatch):
    with pytest.raises(DataError, match="3 images are too few"):
        rank_discovered(model, world.data, rows=np.arange(3))
    monkeypatch.setattr(model, "schema", model.schema.with_discovered(0))
    with pytest.raises(SchemaError, match="nothing was discovered"):
        candidates.rank_discovered(model, world.data)
