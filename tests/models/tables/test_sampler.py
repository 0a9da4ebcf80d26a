"""Drawn rows are rows of the table: on its grid, within its bounds, and as asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from interpretable_gan.errors import ConfigError, SchemaError
from interpretable_gan.models.base import Conditional, sample
from interpretable_gan.models.tables.sampler import RowSampler
from interpretable_gan.models.tables.sampler_fit import measure_sampler
from interpretable_gan.models.tables.states import States
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.conditions import Condition

PRICE = Attribute(name="price", kind="continuous", range=(0, 100), decimals=2, masses=(0.0,))


@given(seed=st.integers(0, 1000), digits=st.sampled_from([0, 1, 2, 6, None]))
def test_states_hold_every_cell_and_draw_only_what_lies_between(seed, digits):
    rng = np.random.default_rng(seed)
    column = PRICE.model_copy(update={"decimals": digits, "masses": ()})
    cells = rng.gamma(1, 20, 300).round(9 if digits is None else digits)
    cells[rng.random(300) < 0.3] = 0
    cells[:5] = np.nan
    states = States.of(column, cells)
    found = states.encode(cells)
    assert (found[:5] == 0).all()
    assert (states.low[found[5:] - 1] <= cells[5:]).all()
    assert (cells[5:] <= states.high[found[5:] - 1]).all()
    again = states.draw(found, rng.random(300))
    np.testing.assert_array_equal(states.encode(again), found)
    if digits is not None:
        assert [float(f"{cell:.{digits}f}") for cell in again[5:]] == again[5:].tolist()


def test_a_range_takes_its_share_of_a_state():
    states = States(np.array([0.0, 1.0, 10.0]), np.array([0.0, 9.0, 10.0]), 1.0)
    assert states.weights(Condition(7, 30)).tolist() == [0, 0, pytest.approx(3 / 9), 1]
    assert states.weights(Condition(np.nan, np.nan)).tolist() == [1, 0, 0, 0]
    drawn = states.draw(np.full(500, 2), np.random.default_rng(0).random(500), Condition(7, 30))
    assert set(drawn) == {7, 8, 9}


def test_rows_are_as_asked_on_the_grid_and_within_bounds(loans):
    asked = {"age": "30..40", "work": "permanent", "late": None, "income": "..2000"}
    rows = sample(loans.model, 500, asked, seed=1)
    names = loans.data.schema.names
    cells = {name: rows[:, names.index(name)] for name in names}
    assert ((cells["age"] >= 30) & (cells["age"] <= 40)).all()
    assert cells["late"].isnan().all()
    assert (cells["income"] <= 2000).all()
    written = loans.model.modality.written(rows)
    assert set(written["work"]) == {"permanent"}
    assert all(len(cell.split(".")[1]) == 2 for cell in written["income"])
    known = loans.data.cells[loans.data.rows("train")]
    for name in ("months", "debt"):
        column = known[:, names.index(name)]
        assert column.min() <= cells[name].min() <= cells[name].max() <= column.max()
    assert isinstance(loans.model, Conditional)
    assert torch.equal(rows.nan_to_num(-1), sample(loans.model, 500, asked, seed=1).nan_to_num(-1))
    assert not torch.equal(rows, sample(loans.model, 500, asked, seed=2))


def test_what_goes_together_is_drawn_together(loans):
    """Long loans have more letters, though nobody asked for the letters."""
    column = loans.data.schema.names.index("letters")
    short, long = (
        float(sample(loans.model, 1000, {"months": months})[:, column].mean())
        for months in ("6..12", "60..65")
    )
    train = loans.data.cells[loans.data.rows("train")]
    months = train[:, loans.data.schema.names.index("months")]
    true = train[months >= 60, column].mean() - train[months <= 12, column].mean()
    assert long - short == pytest.approx(true, rel=0.35)


def test_what_is_rare_is_told_and_what_is_impossible_refused(loans):
    sampler = loans.model.sampler
    assert not sampler.draw(5, {"work": "none"}).is_rare
    rare = {"age": 21, "months": 65, "purpose": "business", "work": "none", "debt": "9000.."}
    assert sampler.draw(5, rare).is_rare
    with pytest.raises(SchemaError, match=r"no training row has age = 90\.\., so no row"):
        sampler.draw(5, {"age": "90..", "work": "none"})
    with pytest.raises(ConfigError, match="ask for one or more"):
        sampler.draw(0)


def test_a_sampler_comes_back_from_its_tensors(loans):
    sampler = loans.model.sampler
    again = RowSampler.loaded(loans.data.schema, sampler.tensors())
    np.testing.assert_array_equal(again.draw(50).cells, sampler.draw(50).cells)
    cells = loans.data.cells[:50]
    np.testing.assert_array_equal(again.log_likelihood(cells), sampler.log_likelihood(cells))


def test_boosted_trees_tell_shuffled_columns_but_hardly_drawn_rows(loans):
    measured = measure_sampler(loans.model.sampler, loans.data, loans.model.config)
    assert measured["rows"] == 200
    assert measured["detection_auroc"]["value"] < 0.65
    far = loans.data.cells.copy()
    far[:, loans.data.schema.names.index("age")] += 30
    from dataclasses import replace

    odd = measure_sampler(loans.model.sampler, replace(loans.data, cells=far), loans.model.config)
    assert odd["detection_auroc"]["value"] > 0.9
