"""Explanations of rows are exact, name what was decided, and give reasons in words."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from interpretable_gan.data.tables import open_table
from interpretable_gan.errors import RunError
from interpretable_gan.explain.rows import explain_rows
from interpretable_gan.models.tables.reference import Reference


@pytest.fixture(scope="module")
def explained(loans):
    return explain_rows(loans.model, loans.data.cells[loans.data.rows("test")])


def declined(explained):
    return int(np.flatnonzero(~explained.approved)[0])


def test_both_sums_are_exact(explained):
    assert explained.sum_error <= 1e-5
    rows = explained.to_rows()
    first = sum(row["value"] for row in rows if row["row"] == 0)
    assert first == pytest.approx(explained.score[0])
    assert explained.shares["named"] == pytest.approx(1)


def test_a_sentence_names_the_strongest_columns_with_their_cells(explained):
    row = declined(explained)
    sentence = explained.sentence(row)
    name, share = min(explained.totals(row).items(), key=lambda pair: pair[1])
    assert f"{name} = {explained.cells[name][row]} ({share:+.2f})" in sentence
    assert "not approved" in sentence
    assert "approved training rows" in sentence


def test_reasons_are_the_four_columns_that_count_most_against_a_row(explained):
    row = declined(explained)
    against = sorted(explained.totals(row).items(), key=lambda pair: pair[1])[:4]
    reasons = explained.reasons(row)
    assert [reason.split(" is ")[0] for reason in reasons] == [name for name, _ in against]
    assert all("(approved rows: " in reason for reason in reasons)


def test_a_missing_cell_is_a_reason_like_any_other(loans):
    table = {name: cells[:1] for name, cells in loans.data.columns().items()} | {"late": [""]}
    explained = explain_rows(loans.model, table)
    share = explained.totals()["late"]
    assert share < 0
    assert any(r.startswith("late is not known") for r in explained.reasons(count=20))
    assert "late = not known (-" in explained.sentence()


def test_the_group_can_be_chosen(loans):
    cells = loans.data.cells[:3]
    everyone = explain_rows(loans.model, cells, against="all")
    approved = explain_rows(loans.model, cells)
    assert everyone.reference_score < approved.reference_score
    own = Reference.of(loans.model.head, torch.from_numpy(cells), "three")
    assert explain_rows(loans.model, cells, against=own).shares_of_columns.mean(0) == pytest.approx(
        0, abs=0.2
    )
    with pytest.raises(RunError, match="Did you mean 'approved'"):
        explain_rows(loans.model, cells, against="aproved")


def test_rows_may_lack_the_target_and_come_as_a_frame(loans):
    import pandas

    frame = pandas.read_csv(loans.file).head(5)
    frame["work"] = frame["work"].fillna("none")
    with_target = explain_rows(loans.model, frame)
    without = explain_rows(loans.model, frame.drop(columns="risk"))
    np.testing.assert_array_equal(with_target.score, without.score)


def test_it_is_told_as_json_and_drawn(explained):
    told = json.loads(explained.to_json())
    assert told["target"] == "risk"
    assert len(told["reasons"]) == len(explained)
    assert explained.plot(0).width > 200


def test_without_a_target_nothing_is_explained(loans):
    from interpretable_gan.models.tables.model import TableModel

    model = TableModel(loans.data.schema, loans.model.config, loans.model.sampler)
    with pytest.raises(RunError, match="igan train SOURCE --target COLUMN"):
        explain_rows(model, loans.data.cells[:2])


def test_a_number_is_put_at_a_value(loans):
    from dataclasses import replace

    from interpretable_gan.models.tables.head_fit import fit_head
    from interpretable_gan.models.tables.model import TableModel
    from interpretable_gan.schema.schema import Schema
    from loans import SMALL

    data = open_table(loans.file)
    data = replace(data, schema=Schema(**(data.schema.to_dict() | {"target": "months"})))
    head = fit_head(data, SMALL)
    everyone = Reference.of(head, torch.from_numpy(data.cells[data.rows("train")]), "all")
    model = TableModel(data.schema, SMALL, loans.model.sampler, head, {"all": everyone})
    explained = explain_rows(model, data.cells[:2])
    assert "months is put at" in explained.sentence()
    assert "all 1,600 training rows" in explained.sentence()
