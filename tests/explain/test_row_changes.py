"""Changes that would be approved are possible, small, different, and judged by another model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError
from interpretable_gan.explain.row_changes import explain_changes, fit_judge
from interpretable_gan.models.tables.model import TableModel
from loans import aimed


@pytest.fixture(scope="module")
def judge(loans):
    return fit_judge(loans.data, loans.model.config)


def declined(loans, low=0.2):
    """A row that is not approved, though not by far."""
    cells = loans.data.cells[loans.data.rows("test")]
    chance = loans.model.predict(cells)
    return cells[(chance < 0.45) & (chance > low)][:1]


def with_schema(loans, data):
    model = loans.model
    return TableModel(data.schema, model.config, model.sampler, model.head, model.references)


def test_every_way_is_approved_on_the_grid_of_the_table(loans, judge):
    row = declined(loans)
    found = explain_changes(loans.model, row, loans.data, judge=judge)
    assert found.before < 0.5
    assert len(found.ways) == 3
    for way, after in zip(found.ways, found.after, strict=True):
        changed = {name: [cell] for name, cell in found.cells.items()} | {
            name: [cell] for name, cell in way.items()
        }
        assert float(loans.model.predict(changed)) == pytest.approx(after)
        assert after >= 0.5
        for name, cell in way.items():
            assert cell in loans.data.columns()[name]
    assert len({tuple(way) for way in found.ways}) == 3
    assert "It would be approved with" in found.sentence()
    assert np.isfinite(found.judged).all()
    assert found.plot().width > 100


def test_what_cannot_change_stays_and_directions_hold(loans, judge):
    data = aimed(
        loans.data,
        age={"change": "never"},
        home={"change": "never"},
        income={"change": "up"},
        months={"change": "down"},
    )
    model, names = with_schema(loans, data), data.schema.names
    rows = loans.data.cells[loans.data.rows("test")]
    rows = rows[(model.predict(rows) < 0.5).numpy()][:15]
    seen = set()
    for row in rows:
        found = explain_changes(model, row[None], data, judge=judge)
        for way in found.ways:
            seen |= set(way)
            if "income" in way and not np.isnan(row[names.index("income")]):
                assert float(way["income"]) > row[names.index("income")]
            if "months" in way:
                assert float(way["months"]) < row[names.index("months")]
    assert not seen & {"age", "home"}
    assert {"income", "months"} & seen


def test_an_approved_row_needs_no_change(loans):
    cells = loans.data.cells
    row = cells[(loans.model.predict(cells) > 0.9).numpy()][:1]
    found = explain_changes(loans.model, row, loans.data, judge=None)
    assert found.ways == ()
    assert "approved as it is" in found.sentence()


def test_one_row_at_a_time(loans):
    with pytest.raises(DataError, match="one row at a time, but got 2"):
        explain_changes(loans.model, loans.data.cells[:2], loans.data)


def test_nothing_to_change_is_said(loans):
    fixed = {name: {"change": "never"} for name in loans.data.schema.names}
    data = replace(aimed(loans.data, **fixed))
    found = explain_changes(with_schema(loans, data), declined(loans), data, judge=None)
    assert "no change of up to 3 columns" in found.sentence()
    assert torch.isnan(torch.tensor(found.judged_before))
