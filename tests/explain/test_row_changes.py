"""Changes that would be approved are possible, small, different, and judged by another model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.explain.row_changes import explain_changes, fit_judge, judge_cells
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.head_fit import fit_head
from interpretable_gan.models.tables.model import TableModel
from interpretable_gan.schema.schema import Schema
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


@pytest.fixture(scope="module", params=["income", "months"])
def numbers(loans, request):
    """A model of a number or of a count, its data, and who judges it."""
    schema = Schema(**loans.data.schema.to_dict() | {"target": request.param, "wanted": None})
    data = replace(loans.data, schema=schema)
    config = TableConfig(pairs=3, refits=2, threads=1, count=request.param == "months")
    model = TableModel(schema, config, loans.model.sampler, fit_head(data, config))
    return model, data, fit_judge(data, config)


@pytest.mark.parametrize("side", ["low", "high", "between"])
def test_ways_to_a_number_or_a_count_reach_what_was_asked(numbers, side):
    model, data, judge = numbers
    rows = data.cells[data.rows("test")]
    said = model.predict(rows).numpy()
    ends = np.quantile(said, {"low": (0.7, 1), "high": (0, 0.3), "between": (0.6, 0.8)}[side])
    goal = {"low": "{0:.2f}..", "high": "..{1:.2f}", "between": "{0:.2f}..{1:.2f}"}[side]
    row = rows[[np.argsort(said)[{"high": -40}.get(side, 40)]]]
    found = explain_changes(model, row, data, goal=goal.format(*ends), judge=judge)
    assert not found.goal.holds(np.array(found.before))
    assert found.ways
    for way, after in zip(found.ways, found.after, strict=True):
        changed = {name: [way.get(name, cell)] for name, cell in found.cells.items()}
        assert float(model.predict(changed)) == pytest.approx(after)
        assert model.schema.target not in way
    assert found.goal.holds(found.after).all()
    assert (found.verified == found.goal.holds(judge.predict(judged_rows(model, found)))).all()
    words = {"low": "or more with", "high": "or less with", "between": " to "}[side]
    assert f"{model.schema.target} is put at" in found.sentence()
    assert words in found.sentence()
    assert found.plot().width > 100
    assert explain_changes(model, row, data, goal="0..", judge=None).ways == ()


def judged_rows(model, found):
    """The rows of all ways as a judge sees them."""
    texts = {
        name: [way.get(name, cell) for way in found.ways] for name, cell in found.cells.items()
    }
    return judge_cells(model.schema, model.modality.check(texts).numpy())


@pytest.mark.parametrize("goal", [None, "5", ""])
def test_of_a_number_somebody_must_say_what_it_should_be(numbers, goal):
    model, data, _ = numbers
    with pytest.raises(SchemaError, match=r"say from where to where it should be, such as 25\.\."):
        explain_changes(model, data.cells[:1], data, goal=goal, judge=None)


def test_approval_is_no_number(loans):
    with pytest.raises(SchemaError, match="what is looked for is approval, risk = good"):
        explain_changes(loans.model, declined(loans), loans.data, goal="0.8..")
