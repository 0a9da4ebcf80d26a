"""Measures of parts, merged, are those of all images in one go."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pytest
from pyarrow import parquet

from interpretable_gan.audit.streamed import Tally
from interpretable_gan.data.intake import Intake
from interpretable_gan.explain.parts import data_parts
from interpretable_gan.explain.tables import Tables
from interpretable_gan.metrics.decision_shares import by_attribute
from interpretable_gan.metrics.readings import agreement


@pytest.fixture(scope="module")
def columns(world, tmp_path_factory):
    """The table of the training images, of which some labels are not known."""
    data = world.data
    data.known[::5, 0] = False
    parts = data_parts(data, "train")
    out = tmp_path_factory.mktemp("tables")
    tables = Tables(world.run, parts, out)
    assert tables.make(0, Intake(""))
    data.known[::5, 0] = True
    return parquet.read_table(tables.path(0)).to_pydict()


def close(some, others):
    if isinstance(some, dict):
        assert some.keys() == others.keys()
        return all(close(some[key], others[key]) for key in some)
    return some == pytest.approx(others, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("size", [1, 7, 159])
def test_merged_parts_measure_what_the_whole_does(world, columns, size):
    schema = world.run.schema
    count = len(columns["image"])
    parts = [
        Tally.of(schema, {name: each[first : first + size] for name, each in columns.items()})
        for first in range(0, count, size)
    ]
    whole, merged = Tally.of(schema, columns), reduce(add, parts)
    assert all(np.array_equal(each, merged.counts[name]) for name, each in whole.counts.items())
    assert close(whole.measures(), merged.measures())


def test_measures_are_those_of_the_card(world, columns):
    model, data = world.run.model(), world.data
    rows = data.rows("train")
    images, codes, known = (each.numpy() for each in data.batch(rows))
    known[rows % 5 == 0, 0] = False
    images, _, _ = data.batch(rows)
    scores = model.read_code(images).numpy()[:, : data.schema.named_columns]
    found = Tally.of(world.run.schema, columns).measures()
    for name, each in agreement(data.schema, scores, codes, known).items():
        mine = found["attributes"][name]
        assert mine["accuracy"] == pytest.approx(each.accuracy)
        if not np.isnan(each.balanced_accuracy):
            assert mine["balanced_accuracy"] == pytest.approx(each.balanced_accuracy)
        if each.r2 is not None:
            assert mine["r2"] == pytest.approx(each.r2, abs=1e-5)
    terms, _ = model.scored(images, model.code_from(model.read(images)))
    added = np.abs(by_attribute(model.schema, terms)).mean(axis=0)
    wanted = dict(zip(model.schema.names, added, strict=True))
    assert wanted == pytest.approx(
        {name: found["attributes"][name]["importance"] for name in wanted}, rel=1e-4
    )
    assert sum(found["variance"].values()) == pytest.approx(1, abs=1e-3)
    strange = (model.strangeness(images) > 1).float().mean().item()
    assert (found["images"], found["unlike"]) == (len(rows), pytest.approx(strange))
