"""Columns of rows can be set; the rest stays, or is drawn from what it then is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan.errors import SchemaError, UnknownAttributeError
from interpretable_gan.explain.row_edits import edit_rows


@pytest.fixture(scope="module")
def rows(loans):
    return loans.data.cells[loans.data.rows("test")]


def column(loans, name):
    return loans.data.schema.names.index(name)


def test_all_else_stays_and_the_prediction_moves_by_named_terms(loans, rows):
    found = edit_rows(loans.model, rows, {"age": 40, "late": None})
    age, late = column(loans, "age"), column(loans, "late")
    assert (found.cells[:, age] == 40).all()
    assert np.isnan(found.cells[:, late]).all()
    others = [k for k in range(rows.shape[1]) if k not in (age, late)]
    np.testing.assert_array_equal(found.cells[:, others], rows[:, others])
    before, after = (loans.model.head.score(torch.from_numpy(r)) for r in (rows, found.cells))
    moved = sum(found.terms.by_row().values())
    torch.testing.assert_close(moved, after - before)
    still = {n for n, each in found.terms.by_row().items() if not each.abs().max()}
    assert "income" in still
    assert "age" in found.sentence(0)


def test_what_is_drawn_anew_is_what_such_rows_have(loans, rows):
    """One column given all others, as often as the likelihood of each of its states says."""
    one = np.repeat(rows[:1], 4000, axis=0)
    work = column(loans, "work")
    found = edit_rows(loans.model, one, {}, redraw=["work"])
    others = [k for k in range(rows.shape[1]) if k != work]
    np.testing.assert_array_equal(found.cells[:, others], one[:, others])
    states = np.stack([s.encode(one[:1, k]) for k, s in enumerate(loans.model.sampler.states)], 1)
    chances = []
    for state in range(len(loans.model.sampler.states[work])):
        states[0, work] = state
        chances.append(loans.model.sampler.circuit.log_likelihood(torch.from_numpy(states)).exp())
    expected = np.array([float(each) for each in chances])
    drawn = np.bincount(
        loans.model.sampler.states[work].encode(found.cells[:, work]), minlength=len(expected)
    )
    np.testing.assert_allclose(drawn / 4000, expected / expected.sum(), atol=0.03)


def test_ranges_hold_and_the_seed_decides(loans, rows):
    first, again, other = (
        edit_rows(loans.model, rows, {"age": "30..40"}, redraw=["rest"], seed=seed).cells
        for seed in (0, 0, 1)
    )
    ages = first[:, column(loans, "age")]
    assert ((ages >= 30) & (ages <= 40)).all()
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other, equal_nan=True)


def test_nonsense_is_refused(loans, rows):
    with pytest.raises(UnknownAttributeError, match="ags"):
        edit_rows(loans.model, rows, {"ags": 40})
    with pytest.raises(SchemaError, match="'age' is set and drawn anew"):
        edit_rows(loans.model, rows, {"age": 40}, redraw=["age"])
