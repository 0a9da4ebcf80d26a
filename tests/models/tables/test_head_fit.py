"""A head finds the rule of a table, adds up exactly, and keeps what was declared."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from interpretable_gan.data.applicants import PAIRS, USELESS, applicants, as_numbers, true_terms
from interpretable_gan.data.tables import open_table
from interpretable_gan.errors import DataError, SchemaError
from interpretable_gan.models.tables.config import TableConfig
from interpretable_gan.models.tables.fit import calibration_error, measure_head
from interpretable_gan.models.tables.head import AdditiveHead
from interpretable_gan.models.tables.head_fit import fit_head
from interpretable_gan.schema.schema import Schema
from loans import SMALL, aimed

pytest.importorskip("interpret", reason="the extra tables is not installed")


def rows_of(data, split="test"):
    return torch.from_numpy(data.cells[data.rows(split)])


def test_terms_add_up_to_the_score_and_see_their_columns_alone(loans):
    rows = rows_of(loans.data)
    terms = loans.model.terms(rows)
    assert float(terms.error()) <= 1e-5
    assert {part.kind for part in terms.parts} == {"single columns", "pairs of columns"}
    for part in terms.parts:
        seen = loans.model.patches(part)[:, 0]
        for number, columns in enumerate(seen):
            others = rows.clone()
            others[:, ~columns] = others[:, ~columns].roll(1, dims=0)
            again = loans.model.terms(others).parts
            same = next(each for each in again if each.kind == part.kind)
            assert torch.equal(same.values[:, number], part.values[:, number]), part.rows[number]


def test_a_head_comes_back_from_its_tensors(loans):
    head, rows = loans.model.head, rows_of(loans.data)
    again = AdditiveHead.loaded(loans.data.schema, head.tensors())
    assert torch.equal(again.score(rows), head.score(rows))
    assert again.pairs == head.pairs
    assert all(each.isfinite().all() for each in loans.model.tensors().values())


def test_the_score_is_that_of_the_library(loans, monkeypatch):
    from interpretable_gan.models.tables import head_fit

    boosters = []
    build = head_fit._booster
    monkeypatch.setattr(
        head_fit, "_booster", lambda *given: boosters.append(build(*given)) or boosters[0]
    )
    head = fit_head(loans.data, SMALL)
    schema, cells = loans.data.schema, loans.data.cells
    used = [a for a in schema.named if a.name != "risk"]
    theirs = boosters[0].decision_function(head_fit._for_booster(schema, used, cells))
    np.testing.assert_allclose(head.score(torch.from_numpy(cells)), theirs, rtol=0, atol=1e-12)


def test_useful_columns_count_more_than_useless_ones(loans):
    values = loans.model.head.values(rows_of(loans.data, "train"))
    sizes = {term: float(added.abs().mean()) for term, added in values.items()}
    most = max(sizes[name,] for name in USELESS)
    useful = [term for term in true_terms(as_numbers(applicants(10))) if len(term) == 1]
    assert all(sizes[term] > most for term in useful), sizes


@pytest.mark.long
def test_shapes_are_those_of_the_rule():
    """On more applicants: every useful column and true pair before every useless one, and shapes
    within 0.1 standard deviations of the true score."""
    data = aimed(open_table(applicants(8000)))
    head = fit_head(data, TableConfig(threads=1))
    fresh = applicants(50_000, seed=1)
    truth = true_terms(as_numbers(fresh))
    values = head.values(torch.from_numpy(open_table(fresh, schema=data.schema).cells))
    spread = sum(truth.values()).std()
    sizes = {term: float(added.abs().mean()) for term, added in values.items()}
    useless = max(size for term, size in sizes.items() if term not in truth)
    for term, true in truth.items():
        mine = values[term].numpy()
        gap = (mine - mine.mean()) - (true - true.mean())
        assert sizes[term] > useless, term
        assert gap.std() <= 0.1 * spread or term in PAIRS, term


def test_what_is_declared_holds(loans):
    data = aimed(loans.data, income={"effect": "decreasing"}, telephone={"effect": "none"})
    head = fit_head(data, SMALL.model_copy(update={"pairs": 30}))
    assert "telephone" not in {name for term in head.scores for name in term}
    assert not any("income" in pair for pair in head.pairs)
    luck = torch.Generator().manual_seed(0)
    rows = torch.from_numpy(data.cells)[torch.randint(len(data), (100_000,), generator=luck)]
    column = data.schema.names.index("income")
    less, more = rows.clone(), rows.clone()
    ends = (torch.rand(len(rows), 2, generator=luck) * 9000).sort(dim=1).values
    less[:, column], more[:, column] = ends[:, 0].double(), ends[:, 1].double()
    assert (head.score(more) <= head.score(less) + 1e-12).all()
    free = fit_head(loans.data, SMALL)
    assert (free.score(more) > free.score(less)).any()


def test_numbers_and_counts_can_be_predicted(loans):
    fields = loans.data.schema.to_dict() | {"target": "months"}
    del fields["wanted"]
    from dataclasses import replace

    data = replace(loans.data, schema=Schema(**fields))
    for config, link in ((SMALL, "identity"), (SMALL.model_copy(update={"count": True}), "log")):
        head = fit_head(data, config)
        assert head.link == link
        assert measure_head(head, data, config)["r2"]["value"] > 0.1


def test_what_cannot_be_learned_is_refused(loans):
    with pytest.raises(SchemaError, match="names no target: name one of age"):
        fit_head(open_table(loans.file), SMALL)
    few = open_table({name: cells[:30] for name, cells in loans.data.columns().items()})
    with pytest.raises(DataError, match="training rows tell 'risk' apart; a head needs 20"):
        fit_head(aimed(few), SMALL)


def test_calibration_error_has_known_answers():
    truth = np.array([0.0, 1.0] * 500)
    assert calibration_error(truth, np.full(1000, 0.5)) == pytest.approx(0)
    assert calibration_error(truth, np.full(1000, 0.9)) == pytest.approx(0.4)
    assert calibration_error(truth, truth) == 0
