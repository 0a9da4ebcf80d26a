"""The card of a table: exact sums, who decides, and whether drawn rows give training rows away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from interpretable_gan.audit.card import Card
from interpretable_gan.audit.rows import ROW_SAYS, audit_rows
from interpretable_gan.models.tables.judge import fit_judge
from interpretable_gan.models.tables.privacy import closest_share, membership
from loans import SMALL


@pytest.fixture(scope="module")
def card(loans):
    return audit_rows(loans.model, loans.data, command="igan audit run --force", by="igan audit")


def test_a_card_of_a_table_has_every_claim_and_comes_back(card, tmp_path):
    assert [claim.name for claim in card.claims] == list(ROW_SAYS)
    card.save(tmp_path / "card.json")
    assert Card.load(tmp_path) == card


def test_what_holds_by_construction_holds(card):
    assert card["decomposition"].verdict == card["locality"].verdict == "pass"
    assert card["decomposition"].by_construction
    assert card["locality"]["largest change"].value == 0


def test_figures_are_of_test_rows(card, loans):
    assert card["accurate"].measures[0].value > 0.75
    assert card["accurate"].measures[0].samples == {"rows": len(loans.data.rows("test"))}
    shares = [each.value for each in card["not vacuous"].measures]
    assert sum(shares) == pytest.approx(1)


def test_what_only_combinations_of_many_columns_tell_is_residual(loans):
    """Rows whose three numbers are all high or low by an odd rule: no column and no pair tells."""
    data, names = loans.data, loans.data.schema.names
    columns = [names.index(name) for name in ("age", "income", "debt")]
    signs = [np.where(data.cells[:, k] > np.nanmedian(data.cells[:, k]), 1, -1) for k in columns]
    chosen = np.flatnonzero(np.prod(signs, axis=0) > 0)
    splits = {name: np.intersect1d(rows, chosen) for name, rows in data.splits.items()}
    odd = fit_judge(replace(data, splits=splits), loans.model.sampler, SMALL)
    plain = fit_judge(data, loans.model.sampler, SMALL)
    rows = data.cells[data.rows("test")]
    share = [float(each.terms(rows).shares()["residual"].mean()) for each in (odd, plain)]
    assert share[0] > 2 * share[1], share
    assert float(odd.terms(rows).error()) <= 1e-5


def test_copies_are_caught_and_fresh_rows_are_not(loans):
    data, schema = loans.data, loans.data.schema
    test = data.cells[data.rows("test")]
    train = data.cells[data.rows("train")][: len(test)]
    fresh = data.cells[data.rows("validation")]
    for rows, low, high in ((train, 0.95, 1.0), (fresh, 0.4, 0.6)):
        assert low <= closest_share(schema, rows, train, test).mean() <= high
        truth, said = membership(schema, rows, train, test)
        won = (said[truth == 1][:, None] > said[truth == 0]).mean()
        assert low <= won + (said[truth == 1][:, None] == said[truth == 0]).mean() / 2 <= high
